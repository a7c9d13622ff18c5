/** A quantity in the unit that people say it in: GB/s, ns to ms, thousands and millions a second, yes or no. */
export function quantity(value: number, unit: string): string {
  if (unit === "By/s")
    return value >= 1e9 || value === 0 ? `${digits(value / 1e9)} GB/s` : `${digits(value / 1e6)} MB/s`;
  if (unit === "ns") return duration(value);
  if (unit === "1/s") return value >= 1e6 ? `${digits(value / 1e6)} M/s` : `${digits(value / 1e3)} k/s`;
  if (unit === "1") return value === 0 ? "no" : "yes";
  return `${digits(value)} ${unit}`;
}

function duration(ns: number): string {
  if (ns >= 1e6) return `${digits(ns / 1e6)} ms`;
  return ns >= 1e4 ? `${digits(ns / 1e3)} us` : `${digits(ns)} ns`;
}

/** Three digits, or all before the point. */
function digits(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
