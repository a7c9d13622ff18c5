import type { ConstantTable } from "../calibration/parameters.ts";
import type { Device } from "../kernel/device.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Refusal } from "../kernel/refusal.ts";
import type { Provenance } from "../record/cell.ts";
import type { Task } from "../sim/activity.ts";
import type { Bytes } from "../sim/units.ts";

/**
 * The contract of a proposal. Six nested nouns: what you hold is what you may do.
 *
 *   Mechanism.provide -> Provider.alloc -> Region.expose -> Exposed.resolve -> Import.map -> Mapping.access
 *              withdraw <-           free <-        retract <-        release <-      unmap <-
 *
 * A proposal composes kernel primitives and contains no number and no verdict: what comes out of it is for the machine to say. It keeps
 * nothing between requests but what it puts into `kernel.table`. It never imports a value: everything it needs is in the kernel that
 * `install` is given, so that a plugin is one file.
 */
export interface Proposal {
  readonly contract: 1;
  /** Stable and kebab-case: command line, CSV, chart and file carry it. */
  readonly name: string;
  readonly title: string;
  /** By form: "as-posted", "intended", "upstream"; the control has its own. In order; the first is the default. */
  readonly forms: Readonly<Record<string, Form>>;
  /** Constants of its own, each with its source, named "proposal/constant". */
  readonly constants?: ConstantTable;
}

export interface Form {
  readonly provenance: Provenance;
  /** The posts and patches that it follows. */
  readonly sources: readonly string[];
  /**
   * That it keeps no state of its own between requests. Without this promise nothing is leapt over: every request is simulated, and
   * the result says why.
   */
  readonly stateless?: true;
  /** What must change in the kernel and in whose drivers, as the posted diffstats and messages have it. Told, never computed with. */
  readonly changes?: readonly Change[];
  /** Puts the proposal into one freshly booted kernel. */
  readonly install: (kernel: Kernel) => Mechanism;
}

/** A change to Linux that a form takes. */
export interface Change {
  /** `core`: once for all; `exporter` and `importer`: in each driver that has the memory, or reaches for it. */
  readonly where: "core" | "exporter" | "importer";
  readonly what: string;
  /** The message or diffstat that says so; "inferred: ..." where none does. */
  readonly source: string;
}

/** The two devices of a run: who has the memory, and who will reach for it. */
export interface Parties {
  readonly exporter: Device;
  readonly importer: Device;
}

export interface Mechanism {
  /** Makes the exporter's memory available to the mechanism. */
  provide(parties: Parties): Task<Provider | Refusal>;
}

export interface Provider {
  /**
   * Lets another importer reach the same memory: what is made once for an exporter is not made again. It is withdrawn before the
   * provider that it came from. Where this verb is missing, the mechanism provides again.
   */
  join?(importer: Device): Task<Provider | Refusal>;
  /** Sets aside `length` bytes of the exporter's memory. */
  alloc(length: Bytes): Task<Region | Refusal>;
  /** Takes the exporter's memory back. Must return with nothing mapped; may wait for who still holds it. */
  withdraw(): Task<void>;
}

export interface Region {
  /** Makes the region nameable by the importer. */
  expose(): Task<Exposed | Refusal>;
  free(): Task<void>;
}

export interface Exposed {
  /** The importer finds the memory behind the name and, in most mechanisms, holds it. */
  resolve(): Task<Import | Refusal>;
  retract(): Task<void>;
}

export interface Import {
  /** Addresses that the importer may put into its packets. */
  map(): Task<Mapping | Refusal>;
  release(): Task<void>;
}

export interface Mapping {
  /** Moves `length` bytes between the importer's medium and the region, and waits: "" or the error that user space sees. */
  access(access: Access): Task<"" | "EIO" | Refusal>;
  unmap(): Task<void>;
}

/** `read`: from the importer's medium into the region; `write`: the other way. */
export interface Access {
  readonly kind: "read" | "write";
  readonly length: Bytes;
}
