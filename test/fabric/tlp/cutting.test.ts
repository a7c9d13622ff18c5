import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes } from "../../../sim/units.ts";
import { amend, apertureOf, boot, GPU0, GPU1, oneSwitch, type Packet, runMove, SWITCH } from "../machines.ts";

/** The pieces of [start, start + length) that a ruler with a mark every `step` cuts. */
function cutAt(start: number, length: number, step: number): readonly number[] {
  const pieces: number[] = [];
  for (let at = start; at < start + length; ) {
    const next = Math.min(start + length, (Math.floor(at / step) + 1) * step);
    pieces.push(next - at);
    at = next;
  }
  return pieces;
}

/** Completions of one request: whole where it fits, else each as long as MPS and the next boundary let it be (model A.4). */
function completionsOf(start: number, length: number, maxPayload: number, boundary: number): readonly number[] {
  if (length <= maxPayload) return [length];
  const first = maxPayload - (start % boundary);
  return [first, ...completionsOf(start + first, length - first, maxPayload, boundary)];
}

/** The packets of one transfer between two GPUs, as they start on a link. */
function packetsOf(
  sizes: { readonly maxPayload: number; readonly maxReadRequest: number },
  transfer: { readonly reads: boolean; readonly offset: number; readonly length: number },
  link: string,
  kind: Packet["kind"],
): readonly number[] {
  const common = { maxPayload: bytes(sizes.maxPayload) };
  const machine = amend(oneSwitch(), {
    [GPU0]: { ...common, maxReadRequest: bytes(sizes.maxReadRequest) },
    [GPU1]: common,
    [SWITCH]: common,
    "0000:17:00.0": common,
    "0000:19:01.0": common,
    "0000:19:03.0": common,
  });
  const rig = boot(machine, [GPU0, GPU1]);
  const { reads, offset, length } = transfer;
  runMove(rig, { initiator: GPU0, reads, address: apertureOf(machine, GPU1) + offset, length });
  return rig.packets.filter((packet) => packet.link === link && packet.kind === kind).map((packet) => packet.length);
}

describe("A transfer is cut", () => {
  const sizes = fc.record({
    maxPayload: fc.constantFrom(128, 256, 512, 1024),
    maxReadRequest: fc.constantFrom(128, 256, 512, 1024, 4096),
  });
  const span = fc.record({
    offset: fc.oneof(fc.nat(5000), fc.constantFrom(0, 64, 127, 128, 4095, 4096)),
    length: fc.oneof(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 1, max: 10_000 })),
  });

  test("into writes at multiples of the largest payload, so never across 4 KiB", () => {
    fc.assert(
      fc.property(sizes, span, (size, { offset, length }) => {
        const writes = packetsOf(size, { reads: false, offset, length }, `${GPU0} up`, "MWr");
        expect(writes).toEqual(cutAt(offset, length, size.maxPayload));
      }),
      { numRuns: 60 },
    );
  });

  test("into read requests at multiples of the largest request, and those into completions that end on 128 B", () => {
    fc.assert(
      fc.property(sizes, span, (size, { offset, length }) => {
        const transfer = { reads: true, offset, length };
        const requests = cutAt(offset, length, size.maxReadRequest);
        expect(packetsOf(size, transfer, `${GPU0} up`, "MRd")).toHaveLength(requests.length);
        let at = offset;
        const completions = requests.flatMap((request) => {
          const start = at;
          at += request;
          return completionsOf(start, request, size.maxPayload, 128);
        });
        expect(packetsOf(size, transfer, `${GPU1} up`, "Cpl")).toEqual(completions);
      }),
      { numRuns: 60 },
    );
  });

  test("as worked out by hand", () => {
    const size = { maxPayload: 256, maxReadRequest: 512 };
    const write = { reads: false, offset: 4000, length: 700 };
    expect(packetsOf(size, write, `${GPU0} up`, "MWr")).toEqual([96, 256, 256, 92]);
    const read = { reads: true, offset: 200, length: 700 };
    // Requests [200, 512) and [512, 900); the first is answered up to 384, the next boundary within 256 B, and then to its end.
    expect(packetsOf(size, read, `${GPU1} up`, "Cpl")).toEqual([184, 128, 256, 132]);
  });

  test("into packets that are whole double words on the wire", () => {
    const rig = boot(oneSwitch(), [GPU0, GPU1]);
    runMove(rig, { initiator: GPU0, reads: false, address: apertureOf(oneSwitch(), GPU1), length: 5 });
    expect(rig.packets.filter(({ link }) => link === `${GPU0} up`).map(({ length, wire }) => [length, wire])).toEqual([
      [5, 24 + 8],
    ]);
  });
});
