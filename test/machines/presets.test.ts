import { describe, expect, test } from "vitest";
import { PLATFORMS } from "../../calibration/platforms.ts";
import { ACS_LINUX, ACS_OFF, type Bar, type Topology, topologyFaults } from "../../fabric/topology.ts";
import { endpoints } from "../../machines/endpoints.ts";
import { PRESETS } from "../../machines/presets.ts";

const TIB = 2 ** 40;
const GIB = 2 ** 30;

describe.each([...PRESETS.values()])("The preset $name", (preset) => {
  const machine = preset.topology();

  test("is a machine, under its own name and with a year in its title", () => {
    expect(topologyFaults(machine)).toEqual([]);
    expect(machine.name).toBe(preset.name);
    expect(PLATFORMS[machine.platform].title).toBeTruthy();
    expect(preset.title).toMatch(/20\d\d/);
  });

  test("is the same machine each time it is asked for", () => {
    expect(preset.topology()).toEqual(machine);
  });

  test("lists its functions by address, parents before children", () => {
    const ids = machine.functions.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
    for (const [index, { parent }] of machine.functions.entries()) {
      const above = ids.indexOf(parent);
      expect(above).toBeLessThan(index);
    }
  });

  test("has no two BARs that overlap, each aligned to its size", () => {
    const bars = barsOf(machine).sort((left, right) => left.base - right.base);
    for (const [index, bar] of bars.entries()) {
      const next = bars[index + 1];
      expect(bar.base % bar.size).toBe(0);
      if (next) expect(bar.base + bar.size).toBeLessThanOrEqual(next.base);
    }
  });

  test("keeps registers below 4 GiB and windows onto GPU memory above 1 TiB", () => {
    for (const { base, size, prefetchable } of barsOf(machine)) {
      if (prefetchable) expect(base).toBeGreaterThanOrEqual(TIB);
      else expect(base + size).toBeLessThanOrEqual(4 * GIB);
    }
  });

  test("has a drive and a GPU, with 64 GiB beside each socket", () => {
    expect(endpoints(machine).map(({ role }) => role)).toEqual(expect.arrayContaining(["nvme", "gpu"]));
    expect(machine.sockets.map(({ memory }) => memory)).toEqual(machine.sockets.map(() => 64 * GIB));
  });
});

describe("The presets", () => {
  test("are found under the names of the command line", () => {
    expect([...PRESETS.keys()]).toEqual([
      "one-switch",
      "client-root-ports",
      "zen-root-ports",
      "acs-redirect",
      "two-sockets",
    ]);
  });

  test("one-switch and acs-redirect differ in their names and their ACS bits alone", () => {
    const off = named("one-switch");
    const on = named("acs-redirect");
    expect(acsOf(off)).toEqual(acsOf(off).map(() => ACS_OFF));
    expect(acsOf(on)).toEqual(acsOf(off).map(() => ACS_LINUX));
    const without = (machine: Topology) => machine.functions.map(({ acs: _, ...rest }) => rest);
    expect({ ...on, name: off.name, functions: without(on) }).toEqual({ ...off, functions: without(off) });
  });

  test("two-sockets has its drive on one socket and its GPU on the other", () => {
    expect(named("two-sockets").hostBridges.map(({ socket }) => socket)).toEqual([0, 1]);
  });
});

const named = (name: string): Topology => PRESETS.get(name)?.topology() ?? expect.unreachable(`no preset ${name}`);

const barsOf = (machine: Topology): Bar[] => endpoints(machine).flatMap(({ bars }) => bars);

const acsOf = ({ functions }: Topology) => functions.flatMap(({ acs }) => (acs ? [acs] : []));
