import type { Case } from "./case.ts";

type Measured = Case["measured"];

/** Published figures in base units; rounded to whole bytes and nanoseconds, which no source resolves. */
const bytesPerSecond = (value: number): Measured => ({ value: Math.round(value), unit: "By/s" });

export const gigabits = (value: number): Measured => bytesPerSecond((value * 1e9) / 8);
export const gigabytes = (value: number): Measured => bytesPerSecond(value * 1e9);
export const gibibytes = (value: number): Measured => bytesPerSecond(value * 2 ** 30);
export const mebibytes = (value: number): Measured => bytesPerSecond(value * 2 ** 20);
export const nanoseconds = (value: number): Measured => ({ value, unit: "ns" });
export const microseconds = (value: number): Measured => ({ value: Math.round(value * 1e3), unit: "ns" });
export const perSecond = (value: number): Measured => ({ value, unit: "1/s" });
export const succeeds = (value: boolean): Measured => ({ value: value ? 1 : 0, unit: "1" });

/** A published range: its middle is what a prediction is held against. */
export const between = (low: Measured, high: Measured): Measured => ({
  value: (low.value + high.value) / 2,
  unit: low.unit,
  low: low.value,
  high: high.value,
});

export const KIB: number = 2 ** 10;
export const MIB: number = 2 ** 20;
export const GIB: number = 2 ** 30;
