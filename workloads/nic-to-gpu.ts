import type { Workload } from "./workload.ts";

export const nicToGpu: Workload = {
  contract: 1,
  name: "nic-to-gpu",
  title: "Network to GPU",
  story: "A network adapter puts messages into GPU memory that was registered once and stays so.",
  from: "nic",
  to: "gpu",
  exporter: "to",
  access: "read",
  registration: "once",
};
