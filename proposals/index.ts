import { hmm } from "./hmm/hmm.ts";
import { iopmem } from "./iopmem.ts";
import { mapPeerResource } from "./map-peer-resource.ts";
import type { Proposal } from "./proposal.ts";
import { rdmaDmaBuf } from "./rdma-dma-buf.ts";
import { staging } from "./staging.ts";
import { userptrDmaBuf } from "./userptr-dma-buf.ts";
import { zoneDevice } from "./zone-device.ts";

/** The control first, then the proposals in the order of the 2016 post; what it names without a patch comes last. */
export const PROPOSALS: readonly Proposal[] = [
  staging,
  mapPeerResource,
  zoneDevice,
  rdmaDmaBuf,
  iopmem,
  hmm,
  userptrDmaBuf,
];
