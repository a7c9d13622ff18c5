import type { Case, CaseLink, CaseMachine } from "../../calibration/cases/case.ts";

/**
 * What one would say without a simulator. Two models on the same rows: nine tenths of the slowest link, and the equations of
 * pcie-model (Neugebauer et al., SIGCOMM 2018), which know packet sizes and DLLPs. Neither knows latency: for one operation at a
 * time they say how long its bytes take. Where a row is about no link, they say nothing.
 */

interface Stream {
  readonly from: string;
  readonly to: string;
  readonly by: "write" | "read" | "read and write";
}

/** What a model lets one stream of `size`-byte operations have of a link, in bytes per second. */
type LinkModel = (link: CaseLink, by: Stream["by"], size: number, machine: CaseMachine) => number;

export const ninetyPercent = (subject: Case): number | undefined => answer(subject, (link) => 0.9 * rawRate(link));

export const pcieModel = (subject: Case): number | undefined =>
  answer(subject, (link, by, size, machine) =>
    effectiveRate(link, by, size, machine.max_payload ?? DEFAULT_PAYLOAD, machine.max_read_request ?? DEFAULT_REQUEST),
  );

const DEFAULT_PAYLOAD = 256;
const DEFAULT_REQUEST = 512;

/** Transfers per second and lane, and the share that encoding leaves (PCIe 5.0, 4.2). */
const LANES: Readonly<Record<CaseLink["generation"], number>> = {
  1: 2.5e9 * 0.8,
  2: 5e9 * 0.8,
  3: (8e9 * 128) / 130,
  4: (16e9 * 128) / 130,
  5: (32e9 * 128) / 130,
};

/** Bytes per second on the wire. */
export const rawRate = ({ generation, width }: CaseLink): number => ((LANES[generation] ?? 0) * width) / 8;

/** The equations: headers of 24 B on requests and 20 B on completions, and what DLLPs and SKPs take. */
export function effectiveRate(
  link: CaseLink,
  by: Stream["by"],
  size: number,
  maxPayload: number,
  maxReadRequest: number,
): number {
  const left = rawRate(link) * (1 - (2 * DLLP_BYTES) / ackLimit(link, maxPayload) - SKP_SHARE);
  const sent = size + 24 * Math.ceil(size / maxPayload);
  const answered = size + 20 * Math.ceil(size / maxPayload);
  const asked = 24 * Math.ceil(size / maxReadRequest);
  if (by === "write") return (left * size) / sent;
  if (by === "read") return (left * size) / Math.max(answered, asked);
  return (left * size) / Math.max(sent + asked, answered);
}

const DLLP_BYTES = 8;
const SKP_SHARE = 4 / 1538;

/** Symbol times between two acknowledgements (PCIe 3.0, tables 3-7 and 3-9): the model takes it for flow control, too. */
function ackLimit({ generation, width }: CaseLink, maxPayload: number): number {
  const delay = generation === 1 ? 19 : generation === 2 ? 70 : 115;
  return Math.floor(((maxPayload + 28) * ackFactor(width, maxPayload)) / width + delay);
}

function ackFactor(width: number, maxPayload: number): number {
  if (maxPayload >= 512) return width <= 8 ? 1 : 2;
  if (width <= 4) return 1.4;
  return width <= 8 ? 2.5 : 3;
}

function answer(subject: Case, model: LinkModel): number | undefined {
  const { machine, metric } = subject;
  if (machine === undefined || (metric !== "bandwidth" && metric !== "latency")) return undefined;
  const streams = streamsOf(subject);
  const { operation } = subject;
  if (streams.length === 0 || !("size" in operation)) return undefined;
  const rate = rateOf(streams, machine, (link, by) => model(link, by, operation.size, machine));
  return metric === "latency" ? (operation.size * 1e9) / rate : rate;
}

function streamsOf({ operation }: Case): readonly Stream[] {
  switch (operation.kind) {
    case "dma": {
      const memory = `memory ${operation.memory}`;
      const by = operation.access === "write then read" ? "read" : operation.access;
      return by === "read"
        ? [{ from: memory, to: operation.device, by }]
        : [{ from: operation.device, to: memory, by }];
    }
    case "flows":
      return operation.flows;
    case "ping-pong":
      return [{ from: operation.between[0], to: operation.between[1], by: "write" }];
    case "staged copy": {
      const { from, to, both_ways } = operation;
      const there: Stream = { from, to, by: "write" };
      return both_ways ? [there, { from: to, to: from, by: "write" }] : [there];
    }
    case "storage":
      return operation.drives.map((drive) =>
        operation.access === "read"
          ? { from: drive, to: operation.with, by: "write" }
          : { from: operation.with, to: drive, by: "read" },
      );
    case "cpu copy":
      return operation.access === "store"
        ? [{ from: "memory 0", to: operation.device, by: "write" }]
        : [{ from: operation.device, to: "memory 0", by: "read" }];
    case "rdma":
      return [
        { from: operation.from, to: operation.adapters[0], by: "read" },
        { from: operation.adapters[1], to: operation.to, by: "write" },
      ];
    default:
      return [];
  }
}

interface Step {
  /** A link and its direction: streams that share both share its rate. */
  readonly name: string;
  readonly link: CaseLink;
}

/** Every stream gets its share of its slowest link. */
function rateOf(
  streams: readonly Stream[],
  machine: CaseMachine,
  rate: (link: CaseLink, by: Stream["by"]) => number,
): number {
  const paths = streams.map((stream) => ({ stream, steps: stepsOf(stream, machine) }));
  const sharers = new Map<string, number>();
  for (const { steps } of paths) for (const { name } of steps) sharers.set(name, (sharers.get(name) ?? 0) + 1);
  return paths.reduce(
    (sum, { stream, steps }) =>
      sum + Math.min(...steps.map(({ name, link }) => rate(link, stream.by) / (sharers.get(name) ?? 1))),
    0,
  );
}

function stepsOf({ from, to }: Stream, machine: CaseMachine): readonly Step[] {
  const [up, down] = [above(from, machine), above(to, machine)];
  const common = new Set(up.map(({ name }) => name).filter((name) => down.some((each) => each.name === name)));
  const own = (steps: readonly Step[], direction: string): readonly Step[] =>
    steps.flatMap(({ name, link }) => (common.has(name) ? [] : [{ name: `${name} ${direction}`, link }]));
  return [...own(up, "up"), ...own(down, "down")];
}

type Hung = Pick<CaseMachine["devices"][string], "link" | "below">;

/** The links from an end up to its root port. */
function above(end: string, machine: CaseMachine): readonly Step[] {
  const steps: Step[] = [];
  let name = end;
  for (let hung: Hung | undefined = machine.devices[end]; hung !== undefined; hung = machine.switches?.[name]) {
    steps.push({ name, link: hung.link });
    if (!("switch" in hung.below)) break;
    name = hung.below.switch;
  }
  return steps;
}
