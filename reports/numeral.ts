import { printBytes } from "../sim/units.ts";

/** A number for reading: three significant digits and no exponent between a millionth and a billion; a whole number is exact if it
 * shows no decimals. */
export function numeral(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e9 || size < 1e-6) return value.toExponential(1);
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(size)));
  return Number.isInteger(value) ? String(value) : value.toFixed(decimals);
}

/** A size for reading: "64 KiB", never broken at the end of a line. */
export function readableBytes(value: number): string {
  return printBytes(value).replace(/^[\d.]+/, (digits) => `${digits}\u00a0`);
}

/** The middle value; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return lower === upper ? upper : lower + (upper - lower) / 2;
}

/** Text on one line, without control characters: names and reasons come from plugins, and terminals obey what they are told. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\s]+/gu, " ").trim();
}
