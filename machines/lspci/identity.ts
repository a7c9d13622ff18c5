import type { LspciRecord } from "./record.ts";

/** "8086:09a2": by number where lspci ran with -nn or knew no name, else by name where that is a root complex known here. */
export function identityOf({ ids, name }: LspciRecord): string | undefined {
  if (ids !== undefined) return ids;
  const [prefix, vendor] = VENDORS.find(([each]) => name.startsWith(each)) ?? [];
  if (prefix === undefined || vendor === undefined) return undefined;
  const model = name.slice(prefix.length);
  const device = /^Device ([0-9a-f]{4})$/.exec(model)?.[1] ?? ROOT_COMPLEXES.get(model);
  return device === undefined ? undefined : `${vendor}:${device}`;
}

/** The vendors whose numbers decide something here: platform, whitelist, NVLink. */
const VENDORS: readonly (readonly [string, string])[] = [
  ["Intel Corporation ", "8086"],
  ["NVIDIA Corporation ", "10de"],
  ["Advanced Micro Devices, Inc. [AMD] ", "1022"],
  ["Advanced Micro Devices [AMD] ", "1022"],
  ["Advanced Micro Devices, Inc. [AMD/ATI] ", "1002"],
];

/** What pci.ids calls the first function of root buses; the kernel's whitelist goes by their numbers (drivers/pci/p2pdma.c). */
const ROOT_COMPLEXES: ReadonlyMap<string, string> = new Map([
  ["Xeon E5/Core i7 DMI2", "3c00"],
  ["Xeon E5/Core i7 DMI2 in PCI Express Mode", "3c01"],
  ["Xeon E7 v2/Xeon E5 v2/Core i7 DMI2", "0e00"],
  ["Xeon E7 v2/Xeon E5 v2/Core i7 PCI Express Root Port in DMI2 Mode", "0e01"],
  ["Xeon E7 v2/Xeon E5 v2/Core i7 PCI Express Root Port 1a", "0e02"],
  ["Xeon E7 v3/Xeon E5 v3/Core i7 DMI2", "2f00"],
  ["Haswell-E DMI2", "2f00"],
  ["Xeon E7 v3/Xeon E5 v3/Core i7 PCI Express Root Port 0", "2f01"],
  ["Xeon E7 v4/Xeon E5 v4/Xeon E3 v4/Xeon D DMI2", "6f00"],
  ["Xeon E7 v4/Xeon E5 v4/Xeon E3 v4/Xeon D PCI Express Root Port 0", "6f01"],
  ["Sky Lake-E DMI3 Registers", "2020"],
  ["Sky Lake-E PCI Express Root Port A", "2030"],
  ["Sky Lake-E PCI Express Root Port B", "2031"],
  ["Sky Lake-E PCI Express Root Port C", "2032"],
  ["Sky Lake-E PCI Express Root Port D", "2033"],
  ["Ice Lake Memory Map/VT-d", "09a2"],
  ["Xeon E3-1200 v2/3rd Gen Core processor DRAM Controller", "0150"],
  ["4th Gen Core Processor DRAM Controller", "0c00"],
  ["Xeon E3-1200 v3/4th Gen Core Processor DRAM Controller", "0c04"],
  ["Xeon E3-1200 v3 Processor DRAM Controller", "0c08"],
  ["440FX - 82441FX PMC [Natoma]", "1237"],
  ["82G33/G31/P35/P31 Express DRAM Controller", "29c0"],
  ["Family 17h (Models 00h-0fh) Root Complex", "1450"],
  ["Starship/Matisse Root Complex", "1480"],
  ["Family 17h-19h PCIe Root Complex", "14b5"],
  ["Raven/Raven2 Root Complex", "15d0"],
  ["Renoir/Cezanne Root Complex", "1630"],
]);

/** Words that a company's name has and a person would not say. */
const FORMAL =
  /(?:,? (?:Inc\.?|Ltd\.?|Co\.?|Corp\.?|Corporation|LLC|Technologies|Technology Inc|Semiconductor|and subsidiaries))+(?= |$)/g;

/** A short name for a person: "NVIDIA Device 2330". */
export const labelOf = ({ className, name }: LspciRecord): string => name.replace(FORMAL, "").trim() || className;
