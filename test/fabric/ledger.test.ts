import { describe, expect, test } from "vitest";
import { type ParameterName, Parameters } from "../../calibration/parameters.ts";
import type { Topology } from "../../fabric/topology.ts";
import { ticksOfNs } from "../../sim/units.ts";
import { type Ledger, nameOfLink, PURPOSES, printLedger, readIntoGpu } from "./ledger.ts";
import {
  amend,
  GPU0,
  leftBehind,
  NVME0,
  oneSwitch,
  type Packet,
  PORT_OF_GPU0,
  PORT_OF_NVME0,
  ROOT_PORT,
  withBits,
} from "./machines.ts";

/**
 * One 4 KiB read into a GPU's BAR, every packet worked out by hand.
 *
 *   wire bytes = 8 (framing, sequence number, LCRC) + header + payload
 *   header     = 12 for a completion and for an address below 4 GiB (the drive's registers, the interrupt), else 16
 *   MPS 256    : 4096 B are 16 writes
 */
const DOORBELL = "MWr    4 B   24 B on the wire  doorbell";
const FETCH = "MRd    0 B   24 B on the wire  submission entry";
const ENTRY = "Cpl   64 B   84 B on the wire  submission entry";
const DATA = "MWr  256 B  280 B on the wire  data";
const COMPLETION = "MWr   16 B   40 B on the wire  completion entry";
const INTERRUPT = "MWr    4 B   24 B on the wire  interrupt";
const sixteen = (line: string): readonly string[] => Array.from({ length: 16 }, () => line);

/** Ways inside the root complex carry payload only. */
const inside = (line: string): string =>
  line.replace(/(\S+ +(\d+) B) +\d+ B/, (_all, start, payload) => `${start} ${payload.padStart(4)} B`);

const HAND: Readonly<Record<string, readonly string[]>> = {
  "uplink down": [DOORBELL, ENTRY],
  "uplink up": [FETCH, COMPLETION, INTERRUPT],
  "nvme down": [DOORBELL, ENTRY],
  "nvme up": [FETCH, ...sixteen(DATA), COMPLETION, INTERRUPT],
  "gpu down": sixteen(DATA),
  "root complex: memory in": [inside(FETCH), inside(COMPLETION)],
  "root complex: memory out": [inside(ENTRY)],
  "root complex: interrupts": [inside(INTERRUPT)],
};

/** The same with the data sent up to the root complex and back down. */
const HAND_REDIRECTED: typeof HAND = {
  ...HAND,
  "uplink up": [FETCH, ...sixteen(DATA), COMPLETION, INTERRUPT],
  "uplink down": [DOORBELL, ENTRY, ...sixteen(DATA)],
  "root complex: forward": sixteen(inside(DATA)),
};

/** Wire bytes at the root port, by hand: doorbell 24, fetch 24, entry 84, completion 40, interrupt 24. */
const CONTROL_BYTES = 24 + 24 + 84 + 40 + 24;

const run = (topology: Topology): Ledger => readIntoGpu(topology, NVME0, GPU0, 4096);

const lineOf = ({ kind, length, wire, transfer }: Packet): string =>
  `${kind} ${String(length).padStart(4)} B ${String(wire).padStart(4)} B on the wire  ${PURPOSES[transfer - 1]}`;

function byLink({ packets }: Ledger): Readonly<Record<string, readonly string[]>> {
  const links = [...new Set(packets.map(({ link }) => link))];
  return Object.fromEntries(
    links.map((each) => [nameOfLink(each), packets.filter(({ link }) => link === each).map(lineOf)]),
  );
}

describe("One 4 KiB NVMe read into a GPU behind the same switch", () => {
  test("sends exactly these packets over exactly these links, in this order", () => {
    const ledger = run(oneSwitch());
    expect(byLink(ledger)).toEqual(HAND);
    expect(ledger.status).toBe("success");
    expect(leftBehind(ledger.rig)).toEqual([]);
  });

  test("takes its steps one after the other", () => {
    const { packets } = run(oneSwitch());
    const whatOf = ({ transfer }: Packet): string => PURPOSES[transfer - 1] ?? "";
    expect(
      packets
        .filter((packet) => whatOf(packet) !== "data")
        .map((packet) => `${nameOfLink(packet.link)}: ${whatOf(packet)}`),
    ).toEqual([
      "uplink down: doorbell",
      "nvme down: doorbell",
      "nvme up: submission entry",
      "uplink up: submission entry",
      "root complex: memory in: submission entry",
      "root complex: memory out: submission entry",
      "uplink down: submission entry",
      "nvme down: submission entry",
      "nvme up: completion entry",
      "nvme up: interrupt",
      "uplink up: completion entry",
      "uplink up: interrupt",
      "root complex: memory in: completion entry",
      "root complex: interrupts: interrupt",
    ]);
    const startsOf = (link: string): readonly number[] =>
      packets.filter((packet) => whatOf(packet) === "data" && nameOfLink(packet.link) === link).map(({ at }) => at);
    const [up, down] = [startsOf("nvme up"), startsOf("gpu down")];
    expect(Math.min(...up)).toBeGreaterThan(
      packets.findLast((packet) => whatOf(packet) === "submission entry")?.at ?? Infinity,
    );
    for (const [place, start] of up.entries()) expect(down[place]).toBeGreaterThan(start);
  });
});

describe("The packets of one 4 KiB NVMe read", () => {
  test("start when the constants, added up by hand, say so", () => {
    const parameters = Parameters.typical();
    const span = (name: ParameterName): number => parameters.span(name);
    const x4 = (wireBytes: number): number => wireBytes * 1040;
    const x16 = (wireBytes: number): number => wireBytes * 260;
    const wire = ticksOfNs(10);
    // What a packet keeps the next one waiting is longer than its bytes: SKP ordered sets, and gaps that nobody explains.
    const kept = (ticks: number): number =>
      Math.round(ticks / ((1 - parameters.share("link.skp_share")) * parameters.share("link.efficiency")));
    const hop = span("switch.latency");
    const dram = parameters.spanPerByte("host.dram_rate");
    // A packet of 24 B is shorter than the 32 B that a switch waits for, so it is stored whole.
    const rings = x16(24) + hop + wire + x4(24) + wire;
    const fetch = rings + x4(24) + hop + wire;
    const atMemory = fetch + x16(24) + wire + span("rc.request_latency") + span("host.dram_latency");
    const entry = atMemory + 64 * dram + span("rc.response_latency");
    const entryBelow = entry + x16(32) + hop + wire;
    const known = entryBelow + x4(84) + wire;
    const media =
      span("nvme.command_latency") + span("nvme.read_latency") + 4096 * parameters.spanPerByte("nvme.read_rate");
    // Out of x4 into x16: so late that the switch does not run dry.
    const data = known + media;
    const dataBelow = data + x4(280) - x16(280) + hop + wire;
    const done = data + 16 * kept(x4(280));
    const { packets } = run(oneSwitch());
    const first = (link: string, what: string): number | undefined =>
      packets.find((packet) => nameOfLink(packet.link) === link && PURPOSES[packet.transfer - 1] === what)?.at;
    expect({
      fetch: first("nvme up", "submission entry"),
      fetchAbove: first("uplink up", "submission entry"),
      entry: first("uplink down", "submission entry"),
      entryBelow: first("nvme down", "submission entry"),
      data: first("nvme up", "data"),
      dataBelow: first("gpu down", "data"),
      completion: first("nvme up", "completion entry"),
      interrupt: first("nvme up", "interrupt"),
    }).toEqual({
      fetch: rings,
      fetchAbove: fetch,
      entry,
      entryBelow,
      data,
      dataBelow,
      completion: done,
      interrupt: done + kept(x4(40)),
    });
  });

  test("leave no payload in the root complex, but control packets cross it", () => {
    const { rootPortPayload, rootPortControl } = run(oneSwitch());
    expect({ rootPortPayload, rootPortControl }).toEqual({ rootPortPayload: 0, rootPortControl: CONTROL_BYTES });
  });

  test("are printed as the rows of a table", () => {
    const ledger = run(oneSwitch());
    const lines = printLedger(ledger).split("\n");
    expect(lines).toHaveLength(ledger.packets.length + 3);
    expect(lines[2]).toMatch(/^ +0\.00 +uplink down +MWr +4 +24 +doorbell$/);
    expect(lines.at(-1)).toBe("across root ports: 0 B of payload, 196 B of control packets on the wire");
    expect(printLedger()).toBe(printLedger(ledger));
  });
});

describe("ACS request redirect", () => {
  const upstreamForwarding = { [ROOT_PORT]: { upstreamForwarding: true } };

  test("at the requester's port sends the data up the uplink and down again", () => {
    const ledger = run(withBits(oneSwitch(), { [PORT_OF_NVME0]: { requestRedirect: true }, ...upstreamForwarding }));
    expect(byLink(ledger)).toEqual(HAND_REDIRECTED);
    expect(ledger.rootPortPayload).toBe(2 * 4096);
    expect(ledger.rootPortControl).toBe(CONTROL_BYTES);
    expect(leftBehind(ledger.rig)).toEqual([]);
  });

  test("at the target's port does not: it acts where a packet enters the switch", () => {
    const ledger = run(withBits(oneSwitch(), { [PORT_OF_GPU0]: { requestRedirect: true }, ...upstreamForwarding }));
    expect(byLink(ledger)).toEqual(HAND);
    expect(ledger.rootPortPayload).toBe(0);
  });

  test("below a root port that may not forward back down loses the data, and the drive reports success", () => {
    const ledger = run(withBits(oneSwitch(), { [PORT_OF_NVME0]: { requestRedirect: true } }));
    expect(byLink(ledger)["gpu down"]).toBeUndefined();
    expect(ledger.rootPortPayload).toBe(4096);
    expect(ledger.status).toBe("success");
    expect(leftBehind(ledger.rig)).toEqual([]);
  });

  test("below a root port without the capability is not stopped there", () => {
    const bare = amend(withBits(oneSwitch(), { [PORT_OF_NVME0]: { requestRedirect: true } }), {
      [ROOT_PORT]: { acs: undefined },
    });
    expect(byLink(run(bare))).toEqual(HAND_REDIRECTED);
  });
});
