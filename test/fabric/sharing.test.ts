import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConstantName } from "../../calibration/constants.ts";
import { Parameters } from "../../calibration/parameters.ts";
import type { Link, Topology } from "../../fabric/topology.ts";
import {
  amend,
  apertureOf,
  boot,
  FAR_NVME,
  GPU0,
  GPU1,
  GROVE,
  grove,
  KIB,
  landingOf,
  MIB,
  type Move,
  NVME0,
  NVME1,
  oneSwitch,
  PORT_OF_GPU0,
  PORT_OF_GPU1,
  ROOT_PORT,
  runMove,
  runMoves,
  SWITCH,
  withBits,
} from "./machines.ts";

/** Between devices of one-switch, unless another machine is given. */
const move = (from: string, to: string, reads: boolean, length: number): Move => ({
  initiator: from,
  reads,
  address: apertureOf(oneSwitch(), to),
  length,
});

/** Bytes per second of each of some transfers that run at the same time. */
function ratesOf(topology: Topology, moves: readonly Move[]): readonly number[] {
  const rig = boot(topology, [...new Set([...moves.map(({ initiator }) => initiator), GPU0, GPU1])]);
  return runMoves(rig, moves).map(
    ({ began, landed, move: { length } }) => length / (((landed?.at ?? Number.NaN) - began) / 4096e9),
  );
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe("A single flow", () => {
  const link = fc.record({
    generation: fc.constantFrom<Link["generation"][]>(1, 2, 3, 4, 5),
    width: fc.constantFrom<Link["width"][]>(1, 2, 4, 8, 16),
  });
  const better = ({ generation, width }: Link): readonly Link[] => [
    ...([1, 2, 3, 4, 5] as const).filter((each) => each > generation).map((each) => ({ generation: each, width })),
    ...([1, 2, 4, 8, 16] as const).filter((each) => each > width).map((each) => ({ generation, width: each })),
  ];

  test("is never later for a link that is wider or faster", () => {
    const flow = fc.record({
      drive: link,
      gpu: link,
      reads: fc.boolean(),
      length: fc.oneof(fc.integer({ min: 1, max: 4 * KIB }), fc.integer({ min: 1, max: 128 * KIB })),
    });
    fc.assert(
      fc.property(flow, ({ drive, gpu, reads, length }) => {
        const landing = (links: { readonly drive: Link; readonly gpu: Link }): number =>
          landingOf(
            amend(oneSwitch(), { [NVME0]: { link: links.drive }, [GPU0]: { link: links.gpu } }),
            [NVME0, GPU0],
            move(NVME0, GPU0, reads, length),
          );
        const before = landing({ drive, gpu });
        for (const each of better(drive)) expect(landing({ drive: each, gpu })).toBeLessThanOrEqual(before);
        for (const each of better(gpu)) expect(landing({ drive, gpu: each })).toBeLessThanOrEqual(before);
      }),
      { numRuns: 25 },
    );
  });

  test("is never later for more tags, and never earlier for a longer length", () => {
    const least = (tags: number, length: number): number =>
      landingOf(amend(oneSwitch(), { [NVME0]: { tags } }), [NVME0, GPU0], move(NVME0, GPU0, true, length));
    let before = Infinity;
    for (const tags of [1, 2, 3, 5, 8, 16, 256]) {
      expect(least(tags, 64 * KIB)).toBeLessThanOrEqual(before);
      before = least(tags, 64 * KIB);
    }
    let after = 0;
    for (let length = 1; length < 2 * KIB; length += 37) {
      expect(least(4, length)).toBeGreaterThanOrEqual(after);
      after = least(4, length);
    }
  });
});

describe("A round trip", () => {
  const roundTrip = (topology: Topology, from: string, to: string): number =>
    landingOf(topology, GROVE, { initiator: from, reads: true, address: apertureOf(topology, to), length: 128 });

  test("is longer through the root complex than through the switch, and longest between sockets", () => {
    const machine = grove();
    const sameSwitch = roundTrip(machine, "A", "B");
    const throughRoot = roundTrip(machine, "A", "E");
    const redirected = roundTrip(
      withBits(machine, { "above A": { requestRedirect: true }, "root 0": { upstreamForwarding: true } }),
      "A",
      "B",
    );
    expect(throughRoot).toBeGreaterThan(sameSwitch);
    expect(redirected).toBeGreaterThan(sameSwitch);
    expect(roundTrip(machine, "E", "H")).toBeGreaterThan(roundTrip(machine, "E", "G"));
    expect(roundTrip(machine, "A", "H")).toBeGreaterThan(throughRoot);
  });

  test("is longer the more switches lie between", () => {
    const machine = grove();
    expect(roundTrip(machine, "A", "C")).toBeGreaterThan(roundTrip(machine, "A", "B"));
    expect(roundTrip(machine, "C", "D")).toBe(roundTrip(machine, "A", "B"));
  });
});

describe.each([3, 5] as const)("Two gen%i GPUs behind one switch that write to each other", (generation) => {
  const LENGTH = 2 * MIB;
  const both = [move(GPU0, GPU1, false, LENGTH), move(GPU1, GPU0, false, LENGTH)];
  const fast = { link: { generation, width: 16 } } as const;
  const direct = amend(oneSwitch(), { [GPU0]: fast, [GPU1]: fast, [SWITCH]: fast });
  const redirect = withBits(direct, {
    [PORT_OF_GPU0]: { requestRedirect: true },
    [PORT_OF_GPU1]: { requestRedirect: true },
    [ROOT_PORT]: { upstreamForwarding: true },
  });

  test("each get the whole link but for the Acks and UpdateFCs that the other's packets ask for", () => {
    const [alone = 0] = ratesOf(direct, both.slice(0, 1));
    const parameters = Parameters.typical();
    const amount = (name: ConstantName): number => parameters.amount(name);
    const perPacket = amount("dllp.size") * (1 / amount("dllp.ack_every") + 1 / amount("dllp.update_every"));
    const packet = 280 / ((1 - parameters.share("link.skp_share")) * parameters.share("link.efficiency"));
    expect(sum(ratesOf(direct, both)) / (2 * alone)).toBeCloseTo(packet / (packet + perPacket), 3);
  });

  test("get half of that in sum with ACS request redirect, as both flows climb and descend one uplink", () => {
    const ratio = sum(ratesOf(redirect, both)) / sum(ratesOf(direct, both));
    expect(ratio).toBeGreaterThan(0.48);
    expect(ratio).toBeLessThan(0.52);
  });

  test("lose no more than acknowledgements to redirect in one direction alone, as up and down are two ways", () => {
    const [straight = 0] = ratesOf(direct, both.slice(0, 1));
    const [redirected = 0] = ratesOf(redirect, both.slice(0, 1));
    expect(redirected / straight).toBeGreaterThan(0.97);
    expect(redirected / straight).toBeLessThanOrEqual(1);
  });
});

describe("A root complex", () => {
  const fast = { link: { generation: 5, width: 16 } } as const;
  const rootPorts = (platform: Topology["platform"]): Topology => amend(grove(platform), { E: fast, G: fast });

  /** The rate, in bytes per ns, at which E's writes to an address settle, whatever it takes to begin and to end. */
  function steady(topology: Topology, address: number, constants: Readonly<Record<string, number>>): number {
    const spanOf = (length: number): number => {
      const rig = boot(topology, ["E", "G"], constants);
      return runMove(rig, { initiator: "E", reads: false, address, length }).landed?.at ?? Number.NaN;
    };
    return MIB / ((spanOf(2 * MIB) - spanOf(MIB)) / 4096);
  }

  test.each([
    ["as the constants have them", {}],
    ["that are few", { "credits.posted_header": 16, "credits.posted_data": 64 }],
  ])("forwards as fast as memory takes it, with credits %s", (_which, constants) => {
    const machine = rootPorts("amd-zen");
    const forwarded = steady(machine, apertureOf(machine, "G"), constants);
    const stored = steady(machine, 2 ** 32, constants);
    expect(forwarded / stored).toBeGreaterThan(0.99);
  });

  test("forwards as fast as was published, where it was", () => {
    const machine = rootPorts("xeon-ivb");
    expect(steady(machine, apertureOf(machine, "G"), {})).toBeCloseTo(6.4, 1);
    expect(steady(machine, 2 ** 32, {})).toBeGreaterThan(50);
  });

  test("has a ceiling for each port that data leave by: what goes both ways has two", () => {
    const machine = rootPorts("xeon-ivb");
    const long = 8 * MIB;
    const to = (initiator: string, sink: string): Move => ({
      initiator,
      reads: false,
      address: apertureOf(machine, sink),
      length: long,
    });
    const together = (moves: readonly Move[]): number => {
      const ended = runMoves(boot(machine, ["E", "G", "A"]), moves).map(({ landed }) => landed?.at ?? Number.NaN);
      return (moves.length * long) / (Math.max(...ended) / 4096);
    };
    const alone = together([to("E", "G")]);
    expect(together([to("E", "G"), to("G", "E")]) / alone).toBeCloseTo(2, 1);
    expect(together([to("E", "G"), to("A", "G")]) / alone).toBeCloseTo(1, 1);
  });
});

describe("Flows that share a link", () => {
  const LENGTH = MIB;

  test.each([false, true])("from two drives share the GPU's link equally (reads: %s)", (reads) => {
    // The GPU's link is the bottleneck: as wide as one drive's.
    const narrow = amend(oneSwitch(), { [GPU0]: { link: { generation: 3, width: 4 } } });
    const [alone = 0] = ratesOf(narrow, [move(NVME0, GPU0, reads, LENGTH)]);
    for (const rate of ratesOf(narrow, [move(NVME0, GPU0, reads, LENGTH), move(NVME1, GPU0, reads, LENGTH)])) {
      expect(rate / alone).toBeGreaterThan(0.475);
      expect(rate / alone).toBeLessThan(0.525);
    }
  });

  test("of one device alternate packet by packet between its control and its data queue", () => {
    const writes = [false, true].map((control) => ({ ...move(NVME0, GPU0, false, LENGTH), control }));
    const [alone = 0] = ratesOf(oneSwitch(), writes.slice(0, 1));
    for (const rate of ratesOf(oneSwitch(), writes)) expect(rate / alone).toBeCloseTo(0.5, 2);
  });

  test("do not disturb each other on links that they do not share", () => {
    const quiet = [move(NVME0, GPU0, false, LENGTH)];
    const [alone = 0] = ratesOf(oneSwitch(), quiet);
    const [beside = 0] = ratesOf(oneSwitch(), [...quiet, move(NVME1, GPU1, false, LENGTH)]);
    expect(beside).toBe(alone);
  });

  test("from a switch and from another root port share the way down to a switch equally", () => {
    // The uplink carries what comes from the far drive and what goes to memory the other way; only the GPU's link is shared.
    const narrow = amend(oneSwitch(), { [GPU0]: { link: { generation: 3, width: 4 } } });
    const [near = 0, far = 0] = ratesOf(narrow, [
      move(NVME0, GPU0, false, LENGTH),
      move(FAR_NVME, GPU0, false, LENGTH),
    ]);
    expect(near / far).toBeGreaterThan(0.95);
    expect(near / far).toBeLessThan(1.05);
  });

  test("through a narrow uplink in one direction take of the other direction what their acknowledgements need", () => {
    const narrow = amend(oneSwitch(), { [SWITCH]: { link: { generation: 3, width: 4 } } });
    const memory = 2 ** 32;
    const up = { initiator: NVME0, reads: false, address: memory, length: LENGTH };
    const down = { initiator: FAR_NVME, reads: false, address: apertureOf(oneSwitch(), GPU0), length: LENGTH };
    const [alone = 0] = ratesOf(narrow, [up]);
    const [beside = 0] = ratesOf(narrow, [up, down]);
    expect(beside / alone).toBeGreaterThan(0.98);
  });
});
