import { type Bytes, bytes } from "../../sim/units.ts";
import { capabilityOf, type LspciRecord, textOf } from "./record.ts";

/** What a function's PCI Express capability says. */
export interface Express {
  readonly type: ExpressType;
  /** Device Control: the sizes in effect, where they are legal ones. */
  readonly maxPayload?: Bytes;
  readonly maxReadRequest?: Bytes;
  /** Sizes that the register cannot encode, and where they stand. */
  readonly impossible?: readonly string[];
  /** 32 without Extended Tags, 256 with, 768 with ten-bit tags (PCIe 2.2.6.2). */
  readonly tags: number;
  /** The link as trained, and as this end could train it: below a root or downstream port, above anything else. */
  readonly trained?: Rate;
  readonly capable?: Rate;
  /** What Link Status says where it is no trained link: width x0, or a speed that is unknown. */
  readonly untrained?: string;
  /** The data link layer reports a partner (Data Link Layer Link Active). */
  readonly active: boolean;
}

/** Device/Port Type of the capability (PCIe 7.5.3.2). */
export type ExpressType =
  | "root-port"
  | "upstream-port"
  | "downstream-port"
  | "endpoint"
  | "integrated"
  | "event-collector"
  | "pci-bridge";

/** As lspci prints it: generation 6 and x32 exist here. */
export interface Rate {
  readonly generation: number;
  readonly width: number;
}

/** Undefined for conventional PCI, and where the capability is of a type that PCIe does not name. */
export function readExpress(record: LspciRecord): Express | undefined {
  const capability = capabilityOf(record, EXPRESS);
  const type = TYPES.find(([, title]) => title.test(capability?.title ?? ""))?.[0];
  if (!capability || !type) return undefined;
  const register = (label: string): string => textOf(capability.registers, label) ?? "";
  const control = register("DevCtl");
  const maxPayload = sizeIn(control, MAX_PAYLOAD);
  const maxReadRequest = sizeIn(control, MAX_READ_REQUEST);
  const line = capability.registers.find(({ label }) => label === "DevCtl")?.line;
  const impossible = [
    ...(maxPayload ? [] : found(control, MAX_PAYLOAD)),
    ...(maxReadRequest ? [] : found(control, MAX_READ_REQUEST)),
  ];
  const trained = rateIn(register("LnkSta"));
  const capable = rateIn(register("LnkCap"));
  const untrained = trained ? undefined : /Speed .*?Width x\d+/.exec(register("LnkSta"))?.[0];
  return {
    type,
    tags: tagsOf(control, register("DevCtl2")),
    active: register("LnkSta").includes("DLActive+"),
    ...(impossible.length > 0 && { impossible: impossible.map((each) => `${each} (DevCtl, line ${line})`) }),
    ...(maxPayload && { maxPayload }),
    ...(maxReadRequest && { maxReadRequest }),
    ...(trained && { trained }),
    ...(capable && { capable }),
    ...(untrained && { untrained }),
  };
}

/** "Express (v2) Root Port (Slot+), MSI 00", and "Express Root Port" before pciutils 3. */
const EXPRESS = /^Express(?: \(v\d+\))? /;

const TYPES: readonly (readonly [ExpressType, RegExp])[] = [
  ["root-port", /Root Port/],
  ["upstream-port", /Upstream Port/],
  ["downstream-port", /Downstream Port/],
  ["integrated", /Root Complex Integrated Endpoint/],
  ["event-collector", /Root Complex Event Collector/],
  ["pci-bridge", /PCI-X/],
  ["endpoint", /Endpoint/],
];

/** 10BitTagReq is in Device Control 2; Device Capabilities 2 has a bit of the same name. */
function tagsOf(control: string, control2: string): number {
  if (control2.includes("10BitTagReq+")) return 768;
  return control.includes("ExtTag+") ? 256 : 32;
}

/** Encodings of Max_Payload_Size and Max_Read_Request_Size (PCIe 7.5.3.4). */
const SIZES: readonly number[] = [128, 256, 512, 1024, 2048, 4096];

const MAX_PAYLOAD = /MaxPayload (\d+) bytes/;
const MAX_READ_REQUEST = /MaxReadReq (\d+) bytes/;

const found = (text: string, pattern: RegExp): readonly string[] => pattern.exec(text)?.slice(0, 1) ?? [];

function sizeIn(text: string, pattern: RegExp): Bytes | undefined {
  const size = Number(pattern.exec(text)?.[1]);
  return SIZES.includes(size) ? bytes(size) : undefined;
}

/** GT/s of generation 1, 2, ... */
const SPEEDS: readonly string[] = ["2.5", "5", "8", "16", "32", "64", "128"];

/** An untrained link ("Speed unknown", "Width x0") is none. */
function rateIn(text: string): Rate | undefined {
  const match = /Speed ([\d.]+)GT\/s[^,]*, Width x(\d+)/.exec(text);
  const generation = SPEEDS.indexOf(match?.[1] ?? "") + 1;
  const width = Number(match?.[2]);
  return generation > 0 && width > 0 ? { generation, width } : undefined;
}
