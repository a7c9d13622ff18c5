import { TICKS_PER_NS } from "../sim/units.ts";

/** Nanoseconds per byte on one lane, after encoding: 8b/10b at 2.5 and 5 GT/s, 128b/130b at 8, 16 and 32 GT/s (PCIe 5.0, 4.2). */
const LANE_BYTE_NS: Readonly<Record<1 | 2 | 3 | 4 | 5, number>> = { 1: 4, 2: 2, 3: 65 / 64, 4: 65 / 128, 5: 65 / 256 };

/** Ticks that a byte takes on a link; an integer for every generation at x1 to x16, rounded at x12. */
export const linkTicksPerByte = (generation: 1 | 2 | 3 | 4 | 5, width: number): number =>
  Math.round((LANE_BYTE_NS[generation] * TICKS_PER_NS) / width);
