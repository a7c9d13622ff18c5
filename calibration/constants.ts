import type { Constant } from "./constant.ts";
import { DEVICES } from "./constants/devices.ts";
import { DMA_BUF } from "./constants/dma-buf.ts";
import { DRIVERS } from "./constants/drivers.ts";
import { FILE_SYSTEM } from "./constants/file-system.ts";
import { HOST } from "./constants/host.ts";
import { IOMMU } from "./constants/iommu.ts";
import { KERNEL } from "./constants/kernel.ts";
import { LINK } from "./constants/link.ts";
import { MIGRATION } from "./constants/migration.ts";
import { NFP } from "./constants/nfp.ts";
import { ROOT_COMPLEX } from "./constants/root-complex.ts";
import { STREAMERS } from "./constants/streamers.ts";

/** Every name of the table: a misspelt constant does not compile. */
export type ConstantName =
  | keyof typeof LINK
  | keyof typeof ROOT_COMPLEX
  | keyof typeof HOST
  | keyof typeof IOMMU
  | keyof typeof KERNEL
  | keyof typeof MIGRATION
  | keyof typeof FILE_SYSTEM
  | keyof typeof DRIVERS
  | keyof typeof DMA_BUF
  | keyof typeof DEVICES
  | keyof typeof STREAMERS
  | keyof typeof NFP;

/** The calibrated table: every number that costs time or sizes anything, each with its source. Nothing outside it may. */
export const CONSTANTS: Readonly<Record<ConstantName, Constant>> = {
  ...LINK,
  ...ROOT_COMPLEX,
  ...HOST,
  ...IOMMU,
  ...KERNEL,
  ...MIGRATION,
  ...FILE_SYSTEM,
  ...DRIVERS,
  ...DMA_BUF,
  ...DEVICES,
  ...STREAMERS,
  ...NFP,
};
