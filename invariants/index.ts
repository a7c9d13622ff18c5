import { bytesConserved } from "./bytes-conserved.ts";
import { creditsRestored } from "./credits-restored.ts";
import { everyRequestEnds } from "./every-request-ends.ts";
import type { Invariant } from "./invariant.ts";
import { noCpuCopyOfDevicePages } from "./no-cpu-copy-of-device-pages.ts";
import { noDmaAfterUnmap } from "./no-dma-after-unmap.ts";
import { referenceBalance } from "./reference-balance.ts";
import { soundDelivery } from "./sound-delivery.ts";

export const INVARIANTS: readonly Invariant[] = [
  noDmaAfterUnmap,
  bytesConserved,
  everyRequestEnds,
  referenceBalance,
  creditsRestored,
  soundDelivery,
  noCpuCopyOfDevicePages,
];
