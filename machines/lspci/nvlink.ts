import { identityOf } from "./identity.ts";
import type { LspciRecord } from "./record.ts";

/** True where the machine has an NVSwitch: then all its NVIDIA GPUs are joined by NVLink. */
export const hasNvSwitch = (records: readonly LspciRecord[]): boolean =>
  records.some((each) => /NVSwitch/i.test(each.name) || NVSWITCHES.includes(identityOf(each) ?? ""));

/** Whether a GPU is of a form that comes with NVLink: an SXM module or a superchip. */
export const isSxm = (record: LspciRecord): boolean =>
  /\bSXM\d?\b|GH200|GB[23]00/.test(record.name) || SXM_GPUS.includes(identityOf(record) ?? "");

export const isNvidia = (record: LspciRecord): boolean =>
  record.name.startsWith("NVIDIA") || (record.ids?.startsWith("10de:") ?? false);

/** pci.ids: the NVSwitches of the V100, A100 and H100 boards. */
const NVSWITCHES: readonly string[] = ["10de:1ac2", "10de:1af1", "10de:22a3"];

/** pci.ids: P100, V100, A100 and A800, H100 and H200 as SXM modules, GH200. */
const SXM_GPUS: readonly string[] = [
  ...["10de:15f9", "10de:1db1", "10de:1db5", "10de:1db8", "10de:1df5", "10de:20b0", "10de:20b2", "10de:20b3"],
  ...["10de:20f3", "10de:2330", "10de:2335", "10de:2342"],
];
