export type Direction = "higher" | "lower" | "neither";

export interface Metric {
  readonly unit: "By/s" | "ns" | "By" | "1" | "ns/By" | "By/By";
  readonly better: Direction;
  readonly definition: string;
}

/** The one metric whose value may be infinite. */
export const BREAK_EVEN_REUSE = "break_even_reuse";

/** Every metric that a cell may carry, with its unit, its direction and its definition. */
export const METRICS: Readonly<Record<string, Metric>> = {
  throughput: {
    unit: "By/s",
    better: "higher",
    definition:
      "Bytes of the requests that succeeded, as user space sees it, over the time from the first submission to the last completion.",
  },
  aggregate_throughput: {
    unit: "By/s",
    better: "higher",
    definition:
      "With --initiators: bytes of all initiators' requests that succeeded while the first one's were served, over that time. The other numbers of a cell are the first one's, but for those of DRAM, links, root complex, IOTLB and lost bytes: these are everybody's, until the others have ended what they were at.",
  },
  aggregate_bytes: {
    unit: "By",
    better: "neither",
    definition:
      "With --initiators: payload of the first one and of the others until they have ended what they were at; counts of the whole machine are of it.",
  },
  dram_load_throughput: {
    unit: "By/s",
    better: "neither",
    definition:
      "With --dram-load: bytes that CPUs read and wrote in memory beside the devices, on all loaded sockets together, over the same time. Less than was asked for where memory could not serve it in time.",
  },
  latency: {
    unit: "ns",
    better: "lower",
    definition:
      "One request from submission to completion, its mapping and unmapping included. Quantiles are exact to one part in 1024; max, min and mean are exact.",
  },
  setup_time: {
    unit: "ns",
    better: "lower",
    definition: "Providing, allocating and exposing the memory, before the first request.",
  },
  teardown_time: { unit: "ns", better: "lower", definition: "Releasing all of it after the last request." },
  cpu_time: {
    unit: "ns",
    better: "lower",
    definition:
      "CPU time charged by every kernel and driver operation between the first submission and the last completion.",
  },
  cpu_time_per_byte: { unit: "ns/By", better: "lower", definition: "cpu_time over payload bytes." },
  dram_read_bytes: {
    unit: "By",
    better: "lower",
    definition:
      "Bytes read from DRAM: by devices, what the last-level cache has not got of what they wrote (on Intel Xeon platforms, which have Data Direct I/O), and all that CPU copies read.",
  },
  dram_write_bytes: {
    unit: "By",
    better: "lower",
    definition:
      "Bytes written to DRAM: by devices, on Intel Xeon platforms the lines that their share of the last-level cache gives up, elsewhere all that they write, and all that CPU copies write.",
  },
  dram_read_per_byte: {
    unit: "By/By",
    better: "lower",
    definition: "dram_read_bytes over payload bytes of all initiators. --dram-load does not count.",
  },
  dram_write_per_byte: {
    unit: "By/By",
    better: "lower",
    definition: "dram_write_bytes over payload bytes of all initiators. --dram-load does not count.",
  },
  root_complex_payload_bytes: {
    unit: "By",
    better: "lower",
    definition:
      "Payload that crosses a root port, in either direction: 2 per byte where it goes up and down again, 0 behind one switch.",
  },
  root_complex_control_bytes: {
    unit: "By",
    better: "lower",
    definition:
      "Bytes on the wire at root ports of packets that carry no payload: doorbells, command fetches, read requests, completion entries, interrupts.",
  },
  late_frames: {
    unit: "1",
    better: "lower",
    definition:
      "Of a stream: frames that found no free buffer and are lost, and frames that had not arrived when the next one came.",
  },
  link_wire_bytes: {
    unit: "By",
    better: "neither",
    definition: "Bytes on the wire of one link in one direction, framing and headers included.",
  },
  link_payload_bytes: { unit: "By", better: "neither", definition: "Payload bytes on one link in one direction." },
  wire_efficiency: { unit: "1", better: "higher", definition: "link_payload_bytes over link_wire_bytes." },
  iotlb_misses: { unit: "1", better: "lower", definition: "Translations that had to walk the IOMMU's page table." },
  operations: {
    unit: "1",
    better: "lower",
    definition: "How often a kernel operation was done; per page where it is done per page.",
  },
  struct_page_bytes: {
    unit: "By",
    better: "lower",
    definition: "System memory taken by struct pages made for device memory.",
  },
  pinned_bytes: {
    unit: "By",
    better: "lower",
    definition: "Memory held by references of in-flight or long-lived users, at its peak.",
  },
  bar_window_bytes: {
    unit: "By",
    better: "lower",
    definition:
      "BAR space that must stay where it is because others use it: what has struct pages or an address in a device's hands, at its peak.",
  },
  break_even_reuse: {
    unit: "1",
    better: "lower",
    definition:
      "The number of uses of one mapping from which on a form costs no more CPU time per byte than staging/pipelined in the same setting; 1: always, inf: never. Told of the form's cells of all reuses in a run together, and written to the one with the fewest; absent where fewer than two reuses were run.",
  },
  lost_bytes: {
    unit: "By",
    better: "lower",
    definition: "Payload bytes that the fabric dropped without telling the initiator.",
  },
};
