/**
 * Quantities as types. The domain's main confusion (a bus address is not a physical address, an IOVA is neither) is a compile
 * error here. Arithmetic on a branded number yields a plain number; branding it again is the point where a reader looks.
 */
declare const unit: unique symbol;
type Quantity<Name extends string> = number & { readonly [unit]: Name };

/** Simulated time in ticks of 2^-12 ns, so that every byte time of gen1-5 at x1..x16 is an integer. */
export type Ticks = Quantity<"ticks">;
export type Bytes = Quantity<"bytes">;
/** An address as the CPU sees it. */
export type PhysAddr = Quantity<"physical address">;
/** An address as a PCIe segment below a host bridge sees it. */
export type BusAddr = Quantity<"bus address">;
/** An address that only one IOMMU domain can translate. */
export type Iova = Quantity<"IO virtual address">;
/** An address in a process. */
export type VirtAddr = Quantity<"virtual address">;
/** A physical address in pages of 4 KiB. */
export type Pfn = Quantity<"page frame number">;

export const TICKS_PER_NS = 4096;
export const PAGE_BYTES = 4096;
const EXACT = Number.MAX_SAFE_INTEGER;

const whole = (value: number, name: string): number => {
  if (!Number.isInteger(value) || value < 0 || value > EXACT)
    throw new RangeError(`${value} is not a ${name} that a double holds exactly`);
  return value;
};

export const ticks = (value: number): Ticks => whole(value, "count of ticks") as Ticks;
export const bytes = (value: number): Bytes => whole(value, "count of bytes") as Bytes;
export const physAddr = (value: number): PhysAddr => whole(value, "physical address") as PhysAddr;
export const busAddr = (value: number): BusAddr => whole(value, "bus address") as BusAddr;
export const iova = (value: number): Iova => whole(value, "IO virtual address") as Iova;
export const virtAddr = (value: number): VirtAddr => whole(value, "virtual address") as VirtAddr;
export const pfn = (value: number): Pfn => whole(value, "page frame number") as Pfn;

/** Rounds to the nearest tick: the one place where nanoseconds lose precision. */
export const ticksOfNs = (ns: number): Ticks => ticks(Math.round(ns * TICKS_PER_NS));
/** Exact: a tick is a power of two of a nanosecond. */
export const nsOfTicks = (span: number): number => span / TICKS_PER_NS;

export const pfnOf = (address: PhysAddr): Pfn => Math.floor(address / PAGE_BYTES) as Pfn;
export const addressOf = (frame: Pfn): PhysAddr => (frame * PAGE_BYTES) as PhysAddr;
/** Pages that [address, address + length) touches. */
export const pagesSpanned = (address: number, length: number): number =>
  length === 0 ? 0 : Math.floor((address + length - 1) / PAGE_BYTES) - Math.floor(address / PAGE_BYTES) + 1;

const MULTIPLES: ReadonlyMap<string, number> = new Map([
  ["B", 1],
  ["KiB", 2 ** 10],
  ["MiB", 2 ** 20],
  ["GiB", 2 ** 30],
  ["TiB", 2 ** 40],
  ["kB", 1e3],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
  ["TB", 1e12],
]);
const SHORT: ReadonlyMap<string, string> = new Map([
  ["", "B"],
  ["K", "KiB"],
  ["k", "KiB"],
  ["M", "MiB"],
  ["G", "GiB"],
  ["T", "TiB"],
]);

/** Reads "1MiB", "4k", "512"; undefined where the text is not a positive whole number of bytes. K, M, G alone are binary, as in fio and dd. */
export function parseBytes(text: string): Bytes | undefined {
  const match = /^(\d+)(?:\.(\d+))?\s*([A-Za-z]*)$/.exec(text.trim());
  const [, whole = "", fraction = "", suffix = ""] = match ?? [];
  const multiple = MULTIPLES.get(SHORT.get(suffix) ?? suffix);
  if (!match || multiple === undefined) return undefined;
  // In whole numbers: 1.001 x 1000 is not 1001 in doubles.
  const digits = BigInt(whole + fraction) * BigInt(multiple);
  const scale = 10n ** BigInt(fraction.length);
  const value = digits % scale === 0n ? Number(digits / scale) : 0;
  return value > 0 && value <= EXACT ? (value as Bytes) : undefined;
}

/** The shortest binary form: 1048576 -> "1MiB", 1000 -> "1000B". */
export function printBytes(value: number): string {
  for (const suffix of ["TiB", "GiB", "MiB", "KiB"]) {
    const multiple = MULTIPLES.get(suffix) ?? 1;
    if (value >= multiple && value % multiple === 0) return `${value / multiple}${suffix}`;
  }
  return `${value}B`;
}

/** Reads "40GB/s", "2.5GiB/s" or 0 as bytes per second; undefined where the text is no whole number of them or names no unit. */
export function parseRate(text: string): number | undefined {
  const [, amount] = /^(\d+(?:\.\d+)?\s*[A-Za-z]*B)\/s$/.exec(text.trim()) ?? [];
  if (amount === undefined) return text.trim() === "0" ? 0 : undefined;
  return /^0+(?:\.0+)?\s*[A-Za-z]*B$/.test(amount) ? 0 : parseBytes(amount);
}

/** The shortest decimal form: 40e9 -> "40GB/s". */
export function printRate(value: number): string {
  if (value === 0) return "0";
  const [suffix, multiple] = [["GB", 1e9] as const, ["MB", 1e6] as const].find(
    ([, each]) => value % (each / 1e3) === 0,
  ) ?? ["B", 1];
  return `${value / multiple}${suffix}/s`;
}
