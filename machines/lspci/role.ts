import type { Endpoint } from "../../fabric/topology.ts";
import type { LspciRecord } from "./record.ts";

/** What a function is for, by its class; a display controller that only draws (a BMC's, a hypervisor's) is no GPU. */
export function roleOf({ classCode, className, name }: LspciRecord): Endpoint["role"] {
  const role =
    CLASSES.find(([, code, words]) => (classCode ? code.test(classCode) : words.test(className)))?.[0] ?? "other";
  if (role === "gpu" && DRAWS_ONLY.test(name)) return "other";
  return role === "other" && ACCELERATOR.test(className) && /\[AMD\/ATI\]/.test(name) ? "gpu" : role;
}

/** PCI Code and ID Assignment Specification: base class and sub-class, and pci.ids' words for them. */
const CLASSES: readonly (readonly [Endpoint["role"], RegExp, RegExp])[] = [
  ["nvme", /^0108$/, /^Non-Volatile memory controller$/i],
  ["gpu", /^03(?:00|02|80)$/, /^(?:3D|VGA compatible|Display) controller$/i],
  ["nic", /^02(?:00|07|80)$/, /^(?:Ethernet|Infiniband|Network) controller$/i],
  ["capture", /^0400$/, /^Multimedia video controller$/i],
];

/** Frame buffers: no engine that a peer would feed. */
const DRAWS_ONLY =
  /Matrox|ASPEED|Cirrus|Silicon Motion|XGI |Hisilicon|QEMU|QXL|Virtio|VMware|Hyper-V|Device 1234:1111/i;

/** AMD's Instinct cards since the MI300 call themselves this, as do others' FPGAs. */
const ACCELERATOR = /^(?:Processing accelerators|1200)$/i;

/** A bridge of the chipset, or the face that the root complex shows on its own bus: nothing that sends or receives. */
export const isChipset = ({ classCode, className }: LspciRecord): boolean =>
  classCode ? /^060[01]$/.test(classCode) : /^(?:Host|ISA) bridge$/i.test(className);

/** A function with a bus below it. */
export const isBusBridge = ({ classCode, className }: LspciRecord): boolean =>
  classCode ? /^060[479]$/.test(classCode) : /^(?:PCI|CardBus|Semi-transparent PCI-to-PCI) bridge$/i.test(className);
