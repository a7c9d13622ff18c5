import type { Workload } from "./workload.ts";

export const storageToGpu: Workload = {
  contract: 1,
  name: "storage-to-gpu",
  title: "Storage to GPU",
  story: "A storage device reads blocks and puts them into GPU memory.",
  from: "nvme",
  to: "gpu",
  exporter: "to",
  access: "read",
};
