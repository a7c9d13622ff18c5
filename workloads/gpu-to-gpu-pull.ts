import type { Workload } from "./workload.ts";

export const gpuToGpuPull: Workload = {
  contract: 1,
  name: "gpu-to-gpu-pull",
  title: "GPU to GPU (pull)",
  story: "A GPU's copy engine fetches from another GPU's memory.",
  from: "gpu",
  to: "gpu",
  exporter: "from",
  access: "write",
};
