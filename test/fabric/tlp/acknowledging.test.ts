import { describe, expect, test } from "vitest";
import { Parameters } from "../../../calibration/parameters.ts";
import { apertureOf, boot, GPU0, KIB, MIB, NVME0, oneSwitch, runMoves } from "../machines.ts";

/** Links that carry packets and nothing else, one after the other. */
const BARE = { "link.skp_share": 0, "link.efficiency": 1 };
const WRITE_WIRE = 280;
const GEN3_X4 = 1040;

/** How long the drive's writes take while the GPU writes to the drive as well, or does not; in ticks per byte of the drive's. */
function spans(constants: Readonly<Record<string, number>>): { readonly alone: number; readonly answered: number } {
  const machine = oneSwitch();
  const span = (both: boolean): number => {
    const rig = boot(machine, [NVME0, GPU0], constants);
    const there = { initiator: NVME0, reads: false, address: apertureOf(machine, GPU0), length: MIB };
    const back = { initiator: GPU0, reads: false, address: apertureOf(machine, NVME0), length: 2 * MIB };
    const [first] = runMoves(rig, both ? [there, back] : [there]);
    return (first?.landed?.at ?? Number.NaN) - (first?.began ?? 0);
  };
  return { alone: span(false), answered: span(true) };
}

describe("Acks and UpdateFCs", () => {
  test("take 8 B each of the other direction of the link, and nothing of their own", () => {
    const constants = { ...BARE, "dllp.ack_every": 4, "dllp.update_every": 2 };
    const { alone, answered } = spans(constants);
    expect(spans({ ...constants, "dllp.size": 0 }).alone).toBe(alone);
    // The GPU's packets reach the drive as fast as the drive sends its own: one of them to each, an Ack for four, an UpdateFC for two.
    // The drive advertises endless credits for completions only.
    const packets = MIB / 256;
    expect((answered - alone) / packets / GEN3_X4).toBeCloseTo(8 / 4 + 8 / 2, 0);
    expect(alone).toBeGreaterThan(packets * WRITE_WIRE * GEN3_X4);
  });

  test("cost less the more packets one of them speaks for", () => {
    const cost = (every: number): number => {
      const { alone, answered } = spans({ ...BARE, "dllp.ack_every": every, "dllp.update_every": every });
      return answered - alone;
    };
    const [one, two, four] = [cost(1), cost(2), cost(4)];
    expect(one / two).toBeCloseTo(2, 0);
    expect(two / four).toBeCloseTo(2, 0);
  });

  test("are no packets: no sum of bytes on any link has them", () => {
    const wireOf = (size: number): readonly number[] => {
      const rig = boot(oneSwitch(), [NVME0, GPU0], { "dllp.size": size });
      runMoves(rig, [{ initiator: NVME0, reads: true, address: apertureOf(oneSwitch(), GPU0), length: 64 * KIB }]);
      return [...rig.fabric.engine.wireBytes];
    };
    expect(wireOf(8)).toEqual(wireOf(0));
  });
});

describe("A saturated link", () => {
  test("carries what SKP ordered sets and its sender's gaps leave it", () => {
    const parameters = Parameters.typical();
    const share = (1 - parameters.share("link.skp_share")) * parameters.share("link.efficiency");
    expect(spans(BARE).alone / spans({}).alone).toBeCloseTo(share, 3);
  });
});
