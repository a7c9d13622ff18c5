import type { Backing } from "./backing.ts";
import type { Device } from "./device.ts";
import type { DmaMapping } from "./dma-api.ts";
import { type Refusal, refuse } from "./refusal.ts";

/** What a kernel subsystem can be handed as the memory of an I/O, and what it says to anything else. */
export class Subsystem {
  readonly name: string;
  readonly #takes: Set<Backing>;
  readonly #why: string;
  /** Its devices can follow a process's page tables: they fault, and drop translations when they are told to. */
  readonly mirrors: boolean;

  constructor(name: string, takes: readonly Backing[], why: string, mirrors: boolean = false) {
    this.name = name;
    this.mirrors = mirrors;
    this.#takes = new Set(takes);
    this.#why = why;
  }

  /** A patch teaches it another kind of memory. */
  learn(backing: Backing): void {
    this.#takes.add(backing);
  }

  /** Undefined where it takes the mapping. */
  refusal(device: Device, { backing }: DmaMapping): Refusal | undefined {
    if (this.#takes.has(backing)) return undefined;
    return refuse({
      errno: "EINVAL",
      who: this.name,
      whom: device.name,
      why: `${this.#why}, and this memory is ${WORDS[backing]}`,
      remedy: `a ${this.name} that takes ${REMEDIES[backing]}`,
    });
  }
}

const WORDS: Readonly<Record<Backing, string>> = {
  pages: "struct pages",
  "dma-buf": "a dma-buf, which has none",
  resource: "a bare PCI resource, which has none",
};

const REMEDIES: Readonly<Record<Backing, string>> = {
  pages: "struct pages",
  "dma-buf": "dma-buf attachments",
  resource: "bus addresses",
};

/** Linux 4.9: a bio is a list of struct pages. */
export const blockSubsystem = (): Subsystem => new Subsystem("block layer", ["pages"], "a bio carries struct pages");
/** Linux 4.9: userptr objects are pages, PRIME imports dma-bufs. GPUs have page tables of their own, and drivers use MMU notifiers. */
export const drmSubsystem = (): Subsystem =>
  new Subsystem("DRM", ["pages", "dma-buf"], "a buffer object is struct pages or an imported dma-buf", true);
/** Linux 4.9: videobuf2 takes user pointers (get_user_pages) and dma-bufs. */
export const v4l2Subsystem = (): Subsystem =>
  new Subsystem("V4L2", ["pages", "dma-buf"], "a capture buffer is struct pages or a dma-buf");
/** Linux 4.9: ib_umem_get pins struct pages; dma-buf regions came in 5.12. On-demand paging (3.19) follows page tables. */
export const rdmaSubsystem = (): Subsystem =>
  new Subsystem("RDMA core", ["pages"], "a memory region is registered from struct pages", true);
