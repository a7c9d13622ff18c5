import { captureToGpu } from "./capture-to-gpu.ts";
import { captureToStorage } from "./capture-to-storage.ts";
import { gpuToGpu } from "./gpu-to-gpu.ts";
import { gpuToGpuPull } from "./gpu-to-gpu-pull.ts";
import { gpuToStorage } from "./gpu-to-storage.ts";
import { nicToGpu } from "./nic-to-gpu.ts";
import { storageToGpu } from "./storage-to-gpu.ts";
import type { Workload } from "./workload.ts";

/** In the order of the 2016 post, and beside them what a drive fetches from a GPU, and a long-lived registration. */
export const WORKLOADS: readonly Workload[] = [
  storageToGpu,
  gpuToStorage,
  gpuToGpu,
  gpuToGpuPull,
  captureToGpu,
  captureToStorage,
  nicToGpu,
];
