import { describe, expect, test } from "vitest";
import { PLATFORMS, type Platform } from "../../calibration/platforms.ts";
import type { Acs } from "../../fabric/topology.ts";
import { journey, type Kind, type Target } from "./journey.ts";
import { amend, grove, withBits } from "./machines.ts";

type Bits = Readonly<Record<string, Partial<Acs>>>;

const RR = { requestRedirect: true };
const CR = { completionRedirect: true };
const UF = { upstreamForwarding: true };
/** Root port 0 sends back down what was redirected to it. */
const FORWARDING = { "root 0": UF };
const UP_AND_DOWN = "A > upper > ingress 0 > egress 0 > upper > B";

const way = (from: string, to: Target, kind: Kind, bits: Bits = {}): string =>
  journey(withBits(grove(), bits), from, to, kind);

describe("Without ACS, a packet takes the shortest way in the tree", () => {
  test.each<[string, string, string]>([
    ["between ports of one switch", "A", "A > upper > B"],
    ["to a switch below", "A", "A > upper > lower > C"],
    ["from a switch below", "C", "C > lower > upper > A"],
    ["between ports of the lower switch, which the upper one never sees", "C", "C > lower > D"],
    ["to another root port", "A", "A > upper > ingress 0 > egress 0 > E"],
    ["from another root port", "E", "E > ingress 0 > egress 0 > upper > lower > C"],
    ["to another host bridge", "E", "E > ingress 0 > egress 0 > G"],
    ["to another socket", "E", "E > ingress 0 > ingress 1 > egress 1 > H"],
    ["to a root-complex integrated endpoint", "A", "A > upper > ingress 0 > egress 0 > F"],
    ["from a root-complex integrated endpoint", "F", "F > ingress 0 > egress 0 > upper > A"],
    ["to memory", "C", "C > lower > upper > ingress 0 > memory 0"],
    ["to the other socket's memory", "E", "E > ingress 0 > ingress 1 > memory 1"],
    ["to the interrupts", "H", "H > ingress 1 > interrupts 1"],
    ["from a CPU's store", "egress 0", "egress 0 > upper > lower > D"],
    ["from a CPU's store across sockets", "egress 0", "egress 0 > egress 1 > H"],
  ])("%s", (_where, from, expected) => {
    const to = expected.split(" > ").at(-1) ?? "";
    expect(way(from, to, "write")).toBe(expected);
    if (!from.startsWith("egress")) expect(way(from, to, "read")).toBe(expected);
  });

  test.each([
    ["memory 0 > egress 0 > upper > lower > C"],
    ["memory 1 > egress 1 > egress 0 > E"],
    ["B > upper > A"],
    ["H > ingress 1 > ingress 0 > egress 0 > E"],
    ["F > ingress 0 > egress 0 > E"],
  ])("a completion goes to its requester: %s", (expected) => {
    const steps = expected.split(" > ");
    expect(way(steps[0] ?? "", steps.at(-1) ?? "", "completion")).toBe(expected);
  });
});

describe("ACS at the port where a packet enters a switch (PCIe 6.12.3)", () => {
  const requests: readonly Kind[] = ["write", "read"];

  test.each(requests)("request redirect sends a %s up, and the root port sends it down again", (kind) => {
    expect(way("A", "B", kind, { "above A": RR, ...FORWARDING })).toBe(UP_AND_DOWN);
  });

  test.each(requests)("request redirect at the target's port alone leaves a %s alone", (kind) => {
    expect(way("A", "B", kind, { "above B": RR, ...FORWARDING })).toBe("A > upper > B");
  });

  test("request redirect leaves completions alone", () => {
    expect(way("A", "B", "completion", { "above A": RR, ...FORWARDING })).toBe("A > upper > B");
  });

  test("completion redirect sends completions up, but for those with relaxed ordering, and leaves requests alone", () => {
    const bits = { "above A": CR, ...FORWARDING };
    expect(way("A", "B", "completion", bits)).toBe(UP_AND_DOWN);
    expect(way("A", "B", "relaxed completion", bits)).toBe("A > upper > B");
    expect(way("A", "B", "relaxed completion", { "above A": { ...CR, ...RR } })).toBe("A > upper > B");
    expect(way("A", "B", "write", bits)).toBe("A > upper > B");
    expect(way("A", "B", "read", bits)).toBe("A > upper > B");
  });

  test("redirect acts on what comes from below, never on what comes from above", () => {
    const everywhere = { "above A": { ...RR, ...CR }, "above B": { ...RR, ...CR } };
    expect(way("E", "B", "write", everywhere)).toBe("E > ingress 0 > egress 0 > upper > B");
    expect(way("egress 0", "A", "write", everywhere)).toBe("egress 0 > upper > A");
  });

  test("what is redirected to a root port with ACS but without upstream forwarding goes no further", () => {
    for (const kind of requests)
      expect(way("A", "B", kind, { "above A": RR })).toBe("A > upper > ingress 0 ! ACS violation");
    expect(way("A", "B", "completion", { "above A": CR })).toBe("A > upper > ingress 0 ! ACS violation");
  });

  test("a root port without the capability sends it back down", () => {
    const bare = amend(withBits(grove(), { "above A": RR }), { "root 0": { acs: undefined } });
    expect(journey(bare, "A", "B", "write")).toBe(UP_AND_DOWN);
  });

  test("memory and other root ports are reached whatever the redirect bits say", () => {
    const bits = { "above A": { ...RR, ...CR } };
    expect(way("A", "memory 0", "write", bits)).toBe("A > upper > ingress 0 > memory 0");
    expect(way("A", "E", "read", bits)).toBe("A > upper > ingress 0 > egress 0 > E");
  });

  test("bits that speak of translated, blocked or forged packets change nothing for honest untranslated ones", () => {
    const bits = { sourceValidation: true, translationBlocking: true, directTranslated: true, egressControl: true };
    for (const kind of requests) expect(way("A", "B", kind, { "above A": bits })).toBe("A > upper > B");
  });
});

describe("A packet whose target lies behind the very port through which it comes", () => {
  // The lower switch redirects C's packet up; at the upper switch both C and D are below the port "above lower".
  const up = { "above C": { ...RR, ...CR } };

  test("is forwarded up with upstream forwarding, by every kind", () => {
    const bits = { ...up, "above lower": UF, ...FORWARDING };
    const expected = "C > lower > upper > ingress 0 > egress 0 > upper > lower > D";
    for (const kind of ["write", "read", "completion"] as const) expect(way("C", "D", kind, bits)).toBe(expected);
  });

  test("is an ACS violation without", () => {
    for (const kind of ["write", "read", "completion"] as const)
      expect(way("C", "D", kind, { ...up, ...FORWARDING })).toBe("C > lower > upper ! ACS violation");
  });

  test("also where it is the sender itself", () => {
    expect(way("A", "A", "read")).toBe("A > upper ! ACS violation");
    expect(way("A", "A", "read", { "above A": UF, ...FORWARDING })).toBe(
      "A > upper > ingress 0 > egress 0 > upper > A",
    );
    expect(way("E", "E", "write")).toBe("E > ingress 0 ! ACS violation");
    expect(way("E", "E", "write", { "root E": UF })).toBe("E > ingress 0 > egress 0 > E");
  });

  test("redirect at the lower switch alone lets the upper one turn it for its other ports", () => {
    expect(way("C", "A", "write", up)).toBe("C > lower > upper > A");
    expect(way("C", "A", "write", { "above lower": RR, ...FORWARDING })).toBe(
      "C > lower > upper > ingress 0 > egress 0 > upper > A",
    );
  });
});

describe("An address that no window claims", () => {
  test("is carried up by every switch, and is unsupported in the root complex", () => {
    expect(way("C", "nobody", "write")).toBe("C > lower > upper > ingress 0 ! unsupported");
    expect(way("E", "nobody", "read")).toBe("E > ingress 0 ! unsupported");
    expect(way("egress 0", "nobody", "write")).toBe("egress 0 ! unsupported");
  });

  test("never takes a switch's short cut even where an IOMMU makes a neighbour's address of it", () => {
    expect(way("A", { iova: "B" }, "write")).toBe(UP_AND_DOWN);
    expect(way("A", { iova: "B" }, "read")).toBe(UP_AND_DOWN);
    expect(way("A", { iova: "memory 1" }, "write")).toBe("A > upper > ingress 0 > ingress 1 > memory 1");
  });
});

describe("What a root complex forwards between its root ports", () => {
  const FROM_E = { "same host bridge": "A", "same socket": "G", "other socket": "H" } as const;
  const WAYS: Readonly<Record<string, string>> = {
    A: "E > ingress 0 > egress 0 > upper > A",
    G: "E > ingress 0 > egress 0 > G",
    H: "E > ingress 0 > ingress 1 > egress 1 > H",
  };
  type Where = keyof typeof FROM_E;
  const NOWHERE: readonly Where[] = [];
  const EVERYWHERE: readonly Where[] = ["same host bridge", "same socket", "other socket"];

  /** Where writes and reads get to, from root port E. */
  const POLICY: Readonly<Record<Platform, readonly [readonly Where[], readonly Where[]]>> = {
    "intel-client": [EVERYWHERE, NOWHERE],
    "xeon-snb": [
      ["same host bridge", "same socket"],
      ["same host bridge", "same socket"],
    ],
    "xeon-ivb": [
      ["same host bridge", "same socket"],
      ["same host bridge", "same socket"],
    ],
    "xeon-bdw": [
      ["same host bridge", "same socket"],
      ["same host bridge", "same socket"],
    ],
    "xeon-sp": [EVERYWHERE, EVERYWHERE],
    "amd-prezen": [EVERYWHERE, NOWHERE],
    "amd-zen": [EVERYWHERE, EVERYWHERE],
    unknown: [EVERYWHERE, NOWHERE],
  };

  test("has a row here for every platform", () => {
    expect(Object.keys(POLICY).sort()).toEqual(Object.keys(PLATFORMS).sort());
  });

  describe.each(Object.entries(POLICY))("on %s", (platform, [writes, reads]) => {
    test.each(EVERYWHERE)("to the %s", (where) => {
      const to = FROM_E[where];
      const machine = grove(platform as Platform);
      const refused = "E > ingress 0 ! unsupported";
      expect(journey(machine, "E", to, "write")).toBe(writes.includes(where) ? WAYS[to] : refused);
      expect(journey(machine, "E", to, "read")).toBe(reads.includes(where) ? WAYS[to] : refused);
      expect(journey(machine, "E", { iova: to }, "write")).toBe(writes.includes(where) ? WAYS[to] : refused);
    });

    test("memory and CPU stores are always let through", () => {
      const machine = grove(platform as Platform);
      expect(journey(machine, "E", "memory 1", "read")).toBe("E > ingress 0 > ingress 1 > memory 1");
      expect(journey(machine, "egress 1", "A", "write")).toBe("egress 1 > egress 0 > upper > A");
    });

    test("what a redirect sends to the root complex comes back where its root ports return it, reads only where they cross, too", () => {
      const machine = withBits(grove(platform as Platform), { "above A": RR, ...FORWARDING });
      const lost = "A > upper > ingress 0 ! unsupported";
      const { returns } = PLATFORMS[platform as Platform];
      expect(journey(machine, "A", "B", "read")).toBe(returns && reads.length > 0 ? UP_AND_DOWN : lost);
      expect(journey(machine, "A", "B", "write")).toBe(returns ? UP_AND_DOWN : lost);
    });
  });
});
