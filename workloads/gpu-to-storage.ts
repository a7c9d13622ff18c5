import type { Workload } from "./workload.ts";

export const gpuToStorage: Workload = {
  contract: 1,
  name: "gpu-to-storage",
  title: "GPU to storage",
  story: "A storage device fetches a GPU's results through its BAR and stores them.",
  from: "gpu",
  to: "nvme",
  exporter: "from",
  access: "write",
};
