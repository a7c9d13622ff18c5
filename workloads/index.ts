import { gpuToStorage } from "./gpu-to-storage.ts";
import { storageToGpu } from "./storage-to-gpu.ts";
import type { Workload } from "./workload.ts";

/** In the order of the 2016 post. */
export const WORKLOADS: readonly Workload[] = [storageToGpu, gpuToStorage];
