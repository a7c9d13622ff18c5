import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Link, Topology } from "../../fabric/topology.ts";
import {
  amend,
  apertureOf,
  boot,
  GPU0,
  GPU1,
  GROVE,
  grove,
  landingOf,
  MIB,
  NVME0,
  oneSwitch,
  PORT_OF_GPU0,
  PORT_OF_GPU1,
  ROOT_PORT,
  runMoves,
  withBits,
} from "./machines.ts";

const REDIRECT = { requestRedirect: true, completionRedirect: true };

/** Whole packets pass each switch before they go on. */
const STORE_AND_FORWARD = { "link.cut_through_bytes": 4096 };
const FORWARDING: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ["cut through", {}],
  ["store and forward", STORE_AND_FORWARD],
];

describe.each(FORWARDING)("With switches that %s", (_name, constants) => {
  const span = (topology: Topology, initiator: string, to: string, length: number, reads: boolean): number => {
    const rig = boot(topology, GROVE, constants);
    const [moved] = runMoves(rig, [{ initiator, reads, address: apertureOf(topology, to), length }]);
    return moved?.landed?.at ?? Number.NaN;
  };

  test("a round trip takes the longer the more is on the way: a switch, two, three hops, the root complex, another socket", () => {
    const trips = ["D", "A", "E", "H"].map((to) => span(grove(), "C", to, 64, true));
    expect(trips).toEqual([...trips].sort((a, b) => a - b));
    expect(new Set(trips).size).toBe(4);
    const redirected = withBits(grove(), {
      "root 0": { upstreamForwarding: true },
      "above lower": REDIRECT,
      "above A": REDIRECT,
    });
    expect(span(redirected, "C", "A", 64, true)).toBeGreaterThan(trips[1] ?? Number.NaN);
  });

  // A fast link between slow ones makes a cutting switch wait, lest it runs dry; so there all links get better together.
  test("no wider and no newer link makes a transfer slower: each alone where packets are stored, all at once where they cut through", () => {
    const link = fc.record({ generation: fc.constantFrom(1, 2, 3, 4, 5), width: fc.constantFrom(1, 2, 4, 8, 16) });
    const wider = ({ generation, width }: Link): Link => ({
      generation,
      width: width === 16 ? 16 : ((width * 2) as Link["width"]),
    });
    const newer = ({ generation, width }: Link): Link => ({
      generation: generation === 5 ? 5 : ((generation + 1) as Link["generation"]),
      width,
    });
    const drawn = fc.record({
      links:
        constants === STORE_AND_FORWARD
          ? fc.record({ C: link, lower: link, A: link })
          : link.map((each) => ({ C: each, lower: each, A: each })),
      better: fc.constantFrom("C", "lower", "A"),
      reads: fc.boolean(),
      packets: fc.integer({ min: 1, max: 200 }),
    });
    fc.assert(
      fc.property(drawn, ({ links, better, reads, packets }) => {
        const took = (change: (of: Link) => Link): number => {
          const amended = Object.fromEntries(
            Object.entries(links).map(([id, of]) => [
              id,
              { link: id === better || constants !== STORE_AND_FORWARD ? change(of as Link) : (of as Link) },
            ]),
          );
          return span(amend(grove(), amended), "C", "A", packets * 512, reads);
        };
        const now = took((of) => of);
        expect(took(wider)).toBeLessThanOrEqual(now);
        expect(took(newer)).toBeLessThanOrEqual(now);
      }),
      { numRuns: 60 },
    );
  });
});

test("Store and forward takes the time of a packet longer than cut through, for each switch on the way", () => {
  // 64 B and 3 DW of header over gen3 x16: the head may go on after 32 B, or after all 84.
  const late = (to: string): number => {
    const one = { initiator: "C", reads: false, address: apertureOf(grove(), to), length: 64 };
    const landed = (constants: Readonly<Record<string, number>>): number =>
      runMoves(boot(grove(), GROVE, constants), [one])[0]?.landed?.at ?? Number.NaN;
    return landed(STORE_AND_FORWARD) - landed({});
  };
  expect([late("D"), late("A")]).toEqual([(84 - 32) * 260, 2 * (84 - 32) * 260]);
});

describe("Redirection by ACS", () => {
  const ports = { [PORT_OF_GPU0]: REDIRECT, [PORT_OF_GPU1]: REDIRECT, [ROOT_PORT]: { upstreamForwarding: true } };

  /** Both GPUs write to each other: bytes a tick, all in all. */
  function both(topology: Topology, reads: boolean): number {
    const rig = boot(topology, [GPU0, GPU1], { "gpu.bar_write_rate": 64e9, "gpu.bar_read_rate": 64e9 });
    const move = (initiator: string, to: string) => ({
      initiator,
      reads,
      address: apertureOf(topology, to),
      length: 2 * MIB,
    });
    const ends = runMoves(rig, [move(GPU0, GPU1), move(GPU1, GPU0)]).map(({ landed }) => landed?.at ?? Number.NaN);
    return (4 * MIB) / Math.max(...ends);
  }

  test.each([false, true])(
    "halves what two devices move both ways: all of it shares the uplink (reads: %s)",
    (reads) => {
      const ratio = both(oneSwitch(), reads) / both(withBits(oneSwitch(), ports), reads);
      expect(ratio).toBeGreaterThan(1.9);
      expect(ratio).toBeLessThan(2.1);
    },
  );

  test("makes a way longer and leaves one to memory as it is", () => {
    const to = (topology: Topology, address: number): number =>
      landingOf(topology, [NVME0, GPU0], { initiator: GPU0, reads: true, address, length: 64 });
    const redirected = withBits(oneSwitch(), ports);
    expect(to(redirected, apertureOf(redirected, NVME0))).toBeGreaterThan(
      to(oneSwitch(), apertureOf(oneSwitch(), NVME0)),
    );
    expect(to(redirected, 2 ** 32)).toBe(to(oneSwitch(), 2 ** 32));
  });
});
