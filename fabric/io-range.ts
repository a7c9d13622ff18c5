import { PAGE_BYTES } from "../sim/units.ts";

/** The larger page of Intel's second-level tables and of AMD's: one entry of the directory above the page tables. */
const LARGE_PAGE = 2 ** 21;
/** The pages that an IOMMU's tables may use at most. */
export type IoPage = typeof PAGE_BYTES | typeof LARGE_PAGE;

/** Consecutive IO virtual addresses that lead to consecutive physical ones. */
export interface IoRange {
  readonly iova: number;
  readonly physical: number;
  readonly length: number;
}

/** Where the part of a range that large pages map begins, and where it ends; the same where there is none. */
export function largePart({ iova, physical, length }: IoRange, largest: IoPage): readonly [number, number] {
  // A large page is aligned on both sides, or none (intel-iommu.c, hardware_largepage_caps).
  if (largest === PAGE_BYTES || (iova - physical) % LARGE_PAGE !== 0) return [iova, iova];
  const from = Math.ceil(iova / LARGE_PAGE) * LARGE_PAGE;
  const to = Math.floor((iova + length) / LARGE_PAGE) * LARGE_PAGE;
  return to > from ? [from, to] : [iova, iova];
}

/** How many table entries a range takes. */
export function entriesOf(range: IoRange, largest: IoPage): number {
  const [from, to] = largePart(range, largest);
  return (to - from) / LARGE_PAGE + (range.length - (to - from)) / PAGE_BYTES;
}
