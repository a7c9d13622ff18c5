import type { Case } from "./case.ts";
import { oneSwitch, rootPorts, switchesOnTwoSockets, twoSwitches, X16_GEN5 } from "./machines.ts";
import { between, gigabytes, MIB, microseconds, nanoseconds } from "./quantity.ts";

/** More of what rtx6k.ts is about: other pairs of the same machines, and what their authors state in a word. */

const source = (where: string): Case["source"] => ({
  origin: "voipmonitor/rtx6kpro",
  where: `${where}, commit 29f3863`,
  year: 2026,
});
const SWITCH_PAGE = source("hardware/asus-esc8000a-e13p-broadcom-switches.md");
const TURIN_PAGE = source("hardware/pcie-bandwidth.md");

const bulk: Case["operation"] = {
  kind: "flows",
  flows: [{ from: "gpu0", to: "gpu1", by: "write" }],
  size: 256 * MIB,
  in_flight: 1,
};
const small: Case["operation"] = {
  kind: "flows",
  flows: [{ from: "gpu0", to: "gpu1", by: "write" }],
  size: 4,
  in_flight: 1,
};

type Rest = Pick<Case, "id" | "platform" | "what" | "measured" | "machine" | "source" | "operation"> & Partial<Case>;
const latency = (rest: Rest): Case => ({ class: "latency", metric: "latency", ...rest });

export const MORE_RTX6K_CASES: readonly Case[] = [
  latency({
    id: "RTX6K-004",
    platform: "wrx90",
    what: "flag between GPUs on the inner ports of a switch, one way",
    measured: nanoseconds(726),
    machine: oneSwitch(X16_GEN5),
    operation: { kind: "ping-pong", between: ["gpu0", "gpu1"], size: 4 },
    note: "as RTX6K-003 but for the ports: the model's switch has one latency",
    source: source("hardware/wrx90-cpayne-8gpu-root-topology-comparison.md"),
  }),
  {
    id: "RTX6K-025",
    class: "IOMMU",
    what: "GPU writes to a GPU behind the same switch, every request translated",
    platform: "wrx90",
    metric: "bandwidth",
    measured: gigabytes(0.85 * 56.26),
    machine: oneSwitch(X16_GEN5),
    configuration: { iommu: "lazy" },
    operation: bulk,
    note: "stated as about 15 % less for a single flow: of RTX6K-001's 56.26 GB/s; pages of the IOMMU are not stated",
    source: source("hardware/collapse-report.md"),
  },
  {
    id: "RTX6K-031",
    class: "root complex",
    what: "GPU writes to a GPU behind a switch of the other socket, from the second socket to the first",
    platform: "turin-switch",
    metric: "bandwidth",
    measured: gigabytes(39.7),
    machine: switchesOnTwoSockets(X16_GEN5),
    operation: { kind: "flows", flows: [{ from: "gpu1", to: "gpu0", by: "write" }], size: 256 * MIB, in_flight: 1 },
    source: SWITCH_PAGE,
  },
  latency({
    id: "RTX6K-036",
    platform: "turin-switch",
    what: "small write from GPU to GPU behind two switches of one socket",
    measured: between(microseconds(0.71), microseconds(0.74)),
    machine: twoSwitches(X16_GEN5, 2),
    operation: small,
    note: "one NUMA node; which switches is not stated",
    source: SWITCH_PAGE,
  }),
  latency({
    id: "RTX6K-037",
    platform: "turin-switch",
    what: "small write from GPU to GPU behind switches of two sockets",
    measured: between(microseconds(1.27), microseconds(1.36)),
    machine: switchesOnTwoSockets(X16_GEN5),
    operation: small,
    source: SWITCH_PAGE,
  }),
  latency({
    id: "RTX6K-044",
    class: "staged",
    platform: "turin",
    what: "small copy from GPU to GPU through memory",
    measured: microseconds(14),
    machine: rootPorts(X16_GEN5, "two bridges"),
    operation: { kind: "staged copy", from: "gpu0", to: "gpu1", both_ways: false, size: 4 },
    note: "about; of systems with this GPU, which is not stated",
    source: TURIN_PAGE,
  }),
  latency({
    id: "RTX6K-045",
    platform: "turin",
    what: "small write from GPU to GPU on root ports of one socket",
    measured: between(microseconds(0.36), microseconds(0.45)),
    machine: rootPorts(X16_GEN5, "two bridges"),
    operation: small,
    source: TURIN_PAGE,
  }),
];
