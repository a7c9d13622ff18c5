import type { Parameters } from "../calibration/parameters.ts";
import type { Task } from "../sim/activity.ts";
import type { Recurrent, StateWriter } from "../sim/recurrent.ts";
import { type Bytes, PAGE_BYTES, pfn } from "../sim/units.ts";
import type { Awaited } from "./awaited.ts";
import type { Cpu } from "./cpu.ts";
import { DaxFile } from "./dax-file.ts";
import { Extents } from "./extents.ts";
import type { MmuNotifiers } from "./mmu-notifier.ts";
import type { PageRange } from "./pages.ts";
import type { Process } from "./process.ts";
import { type Refusal, refuse } from "./refusal.ts";
import type { Vma } from "./vma.ts";

/** A disk whose sectors are memory: direct_access answers a sector with a page frame. */
export interface DaxDisk {
  readonly name: string;
  /** The frames of the whole disk, in order. */
  readonly pages: PageRange;
}

/** A file system with DAX, mounted on a disk. */
export interface FileSystem {
  readonly disk: DaxDisk;
  /** Frames of the disk that no file has. */
  readonly free: Extents;
}

/**
 * DAX of Linux 4.9: a mapped file's page table entries name the disk's own memory. Files lie in one run of blocks of a page each. A
 * file system of 4.9 does not ask who holds references to a block's page (dax_layout_busy_page came in 4.18): truncating or unlinking
 * a file frees its blocks under a transfer, and the next file gets them.
 */
export class Dax implements Recurrent {
  /** Whether truncate and unlink wait for pinned pages. */
  readonly fsWaitsForPins: boolean = false;
  readonly #awaited: Awaited;
  readonly #cpu: Cpu;
  readonly #notifiers: MmuNotifiers;
  readonly #process: Process;
  readonly #parameters: Parameters;
  readonly #mounted: FileSystem[] = [];
  readonly #files: DaxFile[] = [];

  constructor(awaited: Awaited, cpu: Cpu, notifiers: MmuNotifiers, process: Process, parameters: Parameters) {
    this.#awaited = awaited;
    this.#cpu = cpu;
    this.#notifiers = notifiers;
    this.#process = process;
    this.#parameters = parameters;
  }

  /** mkfs and mount -o dax. The CPU writes the inode tables, through the disk's write-combined mapping. */
  mount(disk: DaxDisk): Task<FileSystem> {
    return this.#awaited.call(this.#mount(disk));
  }

  *#mount(disk: DaxDisk): Task<FileSystem> {
    this.#awaited.begin();
    const { first, count } = disk.pages;
    const inodes = Math.ceil((count * PAGE_BYTES) / this.#parameters.amount("file_system.bytes_per_inode"));
    const tables = inodes * this.#parameters.amount("file_system.inode_bytes");
    yield* this.#cpu.run("cpu.file_system_mount", 1);
    yield* this.#cpu.run("host.wc_write", tables);
    const metadata = Math.ceil(tables / PAGE_BYTES);
    const mounted = { disk, free: new Extents(first + metadata, first + count) };
    this.#mounted.push(mounted);
    return mounted;
  }

  /** umount: no file of it may be mapped any more. */
  unmount(mounted: FileSystem): Task<void> {
    return this.#awaited.call(this.#unmount(mounted));
  }

  *#unmount(mounted: FileSystem): Task<void> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.file_system_mount", 1);
    this.#mounted.splice(this.#mounted.indexOf(mounted), 1);
  }

  /** Creates a file with all of its blocks, which the CPU zeroes before anybody can see what another file had left in them. */
  create(mounted: FileSystem, length: Bytes): Task<DaxFile | Refusal> {
    return this.#awaited.call(this.#create(mounted, length));
  }

  *#create(mounted: FileSystem, length: Bytes): Task<DaxFile | Refusal> {
    this.#awaited.begin();
    yield* this.#cpu.run("cpu.file_create", 1);
    const count = Math.ceil(length / PAGE_BYTES);
    const first = mounted.free.take(count);
    if (first === undefined)
      return refuse({
        errno: "ENOSPC",
        who: "the file system",
        whom: mounted.disk.name,
        why: `its disk of ${mounted.disk.pages.count * PAGE_BYTES} bytes has no run of ${count * PAGE_BYTES} bytes left`,
        remedy: "fewer or smaller files, or a larger BAR",
      });
    yield* this.#cpu.run("host.wc_write", count * PAGE_BYTES);
    const file = new DaxFile(this.#cpu, mounted.disk.name, mounted.free, { first: pfn(first), count, device: true });
    this.#files.push(file);
    return file;
  }

  /** mmap of a file, shared. */
  mmap(file: DaxFile): Task<Vma> {
    return this.#process.mmap("file", file.blocks, file);
  }

  /** Shortens a file: mappings of what goes are zapped, its blocks are free at once, whoever has their pages pinned. */
  truncate(file: DaxFile, length: number): Task<void> {
    return this.#awaited.call(this.#truncate(file, length));
  }

  *#truncate(file: DaxFile, length: number): Task<void> {
    this.#awaited.begin();
    const kept = Math.ceil(length / PAGE_BYTES);
    yield* this.#cpu.run("cpu.file_truncate", 1);
    for (const vma of this.#process.mappingsOf(file)) {
      yield* this.#notifiers.start(vma);
      this.#process.clear(vma, kept, vma.length / PAGE_BYTES);
      this.#notifiers.end(vma);
    }
    file.shorten(kept);
  }

  /** Unlinks a file that nobody has open. */
  unlink(file: DaxFile): Task<void> {
    return this.#awaited.call(this.#unlink(file));
  }

  *#unlink(file: DaxFile): Task<void> {
    this.#awaited.begin();
    yield* this.truncate(file, 0);
    this.#files.splice(this.#files.indexOf(file), 1);
  }

  writeState(out: StateWriter): void {
    for (const { disk, free } of this.#mounted) {
      out.put(disk.pages.first);
      free.writeState(out);
    }
    for (const { blocks } of this.#files) {
      out.put(blocks.first);
      out.put(blocks.count);
    }
  }
}
