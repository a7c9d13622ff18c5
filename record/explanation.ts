import type { AcsSetting, IommuMode, Provenance } from "./cell.ts";
import type { Status } from "./outcome.ts";

/** What `explain` finds out about two devices of one machine: plain data, as its JSON document has it. Units stand in the names. */
export interface Explanation {
  readonly machine: string;
  readonly root_complex: ExplainedRootComplex;
  readonly settings: ExplainedSettings;
  readonly from: ExplainedDevice;
  readonly to: ExplainedDevice;
  /** NVLink beside PCIe, in a sentence; none where neither device has it. */
  readonly nvlink: string | null;
  readonly acs: AcsGrounds;
  /** The part of the tree that leads to the two devices, from the sockets down; what leads to both comes first. */
  readonly path: readonly PathStep[];
  readonly reach: Reach;
  readonly host_bridges: readonly ExplainedHostBridge[];
  readonly iommu_groups: ExplainedGroups;
  /** From --from to --to, and back. */
  readonly directions: readonly [ExplainedDirection, ExplainedDirection];
  readonly mechanisms: readonly ExplainedMechanism[];
  /** Why no mechanism was run; none where some were. */
  readonly no_workload: string | null;
  /** Something redirects or refuses: not all packets turn in a switch with the kernel's consent. */
  readonly needs_remedy: boolean;
  readonly remedies: readonly Remedy[];
  /** What one would try first, and why it changes nothing here. */
  readonly without_effect: readonly string[];
}

export interface ExplainedRootComplex {
  readonly title: string;
  readonly year: number;
  readonly forwards_writes: string;
  readonly forwards_reads: string;
  /** Ceilings of what it forwards out of one port, in bytes per second; null where nobody published one. */
  readonly writes_ceiling: number | null;
  readonly reads_ceiling: number | null;
  readonly source: string;
}

export interface ExplainedSettings {
  /** Whose pci_p2pdma is asked. */
  readonly kernel: string;
  /** The kernel that the mechanisms run in. */
  readonly mechanism_kernel: string;
  readonly iommu: IommuMode;
  readonly acs: AcsSetting;
  readonly request_bytes: number;
  readonly total_bytes: number;
  readonly queue_depth: number;
}

export interface ExplainedDevice {
  readonly id: string;
  /** What `run --from` calls it: "gpu0". */
  readonly name: string;
  readonly role: string;
  readonly label: string;
}

/** What is known about the IOMMU at the time of the dump, and what became of the ACS bits. */
export interface AcsGrounds {
  readonly dump_iommu: "on" | "off";
  /** The dump says so itself; else it is assumed. */
  readonly known: boolean;
  readonly why: string;
  readonly in_effect: string;
}

export type AcsOrigin = "as found" | "derived" | "set by --acs";

export interface PathStep {
  readonly kind: "socket" | "host-bridge" | "root-port" | "upstream-port" | "downstream-port" | "endpoint";
  readonly id: string;
  /** Steps below the socket. */
  readonly depth: number;
  readonly leads_to: "both" | "from" | "to";
  /** The role's name of an endpoint, the ids of a host bridge. */
  readonly name: string | null;
  readonly label: string | null;
  /** The link above it. */
  readonly link: ExplainedLink | null;
  readonly max_payload_bytes: number | null;
  readonly acs: ExplainedAcs | null;
  /** Linux takes it to isolate what is below it, or its functions, from peers (pci_acs_enabled). */
  readonly isolates: boolean | null;
}

export interface ExplainedLink {
  readonly generation: number;
  readonly width: number;
  readonly raw_bytes_per_s: number;
}

export interface ExplainedAcs {
  /** Names of the bits that are set, as lspci has them. */
  readonly set: readonly string[];
  readonly origin: AcsOrigin;
}

export interface Reach {
  /** Links up to where the two ways meet. */
  readonly links: number;
  /** Links above that port, which packets that climb on cross twice. */
  readonly links_crossed_twice: number;
  readonly switches: number;
  readonly max_payload_bytes: number;
  readonly max_payload_note: string | null;
  readonly bottleneck: Bottleneck | null;
}

export interface Bottleneck extends ExplainedLink {
  /** The function at the lower end. */
  readonly at: string;
  readonly packet_overhead_bytes: number;
  readonly payload_bytes_per_s: number;
}

export interface ExplainedHostBridge {
  readonly id: string;
  readonly socket: number;
  readonly identity: string | null;
  /** Unknown to a kernel without pci_p2pdma. */
  readonly listed: boolean | null;
  readonly words: string;
}

export interface ExplainedGroups {
  /** Without an IOMMU there are no groups; these are what the bits would make of them. */
  readonly exist: boolean;
  readonly of_from: readonly string[];
  readonly of_to: readonly string[];
  readonly words: string;
}

export interface ExplainedDirection {
  readonly initiator: string;
  readonly target: string;
  /** What the kernel says to the initiator's DMA into the target's memory; none where it has no pci_p2pdma. */
  readonly verdict: ExplainedVerdict | null;
  readonly no_verdict: string | null;
  readonly wire: readonly ExplainedWire[];
  /** Where the verdict and the wire differ, one sentence each. */
  readonly differ: readonly string[];
}

export interface ExplainedVerdict {
  readonly map_type: string;
  readonly distance: number;
  readonly because: string;
}

export type Addressing = "bus address" | "IOVA";

export interface ExplainedWire {
  readonly addressing: Addressing;
  readonly write: ExplainedWay;
  readonly read_request: ExplainedWay;
  readonly read_completion: ExplainedWay;
}

/** Where a packet turns, or that it does not arrive. */
export type Turn = "switch" | "root-port" | "host-bridge" | "host-bridges" | "sockets" | "rejected";

export interface ExplainedWay {
  readonly turn: Turn;
  /** The switch, root port or root complex that turned or rejected it. */
  readonly at: string;
  readonly words: string;
  /** What the initiator notices of a packet that does not arrive. */
  readonly consequence: string | null;
  readonly steps: readonly string[];
}

export interface ExplainedMechanism {
  readonly proposal: string;
  readonly form: string;
  readonly provenance: Provenance;
  readonly workload: string;
  readonly from: string;
  readonly to: string;
  readonly status: Status;
  readonly reason: string;
  readonly path: string;
  readonly throughput_bytes_per_s: number | null;
  readonly latency_p50_ns: number | null;
  readonly basis: string | null;
  readonly source_kind: string | null;
  readonly nearest_measurement: string | null;
}

export interface Remedy {
  readonly what: string;
  /** Commands or settings, one each. */
  readonly how: readonly string[];
  /** What the recomputation says afterwards, one change each. */
  readonly changes: readonly string[];
  readonly gives_up: readonly string[];
}
