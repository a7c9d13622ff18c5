import { type PciAddress, printAddress } from "./address.ts";
import { capabilityOf, type LspciRecord, textOf } from "./record.ts";

/**
 * Addresses of the SR-IOV virtual functions that physical functions have enabled: the n-th is First VF Offset + n times VF Stride
 * behind its physical function, which may be on the next bus (SR-IOV 2.1.2).
 */
export function virtualFunctions(records: readonly LspciRecord[]): ReadonlySet<string> {
  return new Set(records.flatMap(virtualFunctionsOf));
}

const MOST = 0x10000;

function virtualFunctionsOf(record: LspciRecord): readonly string[] {
  const registers = capabilityOf(record, /^Single Root I\/O Virtualization/)?.registers ?? [];
  const count = numberIn(textOf(registers, "Initial VFs"), /Number of VFs: (\d+)/);
  const offset = numberIn(textOf(registers, "VF offset"), /^(\d+)/);
  const stride = numberIn(textOf(registers, "VF offset"), /stride: (\d+)/);
  return Array.from({ length: Math.min(count, MOST) }, (_, n) => behind(record.address, offset + n * stride));
}

function behind({ domain, bus, devfn }: PciAddress, distance: number): string {
  const id = bus * 256 + devfn + distance;
  return printAddress({ domain, bus: Math.floor(id / 256), devfn: id % 256 });
}

const numberIn = (text: string | undefined, pattern: RegExp): number => Number(pattern.exec(text ?? "")?.[1] ?? 0);
