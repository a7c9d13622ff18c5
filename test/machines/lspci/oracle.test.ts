import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { ACS_OFF, type Topology, topologyFaults } from "../../../fabric/topology.ts";
import { endpoints } from "../../../machines/endpoints.ts";
import { importLspci } from "../../../machines/lspci.ts";
import { ONE_SWITCH } from "../../../machines/presets/one-switch.ts";
import { imported } from "../fixture.ts";
import { bottleneckOf, chainOf, pairOf, redirectsOf, relationOf } from "./path.ts";

const DATA = new URL("../../../../shared/data/", import.meta.url);
const HGX = "inputs/lspci/gpud-hgx-h100-dell-xe9680.lspci-vvv.txt.gz";
const QEMU = "kernel/machine-mf.lspci-vvv.txt";

/** Real dumps are not the project's to redistribute: where they are absent, these tests are skipped. */
const here = existsSync(DATA);
const NEEDS = here ? "" : " (skipped: ../shared/data is absent)";

/** Stands for what cannot be read; no test looks at it. */
const NOTHING = ONE_SWITCH.topology();

function read(path: string): string {
  const bytes = readFileSync(new URL(path, DATA));
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

describe.skipIf(!here)(`A server with eight H100${NEEDS}`, () => {
  const hgx = here ? imported(read(HGX)) : NOTHING;
  const count = (role: string): number => endpoints(hgx).filter((each) => each.role === role).length;

  test("has its eight GPUs, all with NVLink, eight drives, fourteen network functions and nine switches", () => {
    expect([count("gpu"), count("nvme"), count("nic"), count("capture")]).toEqual([8, 8, 14, 0]);
    expect(endpoints(hgx).filter(({ nvlink }) => nvlink)).toHaveLength(8);
    expect(hgx.functions.filter(({ kind }) => kind === "upstream-port")).toHaveLength(9);
  });

  test("has twelve host bridges of 8086:09a2 on two sockets", () => {
    expect(hgx.platform).toBe("xeon-sp");
    expect(hgx.hostBridges.map(({ identity }) => identity)).toEqual(Array(12).fill("8086:09a2"));
    expect(hgx.sockets.map(({ id }) => id)).toEqual([0, 1]);
    expect(hgx.hostBridges.filter(({ socket }) => socket === 0).map(({ id }) => id)).toEqual([
      ...["0000:00", "0000:15", "0000:37", "0000:48", "0000:59", "0000:6a"],
    ]);
  });

  test("gives a GPU its link, its sizes and its 128 GiB window", () => {
    const gpu = endpoints(hgx).find(({ id }) => id === "0000:19:00.0");
    expect(gpu).toMatchObject({ link: { generation: 5, width: 16 }, maxPayload: 256, maxReadRequest: 4096, tags: 256 });
    expect(gpu?.bars).toContainEqual({ index: 2, base: 0x210000000000, size: 2 ** 37, prefetchable: true });
  });

  test("warns of NVLink, of the memory and of what is left out, and of nothing else", () => {
    expect(hgx.warnings).toEqual([
      expect.stringContaining("64 GiB for each socket"),
      expect.stringContaining("NVLink"),
      expect.stringContaining("1 conventional PCI function"),
    ]);
  });
});

describe.skipIf(!here)(`The emulated machine that the kernel's verdicts were recorded on${NEEDS}`, () => {
  const qemu = here ? imported(read(QEMU)) : NOTHING;

  test("nests a switch below a switch, and has an integrated drive and a second host bridge", () => {
    expect(chainOf(qemu, "0000:07:00.0").map(({ id }) => id)).toEqual(
      ["07:00.0", "06:00.0", "05:00.0", "02:02.0", "01:00.0", "00:02.0"].map((id) => `0000:${id}`),
    );
    expect(qemu.functions.find(({ id }) => id === "0000:00:1e.0")).toMatchObject({ role: "nvme", parent: "0000:00" });
    expect(qemu.hostBridges).toEqual([
      { id: "0000:00", socket: 0, identity: "8086:29c0" },
      // The kernel takes the root port at 80:00.0 for its identity; without -nn the text does not tell its number.
      { id: "0000:80", socket: 0 },
    ]);
  });

  test("has every device that the kernel gave a verdict on", () => {
    const judged = new Set(verdicts().map(({ provider }) => provider));
    const known = new Set(endpoints(qemu).map(({ id }) => id));
    expect([...judged].filter((id) => !known.has(id))).toEqual([]);
  });

  test("has ACS, all off, on its root ports, and none on its switches", () => {
    for (const { kind, acs } of qemu.functions) expect(acs).toEqual(kind === "root-port" ? ACS_OFF : undefined);
  });

  test("has links of 2.5 GT/s x1 but where QEMU claims x32, and warns of both fictions", () => {
    const links = qemu.functions.flatMap(({ link }) => (link ? [`${link.generation}x${link.width}`] : []));
    expect(new Set(links)).toEqual(new Set(["1x1", "4x16"]));
    expect(qemu.warnings).toContainEqual(expect.stringContaining("virtual machine"));
    expect(qemu.warnings).toContainEqual(expect.stringMatching(/^0000:09:00\.0, 0000:81:00\.0: .* x16/));
  });
});

describe.skipIf(!here)(`Every real lspci -vvv${NEEDS}`, () => {
  const texts = here ? readdirSync(new URL("inputs/lspci/", DATA)).filter((each) => /vvv/.test(each)) : [];

  test.each(texts)("%s is a machine, or is refused with a remedy", (name) => {
    const answer = importLspci(read(`inputs/lspci/${name}`), name);
    if (Array.isArray(answer)) {
      expect(name).toMatch(/noroot|selected/);
      expect(answer).toHaveLength(1);
    } else expect(topologyFaults(answer)).toEqual([]);
  });
});

/**
 * Two rows name Matrox graphics of a BMC behind a PCIe-to-PCI bridge (0a:00.0, 03:00.0): conventional PCI, which the importer leaves
 * out with a warning, so there is nothing to compare. One row has no bottleneck, for a hypervisor's root bus has no links.
 */
const LEFT_OUT: readonly string[] = ["0000:0a:00.0", "0000:03:00.0"];

const rows = here ? truth().filter(({ file }) => /^lspci\/.*vvv/.test(file)) : [];
const machines = new Map<string, Topology>();

describe.skipIf(!here)(`Relations, bottlenecks and ACS redirects found by an independent script${NEEDS}`, () => {
  const comparable = rows.filter((row) => endsOf(row).every((id) => machineHas(row, id)));

  test("can be compared in all rows but those with conventional devices", () => {
    const others = rows.filter((row) => !comparable.includes(row));
    expect(comparable.length + others.length).toBe(rows.length);
    for (const row of others) expect(LEFT_OUT).toContain(endsOf(row).find((id) => !machineHas(row, id)));
    expect([comparable.length, others.length]).toEqual([34, 2]);
  });

  test.each(comparable)("$file: $dev_a to $dev_b", (row) => {
    const pair = pairOf(machineOf(row), row.dev_a, row.dev_b);
    expect(relationOf(pair)).toBe(row.relation);
    expect(redirectsOf(pair)).toBe(row.acs_redirect);
    expect(bottleneckOf(pair)?.toFixed(3) ?? "").toBe(row.bottleneck_GBps);
  });
});

/** The columns that a Topology can be compared with. */
interface Row {
  readonly file: string;
  readonly dev_a: string;
  readonly dev_b: string;
  readonly relation: string;
  readonly acs_redirect: string;
  readonly bottleneck_GBps: string;
}

interface Verdict {
  readonly provider: string;
}

function truth(): readonly Row[] {
  return parse<Row>(read("inputs/truth.csv"), { columns: true });
}

function verdicts(): readonly Verdict[] {
  return parse<Verdict>(read("kernel/machine-mf.verdicts.csv"), { columns: true, delimiter: ";" });
}

function machineOf({ file }: Row): Topology {
  const machine = machines.get(file) ?? imported(read(`inputs/${file}`), file);
  machines.set(file, machine);
  return machine;
}

const endsOf = (row: Row): readonly string[] => [row.dev_a, row.dev_b];

const machineHas = (row: Row, id: string): boolean => machineOf(row).functions.some((each) => each.id === id);
