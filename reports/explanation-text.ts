import type {
  ExplainedDirection,
  ExplainedMechanism,
  ExplainedWire,
  Explanation,
  PathStep,
  Remedy,
} from "../record/explanation.ts";
import { printBytes } from "../sim/units.ts";
import { columnLines } from "./columns.ts";
import { numeral, plain } from "./numeral.ts";
import { groupBy } from "./order.ts";
import { pathLines } from "./path-lines.ts";
import { quantity } from "./quantity.ts";
import { wrap } from "./text-width.ts";

/** Terminals are this wide at least where explanations are read. */
const WIDTH = 120;

/** An explanation for a terminal: plain text in sections, none of which is left out; ends with a newline. */
export function explanationText(explanation: Explanation): string {
  const { settings, directions } = explanation;
  const sections: readonly (readonly [string, readonly string[]])[] = [
    [titleOf(explanation), pathLines(explanation.path, WIDTH)],
    ["Between the two", facts(explanation)],
    [`What Linux ${settings.kernel} says, and what the wire does`, directions.flatMap((each) => directionLines(each))],
    [`How proposals end, in Linux ${settings.mechanism_kernel}`, mechanismLines(explanation)],
    ["What would help", remedyLines(explanation)],
  ];
  return sections
    .map(([title, lines]) => [title, ...lines, ""].map((line) => `${line}\n`).join(""))
    .join("")
    .trimEnd()
    .concat("\n");
}

function titleOf({ from, to, machine, settings }: Explanation): string {
  const { iommu, acs } = settings;
  return plain(`${from.name} (${from.id}) and ${to.name} (${to.id}) on ${machine}; IOMMU ${iommu}, ACS ${acs}`);
}

/** Broken at blanks; what follows the first line stands deeper. */
function paragraph(text: string, indent: string = "  "): readonly string[] {
  const lines = wrap(plain(text), (line) => [...line].length <= WIDTH - indent.length - 2);
  return lines.map((line, place) => `${indent}${place === 0 ? "" : "  "}${line}`);
}

const gigabytes = (bytesPerSecond: number): string => `${numeral(bytesPerSecond * 1e-9)} GB/s`;

function facts({ path, reach, acs, host_bridges, iommu_groups, root_complex, nvlink }: Explanation): readonly string[] {
  const { bottleneck, links, links_crossed_twice, switches, max_payload_bytes, max_payload_note } = reach;
  const narrowest = bottleneck
    ? `narrowest link: gen${bottleneck.generation} x${bottleneck.width} above ${bottleneck.at}, ${gigabytes(bottleneck.raw_bytes_per_s)} raw, ${gigabytes(bottleneck.payload_bytes_per_s)} of payload in packets of ${max_payload_bytes} B, each with ${bottleneck.packet_overhead_bytes} B of framing and header`
    : "no link: both are in the root complex";
  const assumed = `not known whether an IOMMU ran when it was made; assumed ${acs.dump_iommu === "on" ? "that one did" : "that none did"}`;
  const dump = acs.known ? "an IOMMU ran when it was made" : assumed;
  const bridges = host_bridges.map(
    ({ id, socket, identity, words }) => `host bridge ${id} (${identity ?? "no ids"}, socket ${socket}): ${words}`,
  );
  const groups = iommu_groups.of_from.join() === iommu_groups.of_to.join() ? "one group" : "two groups";
  const exist = iommu_groups.exist ? groups : `none without an IOMMU; with these bits, ${groups}`;
  const climbed = links_crossed_twice > 0 ? `, ${counted(links_crossed_twice, "link")} more up and down again` : "";
  return [
    `${counted(links, "link")}${climbed}, ${counted(switches, "switch", "switches")}; ${narrowest}`,
    `MPS ${max_payload_bytes} B${max_payload_note ? `: ${max_payload_note}` : ""}`,
    `ACS bits: ${acs.in_effect}. The machine as given: ${dump}: ${acs.why}`,
    ...bridges,
    `root complex: ${root_complex.title}, ${root_complex.year}: forwards writes ${root_complex.forwards_writes}${atMost(root_complex.writes_ceiling)}, reads ${root_complex.forwards_reads}${atMost(root_complex.reads_ceiling)}`,
    `IOMMU groups: ${exist}: ${iommu_groups.words}, by Linux's rule without quirks; ${isolation(path)}`,
    ...(nvlink ? [nvlink] : []),
  ].flatMap((line) => paragraph(line));
}

const atMost = (rate: number | null): string => (rate === null ? "" : ` at no more than ${quantity(rate, "By/s")}`);

const counted = (count: number, one: string, many: string = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Which ports on the way isolate what is below them from peers, by Linux's rule. */
function isolation(path: readonly PathStep[]): string {
  const ports = path.filter(({ kind, isolates }) => kind !== "endpoint" && isolates !== null);
  const ids = (isolating: boolean): string =>
    ports
      .filter(({ isolates }) => isolates === isolating)
      .map(({ id }) => id)
      .join(", ") || "none";
  return ports.length === 0 ? "no port is on the way" : `ports that isolate: ${ids(true)}; that do not: ${ids(false)}`;
}

function directionLines({
  initiator,
  target,
  verdict,
  no_verdict,
  wire,
  differ,
}: ExplainedDirection): readonly string[] {
  const said = verdict
    ? `kernel: ${verdict.map_type}, distance ${verdict.distance}: ${verdict.because}`
    : `no verdict: ${no_verdict}`;
  return [
    ...paragraph(`${initiator} into the memory of ${target}`),
    ...[said, ...wire.flatMap(wireLines), ...differ.map((each) => `they differ: ${each}`)].flatMap((line) =>
      paragraph(line, "    "),
    ),
  ];
}

/** Packets that do the same share a line. */
function wireLines({ addressing, write, read_request, read_completion }: ExplainedWire): readonly string[] {
  const packets = [
    { what: "write", way: write },
    { what: "read request", way: read_request },
    ...(read_request.turn === "rejected" ? [] : [{ what: "completion", way: read_completion }]),
  ];
  return [...groupBy(packets, ({ way }) => way.words)].map(([words, group]) => {
    const consequences = new Set(group.flatMap(({ way }) => way.consequence ?? []));
    const noticed = consequences.size > 0 ? ` (${[...consequences].join("; ")})` : "";
    return `wire, by ${addressing}: ${group.map(({ what }) => what).join(", ")}: ${words}${noticed}`;
  });
}

function mechanismLines({ from, to, mechanisms, no_workload, settings }: Explanation): readonly string[] {
  if (no_workload) return paragraph(no_workload);
  const header = ["proposal/form", "provenance", "workload", "from", "status", "GB/s", "p50 us", "basis"];
  const rows = mechanisms.map(mechanismRow);
  const table = columnLines([header, ...rows], ["left", "left", "left", "left", "left", "right", "right", "left"]);
  const { request_bytes, total_bytes, queue_depth } = settings;
  return [
    ...table.map((line) => `  ${line}`),
    ...paragraph(
      `requests of ${printBytes(request_bytes)}, ${queue_depth} at a time, ${printBytes(total_bytes)} in all; p2peval run goes on for longer`,
    ),
    ...(from.role === to.role ? paragraph("for the way back, name the two the other way round") : []),
    ...grouped(mechanisms, ({ status, reason }) => `${status}: ${reason}`),
    ...grouped(mechanisms, ({ nearest_measurement }) =>
      nearest_measurement === null ? "" : `nearest measurement: ${nearest_measurement}`,
    ),
  ];
}

function mechanismRow(each: ExplainedMechanism): readonly string[] {
  const { proposal, form, provenance, workload, from, status, throughput_bytes_per_s, latency_p50_ns, basis } = each;
  return [
    plain(`${proposal}/${form}`),
    provenance,
    plain(workload),
    from,
    status,
    throughput_bytes_per_s === null ? "-" : numeral(throughput_bytes_per_s * 1e-9),
    latency_p50_ns === null ? "-" : numeral(latency_p50_ns * 1e-3),
    basis ?? "-",
  ];
}

/** One paragraph for each thing that is said, with those it is said of. */
function grouped(
  mechanisms: readonly ExplainedMechanism[],
  said: (each: ExplainedMechanism) => string,
): readonly string[] {
  return [...groupBy(mechanisms, said)].flatMap(([words, group]) => {
    if (words === "") return [];
    const all = group.length === mechanisms.length;
    const who = [...new Set(group.map(({ proposal, form, workload }) => `${proposal}/${form} ${workload}`))].join(", ");
    return paragraph(all ? words : `${words} [${who}]`);
  });
}

function remedyLines({ remedies, without_effect, needs_remedy, no_workload }: Explanation): readonly string[] {
  const idle = without_effect.map((each) => `without effect: ${each}`);
  const nothing = needs_remedy
    ? "nothing that p2peval knows to try does better than this"
    : "nothing needs to: all of it turns in a switch, and the kernel allows it";
  const none = remedies.length === 0 && no_workload === null ? [nothing] : [];
  return [...remedies.flatMap(linesOf), ...[...none, ...idle].flatMap((line) => paragraph(line))];
}

const linesOf = ({ what, how, changes, gives_up }: Remedy): readonly string[] => [
  ...paragraph(what),
  ...[...how, ...changes, ...gives_up.map((each) => `gives up: ${each}`)].flatMap((line) => paragraph(line, "    ")),
];
