import type { Bar, Endpoint } from "../../fabric/topology.ts";
import { type BusAddr, type Bytes, busAddr, bytes, parseBytes } from "../../sim/units.ts";
import type { Entry, LspciRecord } from "./record.ts";
import { note, type Remarks } from "./remarks.ts";

/** The memory BARs that a function decodes. What a drive or a GPU lacks is remarked on, for they are whom peers want to reach. */
export function readBars(record: LspciRecord, role: Endpoint["role"], remarks: Remarks): readonly Bar[] {
  const regions = readRegions(record);
  const unsized = regions.find((each) => each.base !== undefined && !each.size && usualSize(role, each));
  const bars = regions.flatMap((each): Bar[] => {
    const size = each.size ?? (each === unsized ? usualSize(role, each) : undefined);
    const { base } = each;
    const { index, prefetchable } = each;
    return base !== undefined && size && base % size === 0 ? [{ index, base, size, prefetchable }] : [];
  });
  if (role === "nvme" || role === "gpu") {
    if (unsized) note(remarks, "bar-size-assumed", record.id);
    else if (bars.length === 0) note(remarks, "bar-none", record.id);
    else if (bars.length < regions.length) note(remarks, "bar-unusable", record.id);
  }
  return bars;
}

/** The memory BARs that lspci tells of, usable or not. */
export const readRegions = ({ fields }: LspciRecord): readonly Region[] => fields.flatMap(readRegion);

interface Region {
  readonly line: number;
  readonly index: number;
  /** Undefined where it is disabled or has no address that a double holds. */
  readonly base: BusAddr | undefined;
  readonly size: Bytes | undefined;
  readonly prefetchable: boolean;
}

const MEMORY = /^(?:\[\w+\] )?Memory at (\S+) \(([^)]*)\)(.*)$/;

/** "Region 2": "Memory at 210000000000 (64-bit, prefetchable) [size=128G]"; nothing for I/O ports. */
function readRegion({ line, label, text }: Entry): readonly Region[] {
  const index = /^Region ([0-5])$/.exec(label)?.[1];
  const memory = MEMORY.exec(text);
  if (index === undefined || !memory) return [];
  const [, at = "", kind = "", rest = ""] = memory;
  return [
    {
      line,
      index: Number(index),
      base: rest.includes("[disabled") ? undefined : addressIn(at),
      size: parseBytes(/\[size=(\d+[KMGT]?)\]/.exec(rest)?.[1] ?? ""),
      prefetchable: !kind.includes("non-prefetchable"),
    },
  ];
}

/** No BAR lies in the first MiB: legacy IDE ports, which lspci misreads as memory there, do. */
const LOWEST = 2 ** 20;

function addressIn(digits: string): BusAddr | undefined {
  const address = /^[0-9a-f]+$/.test(digits) ? Number.parseInt(digits, 16) : 0;
  return address >= LOWEST && Number.isSafeInteger(address) ? busAddr(address) : undefined;
}

/** Dumps rendered from configuration space have addresses but no sizes (lspci -F). */
function usualSize(role: Endpoint["role"], { index, prefetchable }: Region): Bytes | undefined {
  if (role === "nvme" && index === 0) return bytes(16 * 2 ** 10);
  return role === "gpu" && prefetchable ? bytes(256 * 2 ** 20) : undefined;
}
