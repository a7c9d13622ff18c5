import type { Task } from "../sim/activity.ts";
import type { Bytes, VirtAddr } from "../sim/units.ts";
import type { BarChunk } from "./bar-memory.ts";
import type { PageRange } from "./pages.ts";
import type { Refusal } from "./refusal.ts";

/** What lies behind a part of a process's address space. */
export interface Vma {
  readonly start: VirtAddr;
  readonly length: Bytes;
  /** Bytes that one of its page table entries maps: PAGE_BYTES, or a larger page (transparent, hugetlbfs, or a larger base page). */
  readonly page: Bytes;
  /**
   * `anonymous`: system memory; `devmap`: pages of a ZONE_DEVICE map, entered by the driver's fault handler; `file`: pages of a DAX file;
   * `pfnmap`: frames without struct pages (VM_IO | VM_PFNMAP), which get_user_pages does not take.
   */
  readonly kind: "anonymous" | "devmap" | "file" | "pfnmap";
  /** Who finds its pages, where they are not simply those that it was made with. */
  readonly pager: Pager | undefined;
  /** The buffer that a driver put there (vm_private_data). */
  readonly chunk?: BarChunk;
}

/**
 * Finds pages for entries that are missing: a file system's fault handler (vm_operations_struct.fault), or what a patch puts behind
 * entries of its own kind. It counts what that costs, page by page.
 */
export interface Pager {
  /** The pages of [from, to) of a vma, counted in pages from its start, in one run. */
  fault(vma: Vma, from: number, to: number): Task<PageRange | Refusal>;
}
