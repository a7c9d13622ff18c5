import { describe, expect, test } from "vitest";
import type { Acs, Topology } from "../../fabric/topology.ts";
import { iova, physAddr } from "../../sim/units.ts";
import {
  amend,
  apertureOf,
  boot,
  GROVE,
  grove,
  leftBehind,
  type Move,
  type Packet,
  runMove,
  withBits,
} from "./machines.ts";

/**
 * The seven ACS control bits on the wire, row by row of model A.11: packets that run, not routes alone. A and B are neighbours below
 * the switch `upper`; C and D below `lower`, which hangs below `upper`; E has a root port of its own.
 */
const SV = { sourceValidation: true };
const TB = { translationBlocking: true };
const RR = { requestRedirect: true };
const CR = { completionRedirect: true };
const UF = { upstreamForwarding: true };
const EC = { egressControl: true };
const DT = { directTranslated: true };

const LENGTH = 1000;
const MEMORY = 2 ** 32;
const KINDS = [false, true] as const;

type Bits = Readonly<Record<string, Partial<Acs>>>;
type Asked = Partial<Move> & { readonly to: string };

/** The root port always sends back what is redirected to it. */
const machine = (bits: Bits, blocked: readonly string[] = []): Topology =>
  amend(withBits(grove(), { "root 0": UF, ...bits }), { "above A": { egressBlocked: blocked } });

/** How a transfer of A's ended, and whether its requests and its completions went up to the root port. */
function run(topology: Topology, { to, ...asked }: Asked): object {
  const rig = boot(topology, GROVE);
  const address = to === "memory" ? MEMORY : apertureOf(topology, to);
  const move = { initiator: "A", reads: false, length: LENGTH, address, ...asked };
  const { landed, status, timesLanded } = runMove(rig, move);
  const climbed = (kinds: readonly Packet["kind"][]): boolean =>
    rig.packets.some(({ link, kind }) => link === "upper up" && kinds.includes(kind));
  expect([timesLanded, leftBehind(rig)]).toEqual([1, []]);
  return {
    status,
    delivered: landed?.delivered,
    fault: landed?.fault,
    up: climbed(["MWr", "MRd"]),
    answerUp: climbed(["Cpl"]),
  };
}

const delivered = { status: "ok", delivered: LENGTH, fault: "" };
const DIRECT = { ...delivered, up: false, answerUp: false };
const UP = { ...delivered, up: true, answerUp: false };
const violation = (reads: boolean): object => ({
  status: reads ? "unsupported-request" : "ok",
  delivered: 0,
  fault: "ACS violation",
  up: false,
  answerUp: false,
});

test("Source Validation stops a request with the id of a device that is not below the port", () => {
  const asked = { to: "B", as: "E", reads: false };
  expect(run(machine({ "above A": SV }), asked)).toEqual(violation(false));
  expect(run(machine({}), asked)).toEqual(DIRECT);
});

describe.each(KINDS)("Source Validation (reads: %s)", (reads) => {
  test("lets through whoever is below it, under the own id or a neighbour's", () => {
    expect(run(machine({ "above A": SV }), { to: "B", reads })).toEqual(DIRECT);
    expect(run(machine({ "above C": SV, "above lower": SV }), { initiator: "C", to: "B", reads })).toEqual(DIRECT);
    expect(run(machine({ "above lower": SV }), { initiator: "C", as: "D", to: "B" })).toEqual(DIRECT);
    expect(run(machine({ "above C": SV }), { initiator: "C", as: "D", to: "B" })).toEqual(violation(false));
  });

  test("acts at root ports, too", () => {
    expect(run(machine({ "root E": SV }), { initiator: "E", as: "A", to: "memory" })).toEqual(violation(false));
    expect(run(machine({ "root E": SV }), { initiator: "E", to: "memory", reads })).toEqual({
      ...delivered,
      up: false,
      answerUp: false,
    });
  });
});

test("without Source Validation the answer to a read under another's id goes to that other, and its sender waits in vain", () => {
  const ended = run(machine({}), { to: "memory", as: "E", reads: true });
  expect(ended).toMatchObject({ status: "completion-timeout", delivered: 0 });
});

test("without Source Validation a request under another's id reaches what the IOMMU lets that other reach", () => {
  for (const [bits, expected] of [
    [{}, LENGTH],
    [{ "above A": SV }, 0],
  ] as const) {
    const topology = machine(bits);
    const rig = boot(topology, GROVE);
    const { iommu } = rig.fabric;
    iommu.attach(rig.fabric.node("A"));
    iommu.attach(rig.fabric.node("E")).map(iova(2 ** 24), physAddr(MEMORY), 4096);
    const move = { initiator: "A", as: "E", reads: false, address: 2 ** 24, length: LENGTH };
    expect(runMove(rig, move).landed?.delivered).toBe(expected);
  }
});

describe.each(KINDS)("Translation Blocking (reads: %s)", (reads) => {
  test("stops a translated address and no other", () => {
    expect(run(machine({ "above A": TB }), { to: "B", translated: true, reads })).toEqual(violation(reads));
    expect(run(machine({ "above A": TB }), { to: "B", reads })).toEqual(DIRECT);
    expect(run(machine({}), { to: "B", translated: true, reads })).toEqual(DIRECT);
    expect(run(machine({ "above A": { ...TB, ...DT } }), { to: "B", translated: true, reads })).toEqual(
      violation(reads),
    );
  });

  test("acts at root ports, too", () => {
    const ended = run(machine({ "root E": TB }), { initiator: "E", to: "memory", translated: true, reads });
    expect(ended).toMatchObject({ delivered: 0, fault: "ACS violation" });
  });
});

describe.each(KINDS)("Direct Translated (reads: %s)", (reads) => {
  test("excepts translated addresses from redirection, and only these", () => {
    expect(run(machine({ "above A": { ...RR, ...DT } }), { to: "B", translated: true, reads })).toEqual(DIRECT);
    expect(run(machine({ "above A": { ...RR, ...DT } }), { to: "B", reads })).toEqual(UP);
    expect(run(machine({ "above A": RR }), { to: "B", translated: true, reads })).toEqual(UP);
  });

  test("excepts them from Egress Control as well", () => {
    const topology = machine({ "above A": { ...EC, ...DT } }, ["above B"]);
    expect(run(topology, { to: "B", translated: true, reads })).toEqual(DIRECT);
    expect(run(topology, { to: "B", reads })).toEqual(violation(reads));
  });
});

describe.each(KINDS)("Egress Control (reads: %s)", (reads) => {
  test("forbids the ports of its vector, and with Request Redirect sends up what is for them", () => {
    expect(run(machine({ "above A": EC }, ["above B"]), { to: "B", reads })).toEqual(violation(reads));
    expect(run(machine({ "above A": { ...EC, ...RR } }, ["above B"]), { to: "B", reads })).toEqual(UP);
  });

  test("leaves other ports alone, with Request Redirect or without", () => {
    expect(run(machine({ "above A": EC }, ["above lower"]), { to: "B", reads })).toEqual(DIRECT);
    expect(run(machine({ "above A": { ...EC, ...RR } }, ["above lower"]), { to: "B", reads })).toEqual(DIRECT);
    expect(run(machine({ "above A": { ...EC, ...RR } }, ["above lower"]), { to: "C", reads })).toEqual(UP);
  });

  test("is nothing without its bit, whatever the vector", () => {
    expect(run(machine({}, ["above B"]), { to: "B", reads })).toEqual(DIRECT);
  });

  test("does not ask about what goes up anyway, nor about answers", () => {
    const topology = machine({ "above A": EC }, ["above B"]);
    expect(run(topology, { to: "memory", reads })).toMatchObject({ delivered: LENGTH, up: true });
    expect(run(topology, { initiator: "B", to: "A", reads })).toEqual(DIRECT);
  });

  test("acts between root ports where Request Redirect does not leave it to the root complex", () => {
    const between = (bits: Partial<Acs>): object =>
      run(amend(machine({ "root E": bits }), { "root E": { egressBlocked: ["root 0"] } }), {
        initiator: "E",
        to: "A",
        reads,
      });
    expect(between(EC)).toMatchObject({ delivered: 0, fault: "ACS violation" });
    expect(between({ ...EC, ...RR })).toMatchObject({ delivered: LENGTH });
  });
});

describe("Completion Redirect", () => {
  const relaxed = (topology: Topology): Topology => amend(topology, { A: { relaxedOrdering: true } });

  test("sends up answers without Relaxed Ordering, and leaves those with it alone", () => {
    const topology = machine({ "above B": CR });
    expect(run(topology, { to: "B", reads: true })).toEqual({ ...delivered, up: false, answerUp: true });
    expect(run(relaxed(topology), { to: "B", reads: true })).toEqual(DIRECT);
  });

  test("has an answer's attribute from its request: control packets bear none", () => {
    const topology = relaxed(machine({ "above B": CR }));
    expect(run(topology, { to: "B", reads: true, control: true })).toEqual({ ...delivered, up: false, answerUp: true });
  });

  test("is not what Request Redirect is: relaxed requests go up all the same", () => {
    expect(run(relaxed(machine({ "above A": RR })), { to: "B", reads: true })).toEqual(UP);
  });
});

describe.each(KINDS)("Upstream Forwarding (reads: %s)", (reads) => {
  const inner = { "above C": RR };

  test("decides at the port above what becomes of a request that was redirected below it", () => {
    const asked = { initiator: "C", to: "D", reads };
    expect(run(machine({ ...inner, "above lower": UF }), asked)).toEqual(UP);
    expect(run(machine(inner), asked)).toEqual(violation(reads));
  });

  test("asks the same of translated addresses", () => {
    const asked = { initiator: "C", to: "D", reads, translated: true };
    expect(run(machine({ ...inner, "above lower": UF }), asked)).toEqual(UP);
    expect(run(machine(inner), asked)).toEqual(violation(reads));
  });
});

describe("A translated address (AT = 10b)", () => {
  test.each(KINDS)("is looked up by nobody: the IOMMU that would fault lets it pass (reads: %s)", (reads) => {
    for (const translated of [true, false]) {
      const rig = boot(grove(), GROVE);
      const { iommu } = rig.fabric;
      iommu.attach(rig.fabric.node("A"));
      const { landed } = runMove(rig, { initiator: "A", reads, address: MEMORY, length: LENGTH, translated });
      expect(landed).toMatchObject({ delivered: translated ? LENGTH : 0, fault: translated ? "" : "IOMMU fault" });
      expect([iommu.misses, leftBehind(rig)]).toEqual([0, []]);
    }
  });
});
