import { hmm } from "./hmm.ts";
import { iopmem } from "./iopmem.ts";
import type { Proposal } from "./proposal.ts";
import { staging } from "./staging.ts";
import { zoneDevice } from "./zone-device.ts";

/** The control first, then the proposals in the order of the 2016 post. */
export const PROPOSALS: readonly Proposal[] = [staging, zoneDevice, iopmem, hmm];
