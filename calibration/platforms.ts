/**
 * What a root complex forwards between its root ports, by platform and year. The PCIe specification leaves peer-to-peer between root
 * ports optional, so this is policy, not law: each entry names who said so.
 */
export const PLATFORM_NAMES = [
  "intel-client",
  "xeon-snb",
  "xeon-ivb",
  "xeon-bdw",
  "xeon-sp",
  "amd-prezen",
  "amd-zen",
  "unknown",
] as const;
export type Platform = (typeof PLATFORM_NAMES)[number];

/** How far apart two root ports may be for the root complex to forward between them. */
export type Reach = "nowhere" | "same-host-bridge" | "same-socket" | "everywhere";

export interface RootComplexPolicy {
  readonly title: string;
  readonly year: number;
  readonly posted: Reach;
  readonly nonPosted: Reach;
  /** Whether what comes up through a root port and is meant for below it goes back down, as redirected packets must. */
  readonly returns: boolean;
  readonly source: string;
  /** Whether what devices write to memory goes to the last-level cache first (Intel Data Direct I/O), and who said so. */
  readonly ddio: { readonly present: boolean; readonly source: string };
}

const XEON_DDIO = {
  present: true,
  source:
    "Intel support article 000056796: Data Direct I/O came with the Xeon E5 and E7 v2 families, on in all of them; Xeon Scalable has it too (intel/intel-cmt-cat issue 128)",
} as const;

export const PLATFORMS: Readonly<Record<Platform, RootComplexPolicy>> = {
  "intel-client": {
    title: "Intel client root complex",
    year: 2016,
    posted: "everywhere",
    nonPosted: "nowhere",
    returns: false,
    source:
      "NVIDIA/open-gpu-kernel-modules issue 1253: Intel client CPUs carry peer-to-peer writes only; intel/compute-runtime issue 935: writes that ACS redirects up to one do not come back",
    ddio: {
      present: false,
      source:
        "assumed: Intel names Data Direct I/O a feature of Xeon E5 and E7 v2 and later (support article 000056796), of no client die",
    },
  },
  "xeon-snb": {
    title: "Intel Xeon E5 (Sandy Bridge-EP)",
    year: 2012,
    posted: "same-socket",
    nonPosted: "same-socket",
    returns: true,
    source: "Linux 6.12 drivers/pci/p2pdma.c has 8086:3c00 and 3c01 on its list, for one host bridge only",
    ddio: XEON_DDIO,
  },
  "xeon-ivb": {
    title: "Intel Xeon E5 v2 (Ivy Bridge-EP)",
    year: 2013,
    posted: "same-socket",
    nonPosted: "same-socket",
    returns: true,
    source:
      "Linux 6.12 drivers/pci/p2pdma.c whitelists Xeon E5 host bridges for one host bridge only; cross-socket reported slow or failing",
    ddio: XEON_DDIO,
  },
  "xeon-bdw": {
    title: "Intel Xeon E5 v3 and v4 (Haswell-EP, Broadwell-EP)",
    year: 2015,
    posted: "same-socket",
    nonPosted: "same-socket",
    returns: true,
    ddio: XEON_DDIO,
    source:
      "Linux 6.12 drivers/pci/p2pdma.c has 8086:2f00 and 2f01 on its list, for one host bridge only; Broadwell-EP's 6f00 is not on it and is taken to be alike",
  },
  "xeon-sp": {
    title: "Intel Xeon Scalable",
    year: 2023,
    posted: "everywhere",
    nonPosted: "everywhere",
    returns: true,
    source: "Linux 6.12 drivers/pci/p2pdma.c whitelists 8086:2030-2033, 2020 and 09a2 without restriction",
    ddio: XEON_DDIO,
  },
  "amd-prezen": {
    title: "AMD before Zen",
    year: 2012,
    posted: "everywhere",
    nonPosted: "nowhere",
    returns: true,
    ddio: { present: false, source: "assumed: nobody is known to have said that it has such a thing" },
    source: "A. Deucher, p2pdma patch of April 2020: parts before Zen forward peer-to-peer writes only",
  },
  "amd-zen": {
    title: "AMD Zen",
    year: 2017,
    posted: "everywhere",
    nonPosted: "everywhere",
    returns: true,
    source: "A. Deucher, p2pdma patch of April 2020: Zen parts route peer-to-peer reads and writes",
    ddio: {
      present: false,
      source:
        "AMD on Linux resctrl, 2024: Smart Data Cache Injection is new in EPYC 9005 and needs PCIe TLP Processing Hints, which no driver here sends; others write to DRAM",
    },
  },
  unknown: {
    title: "unknown root complex",
    year: 2016,
    posted: "everywhere",
    nonPosted: "nowhere",
    returns: true,
    source: "assumed: S. Sagalovitch on the 2016 thread, writes practically always work and reads very often do not",
    ddio: {
      present: false,
      source: "assumed: without a name there is no cache to rest on",
    },
  },
};
