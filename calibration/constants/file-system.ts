import type { Constant } from "../constant.ts";

/** A file system whose files are mapped straight onto a block device's memory (DAX), and the disk under it. */
export const FILE_SYSTEM = {
  "cpu.dax_lookup": {
    unit: "ns/page",
    low: 50,
    typical: 100,
    high: 300,
    kind: "assumed",
    what: "Finding the page frame of one page of a file: the file system's get_block and the disk's direct_access",
    source: "assumed, from memory: a lookup in a cached extent tree and an addition",
  },
  "cpu.file_create": {
    unit: "ns",
    low: 2000,
    typical: 6000,
    high: 20e3,
    kind: "assumed",
    what: "Creating a file: a directory entry, an inode, and its blocks in one run",
    source:
      "assumed: three times the 2.0 us that ext4 takes of a read in XRP (Zhong et al., OSDI 2022), from memory; low: once that",
  },
  "cpu.file_truncate": {
    unit: "ns",
    low: 1500,
    typical: 4000,
    high: 15e3,
    kind: "assumed",
    what: "Shortening or unlinking a file: its mappings are zapped and its blocks become free",
    source: "assumed: less than creating one (cpu.file_create)",
  },
  "cpu.disk_register": {
    unit: "ns",
    low: 50e3,
    typical: 200e3,
    high: 1e6,
    kind: "assumed",
    what: "Adding or removing a disk: a request queue, a gendisk, its sysfs entries and events",
    source: "assumed: no figure published; part of setting up only, never of a request",
  },
  "cpu.file_system_mount": {
    unit: "ns",
    low: 200e3,
    typical: 1e6,
    high: 10e6,
    kind: "assumed",
    what: "Making and mounting, or unmounting, a file system, apart from writing its inode tables",
    source: "assumed: no figure published; part of setting up only, never of a request",
  },
  "file_system.inode_bytes": {
    unit: "By",
    low: 256,
    typical: 256,
    high: 256,
    kind: "assumed",
    what: "An inode on the disk",
    source: "assumed: default of mke2fs (e2fsprogs 1.43, 2016), from memory",
  },
  "file_system.bytes_per_inode": {
    unit: "By",
    low: 16384,
    typical: 16384,
    high: 16384,
    kind: "assumed",
    what: "For how many bytes of the disk one inode is made",
    source: "assumed: default of mke2fs (e2fsprogs 1.43, 2016), from memory",
  },
} as const satisfies Readonly<Record<string, Constant>>;
