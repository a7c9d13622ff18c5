import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Topology } from "../../fabric/topology.ts";
import { arbitraryTraffic } from "./arbitrary-machine.ts";
import { readIntoGpu } from "./ledger.ts";
import {
  amend,
  apertureOf,
  boot,
  GPU0,
  NVME0,
  oneSwitch,
  type Packet,
  ROOT_PORT,
  runMove,
  runMoves,
  SWITCH,
} from "./machines.ts";

const ECRC = { ecrc: true } as const;
/** Framing, sequence number and LCRC; headers of three and four double words; the digest. */
const [FRAMING, H3, H4, DIGEST] = [8, 12, 16, 4];

const onLinks = (packets: readonly Packet[], link: string): readonly number[] =>
  packets.filter((packet) => packet.link === link).map(({ wire }) => wire);

/** 600 B from the drive to the GPU: writes of 256, 256 and 88 B, or reads of 512 and 88 B whose answers are 256, 256 and 88 B. */
function wires(
  topology: Topology,
  reads: boolean,
): { readonly out: readonly number[]; readonly back: readonly number[] } {
  const rig = boot(topology, [NVME0, GPU0]);
  runMove(rig, { initiator: NVME0, reads, address: apertureOf(topology, GPU0), length: 600 });
  return { out: onLinks(rig.packets, `${NVME0} up`), back: onLinks(rig.packets, `${NVME0} down`) };
}

describe("An end-to-end CRC", () => {
  const writes = [256, 256, 88].map((length) => FRAMING + H4 + length);
  const requests = [FRAMING + H4, FRAMING + H4];
  const answers = [256, 256, 88].map((length) => FRAMING + H3 + length);
  const more = (sizes: readonly number[]): readonly number[] => sizes.map((size) => size + DIGEST);

  test("is a double word on every packet of who adds it, requests and answers, and on nobody else's", () => {
    expect(wires(oneSwitch(), false).out).toEqual(writes);
    expect(wires(amend(oneSwitch(), { [NVME0]: ECRC }), false).out).toEqual(more(writes));
    expect(wires(amend(oneSwitch(), { [GPU0]: ECRC }), false).out).toEqual(writes);
    expect(wires(amend(oneSwitch(), { [NVME0]: ECRC }), true)).toEqual({ out: more(requests), back: answers });
    expect(wires(amend(oneSwitch(), { [GPU0]: ECRC }), true)).toEqual({ out: requests, back: more(answers) });
  });

  test("is the root port's to decide where the root complex makes the packet: 28 B of doorbell, 88 B of entry", () => {
    const ledger = readIntoGpu(amend(oneSwitch(), { [ROOT_PORT]: ECRC }), NVME0, GPU0, 4096);
    const sizes = (link: string): readonly number[] => onLinks(ledger.packets, link);
    expect(sizes(`${NVME0} down`)).toEqual([FRAMING + H3 + 4 + DIGEST, FRAMING + H3 + 64 + DIGEST]);
    expect(new Set(sizes(`${GPU0} down`))).toEqual(new Set([280]));
    // doorbell and entry are its own; fetch, completion entry and interrupt are the drive's
    expect(ledger.rootPortControl).toBe(28 + 24 + 88 + 40 + 24);
  });

  test("is the switch's to decide where it rejects a read", () => {
    const bits = { egressBlocked: ["0000:19:01.0"] };
    const refusing = (changes: Readonly<Record<string, object>>): readonly number[] => {
      const topology = amend(oneSwitch(), { "0000:19:00.0": bits, ...changes });
      const controlled = {
        ...topology,
        functions: topology.functions.map((each) =>
          each.acs && "egressBlocked" in each ? { ...each, acs: { ...each.acs, egressControl: true } } : each,
        ),
      };
      return wires(controlled, true).back;
    };
    expect(refusing({})).toEqual([FRAMING + H3, FRAMING + H3]);
    expect(refusing({ [SWITCH]: ECRC })).toEqual([FRAMING + H3 + DIGEST, FRAMING + H3 + DIGEST]);
  });

  test("costs a double word a packet on each link, whatever the machine and its traffic", () => {
    const runs = { numRuns: 30 };
    fc.assert(
      fc.property(arbitraryTraffic(4), ({ machine, moves }) => {
        const all = (ecrc: true | undefined): Topology => ({
          ...machine.topology,
          functions: machine.topology.functions.map((each) => {
            const { ecrc: _none, ...bare } = each;
            return ecrc ? { ...bare, ecrc } : bare;
          }),
        });
        const sums = (ecrc: true | undefined) => {
          const rig = boot(all(ecrc), machine.devices, machine.constants);
          runMoves(rig, moves);
          const { engine, graph } = rig.fabric;
          return graph.channels.map(({ framed }, channel) => {
            const [wire, packets] = [engine.wireBytes[channel] ?? 0, engine.packetCount[channel] ?? 0];
            return { framed, packets, wire: ecrc && framed ? wire - DIGEST * packets : wire };
          });
        };
        expect(sums(true)).toEqual(sums(undefined));
      }),
      runs,
    );
  });
});
