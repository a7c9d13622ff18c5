import { z } from "zod";
import { PLATFORM_NAMES } from "../platforms.ts";
import { CASE_CLASSES } from "./classes.ts";
import { OperationSchema } from "./operation.ts";

/**
 * One published measurement as something that can be run. The schema is the reader of suite files, the JSON Schema that ships with
 * the package, and the type of our own cases: there is one description of the format.
 */

const CASE_METRICS = ["bandwidth", "latency", "time", "rate", "success"] as const;

const LinkSchema = z
  .strictObject({
    generation: z.literal([1, 2, 3, 4, 5]),
    width: z.literal([1, 2, 4, 8, 12, 16]),
  })
  .describe("generation and lanes in effect");

const PlaceSchema = z
  .union([
    z
      .strictObject({ socket: z.int().min(0).max(7), bridge: z.int().min(0).max(7).optional() })
      .describe("a root port of its own, on this socket and host bridge (default 0)"),
    z.strictObject({ switch: z.string() }).describe("a downstream port of this switch"),
  ])
  .describe("what a device or a switch hangs below");

/** Devices by name, and what they hang below; the switches that it takes. Ports are made as needed. */
const MachineSchema = z.strictObject({
  devices: z
    .record(
      z.string().regex(/^[a-z][a-z0-9-]*$/),
      z.strictObject({
        role: z.enum(["nvme", "gpu", "nic", "other"]),
        link: LinkSchema,
        below: PlaceSchema,
        fpga: z.boolean().optional().describe("its memory lies behind programmable logic"),
        ats: z
          .boolean()
          .optional()
          .describe("it caches translations itself (ATS) where an IOMMU translates; default false"),
      }),
    )
    .describe("devices by name"),
  switches: z
    .record(z.string().regex(/^[a-z][a-z0-9-]*$/), z.strictObject({ link: LinkSchema, below: PlaceSchema }))
    .optional(),
  sockets: z.int().min(1).max(8).optional().describe("default: as many as places name"),
  memory: z
    .int()
    .min(2 ** 26)
    .max(2 ** 45)
    .optional()
    .describe("bytes of system memory of each socket; default 64 GiB, and more where the operation needs more"),
  max_payload: z.literal([128, 256, 512, 1024, 2048, 4096]).optional().describe("bytes; default 256"),
  max_read_request: z.literal([128, 256, 512, 1024, 2048, 4096]).optional().describe("bytes; default 512"),
  tags: z.literal([32, 256, 768]).optional().describe("reads that a device may have outstanding; default 256"),
  ecrc: z.boolean().optional().describe("packets bear an end-to-end CRC; default false"),
  relaxed_ordering: z
    .boolean()
    .optional()
    .describe("data of devices bear the Relaxed Ordering attribute; default false"),
  id_ordering: z.boolean().optional().describe("data of devices bear the ID-Based Ordering attribute; default false"),
});

const ConfigurationSchema = z.strictObject({
  iommu: z.enum(["off", "lazy", "strict", "passthrough"]).optional().describe("default off"),
  iommu_page: z
    .literal([4096, 2097152])
    .optional()
    .describe("the largest page that the IOMMU's tables use; default 4096"),
  acs: z.enum(["off", "on"]).optional().describe("default off; on: as Linux sets it"),
});

const MeasuredSchema = z.strictObject({
  value: z.number().min(0).max(1e15),
  unit: z.enum(["By/s", "ns", "1/s", "1"]),
  low: z.number().min(0).optional().describe("where a range was published, its ends"),
  high: z.number().min(0).optional(),
});

const SourceSchema = z.strictObject({
  origin: z
    .string()
    .min(3)
    .describe("the publication, in the words by which constants name it: shared sources are found by it"),
  where: z.string().min(1).describe("the place in it"),
  year: z.int().min(1990).max(2100),
});

export const CaseSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
  class: z.enum(CASE_CLASSES),
  what: z.string().min(3).describe("one line"),
  platform: z.string().describe("a platform of this file, or one that ships with p2peval"),
  metric: z.enum(CASE_METRICS),
  measured: MeasuredSchema,
  machine: MachineSchema.optional().describe("left out where no device takes part"),
  configuration: ConfigurationSchema.optional(),
  operation: OperationSchema,
  note: z.string().optional().describe("what one must know to compare: settings, what the author left unsaid"),
  source: SourceSchema,
});

const FreeParameterSchema = z.strictObject({
  constant: z.string().describe("a name of p2peval list constants"),
  value: z.number().min(0),
  kind: z.enum(["spec", "measured", "paper", "assumed"]),
  source: z.string().min(15),
  fitted_from: z.array(z.string()).optional().describe("ids of the cases that it was fitted to"),
});

export const PlatformSchema = z.strictObject({
  title: z.string().min(3),
  year: z.int().min(1990).max(2100).describe("of its processor"),
  root_complex: z.enum(PLATFORM_NAMES),
  parameters: z
    .array(FreeParameterSchema)
    .optional()
    .describe("constants that this platform has a value of its own for"),
});

export const SuiteSchema = z.strictObject({
  schema: z.literal("p2peval-suite/1"),
  platforms: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/), PlatformSchema).optional(),
  cases: z.array(CaseSchema).min(1),
  contrasts: z
    .array(z.strictObject({ question: z.string().min(3), between: z.tuple([z.string(), z.string()]) }))
    .optional()
    .describe("two cases with the same metric, by id: does the model pick the right winner?"),
});

export type Case = z.infer<typeof CaseSchema>;
export type CaseMachine = z.infer<typeof MachineSchema>;
export type CaseLink = z.infer<typeof LinkSchema>;
export type CasePlatform = z.infer<typeof PlatformSchema>;
export type Suite = z.infer<typeof SuiteSchema>;
