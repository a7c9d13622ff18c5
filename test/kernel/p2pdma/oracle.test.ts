import { existsSync, readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { describe, expect, test } from "vitest";
import { chainOf, type PciDev } from "../../../fabric/hierarchy.ts";
import type { Acs, Topology } from "../../../fabric/topology.ts";
import { type Boot, mapTypeOf } from "../../../kernel/p2pdma/map-type.ts";
import { verdict } from "../../../kernel/p2pdma/verdict.ts";
import { endpoints } from "../../../machines/endpoints.ts";
import { ONE_SWITCH } from "../../../machines/presets/one-switch.ts";
import { imported } from "../../machines/fixture.ts";
import { devOf, hierarchiesIn } from "./fixture.ts";

/**
 * What a real Linux 6.12 decided, over synthetic hierarchies and over the devices of an emulated machine. Agreement is counted class by
 * class, since always answering THRU_HOST_BRIDGE would agree with nearly three quarters of all.
 */
const DATA = new URL("../../../../shared/data/kernel/", import.meta.url);
const here = existsSync(DATA);
const NEEDS = here ? "" : " (skipped: ../shared/data is absent)";
const read = (name: string): string => readFileSync(new URL(name, DATA), "utf8");

/** A recorded verdict over two functions of a hierarchy. */
interface Recorded {
  readonly topology: string;
  readonly cpu: "generic" | "amd-zen";
  readonly iommu: "off" | "on";
  readonly provider: string;
  readonly client: string;
  readonly map_type: string;
  readonly distance: string;
}

const bootOf = ({ cpu, iommu }: Recorded): Boot => ({
  kernel: "6.12",
  cpuIsZen: cpu === "amd-zen",
  iommu: iommu === "on",
});

/** What kind of case it is, told from the tree and the registers alone: the way between the two, and what redirects on it. */
function caseOf(provider: PciDev, client: PciDev, { cpu, iommu }: Recorded): string {
  const up = chainOf(provider);
  const down = chainOf(client);
  const common = up.find((each) => down.includes(each));
  const root = cpu === "amd-zen" ? "Zen" : provider.hostBridge === client.hostBridge ? "one bridge" : "two bridges";
  if (common === undefined) return `no common bridge, ${endsOf(up, down)}; ${root}`;
  const way = [...up.slice(0, up.indexOf(common) + 1), ...down.slice(0, down.indexOf(common))];
  const [first, ...more] = [...new Set(way.flatMap(redirectIn))].sort();
  if (first !== undefined)
    return `${[first, ...more].join("+")} ${placeOf(way.filter(isRedirecting), common)}; ${root}`;
  const capable = way.some(({ acs }) => acs);
  return capable && iommu === "on"
    ? `ACS that the IOMMU driver sets; ${root}`
    : `turned, ${turnOf(up.indexOf(common) + down.indexOf(common))}`;
}

const BITS: readonly (readonly [keyof Acs, string])[] = [
  ["requestRedirect", "RR"],
  ["completionRedirect", "CR"],
  ["egressControl", "EC"],
];

const redirectIn = ({ acs }: PciDev): readonly string[] =>
  BITS.flatMap(([bit, name]) => (acs?.control[bit] ? [name] : []));

const isRedirecting = (dev: PciDev): boolean => redirectIn(dev).length > 0;

const placeOf = (redirecting: readonly PciDev[], common: PciDev): string => {
  if (redirecting.every((each) => each === common)) return "at the common bridge alone";
  return redirecting.length === 1 ? "at one port or end" : "at several";
};

const turnOf = (distance: number): string => {
  if (distance === 2) return "functions below one port";
  return distance === 4 ? "one switch" : "several switches";
};

const endsOf = (up: readonly PciDev[], down: readonly PciDev[]): string =>
  up.length === 1 || down.length === 1 ? "integrated end" : "two root ports";

interface Tally {
  all: number;
  agree: number;
}

describe.skipIf(!here)(`Linux 6.12's verdicts over synthetic hierarchies${NEEDS}`, () => {
  const hierarchies = here ? hierarchiesIn(read("topologies.csv")) : [];
  const recorded: readonly Recorded[] = here ? parse<Recorded>(read("verdicts.csv"), { columns: true }) : [];

  /** Agreement of a rule with what was recorded, by map type and case. */
  function tallies(answer: (provider: PciDev, client: PciDev, boot: Boot) => string): ReadonlyMap<string, Tally> {
    const counts = new Map<string, Tally>();
    for (const each of recorded) {
      const provider = devOf(each.topology, each.provider, hierarchies);
      const client = devOf(each.topology, each.client, hierarchies);
      const name = `${each.map_type}: ${caseOf(provider, client, each)}`;
      const tally = counts.get(name) ?? { all: 0, agree: 0 };
      counts.set(name, tally);
      tally.all += 1;
      if (answer(provider, client, bootOf(each)) === `${each.map_type}/${each.distance}`) tally.agree += 1;
    }
    return new Map([...counts].sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  const table = (counts: ReadonlyMap<string, Tally>): string =>
    [...counts].map(([name, { all, agree }]) => `${`${agree}/${all}`.padStart(11)}  ${name}`).join("\n");

  const ours = tallies((provider, client, boot) => {
    const { mapType, distance } = mapTypeOf(provider, client, boot);
    return `${mapType}/${distance}`;
  });

  test("are ours, map type and distance, in every class", () => {
    console.info(`Agreement with Linux 6.12 by class:\n${table(ours)}`);
    const disagreeing = [...ours].filter(([, { all, agree }]) => agree < all);
    expect(disagreeing).toEqual([]);
    expect([...ours.values()].reduce((sum, { agree }) => sum + agree, 0)).toBe(19_376);
  });

  test("are of many classes, each of the three bits alone, the common bridge and both counts of host bridges among them", () => {
    const classes = [...ours.keys()].join("\n");
    for (const each of ["RR at", "CR at", "EC at", "at the common bridge alone", "IOMMU driver", "two bridges"])
      expect(classes).toContain(each);
    for (const type of ["BUS_ADDR", "THRU_HOST_BRIDGE", "NOT_SUPPORTED"]) expect(classes).toContain(`${type}: `);
    expect(ours.size).toBeGreaterThan(30);
  });

  test("are not agreed with by a rule that always answers THRU_HOST_BRIDGE, however many it guesses", () => {
    const always = tallies(
      (provider, client, boot) => `THRU_HOST_BRIDGE/${mapTypeOf(provider, client, boot).distance}`,
    );
    const right = [...always.values()].reduce((sum, { agree }) => sum + agree, 0);
    expect(right / recorded.length).toBeGreaterThan(0.7);
    for (const [name, { agree }] of always) if (!name.startsWith("THRU_HOST_BRIDGE")) expect(agree).toBe(0);
  });
});

/** Columns of the recorded machine: what was booted. `noredir` is pci=disable_acs_redir, which takes RR, CR and EC away again. */
const MACHINE_BOOTS: Readonly<Record<string, Boot>> = {
  "m-qemu64-noiommu": { kernel: "6.12", cpuIsZen: false, iommu: false },
  "m-epyc-noiommu": { kernel: "6.12", cpuIsZen: true, iommu: false },
  "m-qemu64-vtd": { kernel: "6.12", cpuIsZen: false, iommu: true },
  "m-qemu64-vtd-pt": { kernel: "6.12", cpuIsZen: false, iommu: true },
  "m-qemu64-vtd-noredir": { kernel: "6.12", cpuIsZen: false, iommu: false },
  "m-epyc-vtd": { kernel: "6.12", cpuIsZen: true, iommu: true },
};

describe.skipIf(!here)(`Linux 6.12's verdicts over an emulated machine's devices${NEEDS}`, () => {
  const recorded: readonly Readonly<Record<string, string>>[] = here
    ? parse<Record<string, string>>(read("machine-mf.verdicts.csv"), { columns: true, delimiter: ";" })
    : [];
  const machine = here ? imported(read("machine-mf.lspci-vvv.txt")) : ONE_SWITCH.topology();
  const smaller = here ? imported(read("machine-noiommu.lspci-vvv.txt")) : ONE_SWITCH.topology();

  const disagreements = (topology: Topology, column: string, boot: Boot): readonly string[] => {
    const known = new Set(endpoints(topology).map(({ id }) => id));
    return recorded.flatMap((row) => {
      const { provider = "", client = "" } = row;
      if (!known.has(provider) || !known.has(client)) return [];
      const { mapType, distance } = verdict(topology, provider, client, boot);
      const told = `${mapType}/${distance}`;
      return told === row[column] ? [] : [`${provider} ${client}: ${told}, not ${row[column]}`];
    });
  };

  test.each(Object.entries(MACHINE_BOOTS))("are ours when booted as %s", (column, boot) => {
    expect(disagreements(machine, column, boot)).toEqual([]);
  });

  test("are over 144 pairs, of all three types under one boot or another", () => {
    expect(recorded).toHaveLength(144);
    const types = new Set(
      recorded.flatMap((row) => Object.keys(MACHINE_BOOTS).map((name) => row[name]?.split("/")[0])),
    );
    expect([...types].sort()).toEqual(["BUS_ADDR", "NOT_SUPPORTED", "THRU_HOST_BRIDGE"]);
  });

  test.each(["m-qemu64-noiommu", "m-epyc-noiommu"])(
    "are ours on the smaller machine without an IOMMU too: %s",
    (column) => {
      const boot = MACHINE_BOOTS[column];
      expect(endpoints(smaller).length).toBeGreaterThan(8);
      expect(boot && disagreements(smaller, column, boot)).toEqual([]);
    },
  );

  test("rest on a host bridge whose ids are told from its name as lspci -nn tells them", () => {
    const [first] = read("machine-mf.lspci-nn.txt").split("\n");
    expect(first).toContain(`[${machine.hostBridges[0]?.identity}]`);
  });
});
