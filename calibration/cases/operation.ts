import { z } from "zod";

/** What was done. Sizes and windows are bytes; `memory 0` is the system memory of socket 0. */

const size = z
  .int()
  .min(1)
  .max(2 ** 45)
  .describe("bytes of one operation");
const inFlight = z.int().min(1).max(4096).describe("operations under way at a time");
const end = z
  .string()
  .regex(/^([a-z][a-z0-9-]*|memory [0-7])$/)
  .describe("a device's name, or memory N for the system memory of socket N");
const device = z.string().regex(/^[a-z][a-z0-9-]*$/);
const page = z.literal([4096, 65536, 2097152, 16777216, 1073741824]).describe("bytes of a page of system memory");
const references = z
  .enum(["page by page", "compound page by compound page"])
  .describe("how a larger page is held: each 4 KiB of it by itself, or all of it at once")
  .optional();

const Dma = z
  .strictObject({
    kind: z.literal("dma"),
    device,
    access: z.enum(["read", "write", "read and write", "write then read"]),
    size,
    in_flight: inFlight,
    window: z
      .int()
      .min(1)
      .max(2 ** 32)
      .describe("bytes over which the addresses are spread"),
    order: z.enum(["random", "sequential"]),
    memory: z.int().min(0).max(7).describe("the socket whose memory it is; local or remote follows from the device's"),
    cache: z
      .enum(["warm", "device-warm", "cold"])
      .describe(
        "warm: CPUs have just written the window, and the last-level cache has it; device-warm: the device has, and the share that it may fill has the end of it, where the platform has Data Direct I/O; cold: only DRAM has it",
      ),
    engine: z
      .enum(["dma", "command"])
      .optional()
      .describe(
        "dma: through the engine of pcie-bench's adapter, a Netronome NFP-6000; command: single requests without any; default: none that costs time",
      ),
  })
  .describe(
    "a device reads and writes system memory; bandwidth of `read and write` is that of each direction, with at least 2 in flight",
  );

const Flow = z.strictObject({
  from: end,
  to: end,
  by: z.enum(["write", "read"]).describe("write: `from` sends it; read: `to` fetches it"),
});

const Flows = z
  .strictObject({
    kind: z.literal("flows"),
    flows: z.array(Flow).min(1).max(64),
    size,
    in_flight: inFlight,
  })
  .describe("devices and memory exchange data, all flows at once; bandwidth is their sum");

const PingPong = z
  .strictObject({ kind: z.literal("ping-pong"), between: z.tuple([device, device]), size })
  .describe("two devices write a flag into each other's memory in turn; latency is half a round");

const StagedCopy = z
  .strictObject({
    kind: z.literal("staged copy"),
    from: device,
    to: device,
    both_ways: z.boolean(),
    size,
  })
  .describe("from one device's memory to another's by way of system memory");

const Storage = z
  .strictObject({
    kind: z.literal("storage"),
    drives: z.array(device).min(1).max(64),
    with: end.describe("whose memory is filled or drained"),
    through: z.enum(["peer", "memory"]).describe("memory: by way of a buffer in system memory"),
    access: z.enum(["read", "write"]).describe("of the drive: read fills the other's memory, write drains it"),
    size,
    in_flight: inFlight.describe("requests under way at each drive; latency is of one of them"),
    legs: z
      .enum(["overlapped", "in turn"])
      .optional()
      .describe("through memory: in turn: a buffer is filled, then emptied; default overlapped"),
    issued_by: z
      .enum(["kernel", "device"])
      .optional()
      .describe("device: the peer drives the queues itself, which lie in its memory; default kernel"),
    cores: z
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe(
        "threads that issue the requests, each with a system call and on a core of its own; default: one core, no calls",
      ),
  })
  .describe("drives move data to or from memory");

const CpuCopy = z
  .strictObject({
    kind: z.literal("cpu copy"),
    device: device.describe("whose BAR it is; the core is on its socket"),
    access: z.enum(["store", "load"]),
    mapping: z.enum(["write-combining", "uncached"]),
    size,
  })
  .describe("one core copies between a buffer that is in its cache and a device's BAR; a store ends with a fence");

const CpuPingPong = z
  .strictObject({ kind: z.literal("cpu ping-pong"), device, size: z.int().min(1).max(64) })
  .describe(
    "a core stores a flag into a device's BAR, a core of the device answers in system memory; latency is a round",
  );

const MemoryCopy = z
  .strictObject({ kind: z.literal("memory copy"), size })
  .describe("one core copies between two buffers in system memory that no cache holds; bandwidth is bytes copied");

const Rdma = z
  .strictObject({
    kind: z.literal("rdma"),
    adapters: z.tuple([device, device]).describe("who sends and who receives; the line between them is theirs alone"),
    from: end,
    to: end,
    size,
    in_flight: inFlight.describe("messages posted at a time"),
  })
  .describe("messages from one memory to another by way of two network adapters; the machine may stand for two hosts");

const PerIo = z
  .strictObject({
    kind: z.literal("per-I/O"),
    device,
    size,
    in_flight: inFlight,
    access: z.enum(["read", "write"]).optional().describe("of the drive; default read"),
    cores: z
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe("each drives a queue of its own, with its share of what is under way; default 1"),
    map: z.enum(["each", "once"]).describe("each: the buffer is mapped and unmapped for every request"),
    completions: z.enum(["interrupt", "polled"]).optional().describe("default interrupt"),
    batch: z
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe(
        "requests of one system call, told of by one doorbell and waited for together; default: each by itself",
      ),
  })
  .describe("a drive's requests as one core, or several, can issue them");

const MapUnmap = z
  .strictObject({ kind: z.literal("map and unmap"), device, size, part: z.enum(["map", "unmap", "both"]) })
  .describe("the DMA API on one buffer");

const Pin = z
  .strictObject({
    kind: z.literal("pin"),
    size,
    page,
    threads: z.int().min(1).max(256).describe("of one process, all at once, each the whole of `size`"),
    cores: z
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe("that the threads run on, two to a core at most; default one each"),
    memory: z
      .enum(["of each thread", "of all threads"])
      .optional()
      .describe("of all threads: they pin the same pages; default of each thread"),
    pages_per_call: z.int().min(1).max(1048576).optional().describe("pages of 4 KiB in one call; default all"),
    marked: z
      .enum(["at each call", "once"])
      .optional()
      .describe("when the process is marked as one that pins: at each call in Linux 5.9 to 5.13; default once"),
    taken: references.describe("how references are taken; default compound page by compound page"),
    dropped: references.describe("how references are dropped; default page by page, as in Linux 4.9"),
    part: z.enum(["pin", "unpin", "both"]),
    touched: z.boolean().optional().describe("default true; false: the first touch of every page is part of it"),
  })
  .describe("get_user_pages on a process's memory; the time is a thread's mean");

const Register = z
  .strictObject({
    kind: z.literal("register"),
    device,
    size,
    page,
    adapter: z
      .enum(["hardware", "software"])
      .optional()
      .describe("software: a driver without a device (soft RoCE); default hardware"),
    dropped: references.describe("how references are dropped; default page by page, as in Linux 4.9"),
    part: z.enum(["register", "both"]),
  })
  .describe("a memory region for a network adapter: pinned, mapped, entered; both: and all of it back");

const PinDeviceMemory = z
  .strictObject({
    kind: z.literal("pin device memory"),
    device,
    size,
    part: z.enum(["pin", "map", "unmap", "unpin"]),
  })
  .describe("a driver's call that makes a GPU's memory reachable for others (nvidia_p2p_get_pages)");

const Migrate = z
  .strictObject({
    kind: z.literal("migrate"),
    size,
    page,
    by: z.enum(["move_pages", "device fault"]),
    device: device.optional().describe("whose memory it moves to, after a device fault"),
    batch: z
      .int()
      .min(1)
      .max(65536)
      .optional()
      .describe("pages of 4 KiB that the device's driver moves for one fault; default as the device's"),
  })
  .describe("pages of a process change place: between nodes, or into a device that faulted on them");

export const OperationSchema = z.discriminatedUnion("kind", [
  Dma,
  Flows,
  PingPong,
  StagedCopy,
  Storage,
  CpuCopy,
  CpuPingPong,
  MemoryCopy,
  Rdma,
  PerIo,
  MapUnmap,
  Pin,
  Register,
  PinDeviceMemory,
  Migrate,
]);

/** Every kind of operation that a case may describe. */
export const OPERATION_KINDS: readonly string[] = OperationSchema.options.map(({ shape }) => shape.kind.value);

export type Operation = z.infer<typeof OperationSchema>;
export type OperationOf<Kind extends Operation["kind"]> = Extract<Operation, { readonly kind: Kind }>;
