import type { Case, CaseMachine } from "./case.ts";
import { oneSwitch, rootPorts, switchesOnTwoSockets, switchTree, twoSwitches, X16_GEN5 } from "./machines.ts";
import { between, gigabytes, MIB, nanoseconds } from "./quantity.ts";

/** GPUs of one community laboratory, gen5: behind switches, on root ports, across sockets (2026). */

const ORIGIN = "voipmonitor/rtx6kpro";
const source = (where: string): Case["source"] => ({ origin: ORIGIN, where: `${where}, commit 29f3863`, year: 2026 });
const WRX90_PAGE = source("hardware/wrx90-cpayne-8gpu-root-topology-comparison.md");
const FLAT_PAGE = source("hardware/wrx90-cpayne-2switch-flat.md");
const TURIN_PAGE = source("hardware/pcie-bandwidth.md");
const SWITCH_PAGE = source("hardware/asus-esc8000a-e13p-broadcom-switches.md");

type Flows = Extract<Case["operation"], { readonly kind: "flows" }>;
type Flow = Flows["flows"][number];

const to = (from: string, target: string, by: Flow["by"] = "write"): Flow => ({ from, to: target, by });
const one: readonly Flow[] = [to("gpu0", "gpu1")];
const both: readonly Flow[] = [to("gpu0", "gpu1"), to("gpu1", "gpu0")];
const bulk = (flows: readonly Flow[]): Flows => ({ kind: "flows", flows: [...flows], size: 256 * MIB, in_flight: 1 });
const read128: Flows = { kind: "flows", flows: [to("gpu1", "gpu0", "read")], size: 128, in_flight: 1 };
const flag: Case["operation"] = { kind: "ping-pong", between: ["gpu0", "gpu1"], size: 4 };

const ONE_SWITCH = oneSwitch(X16_GEN5);
const TWO_BRIDGES = twoSwitches(X16_GEN5, 2);
const ONE_BRIDGE = twoSwitches(X16_GEN5, 1);
const EIGHT: CaseMachine = twoSwitches(X16_GEN5, 2, 8);
const EIGHT_ON_ONE: CaseMachine = twoSwitches(X16_GEN5, 1, 8);
const fetches = (gpus: number): readonly Flow[] =>
  Array.from({ length: gpus }, (_, gpu) => to("memory 0", `gpu${gpu}`, "read"));
const stores = (gpus: number): readonly Flow[] => Array.from({ length: gpus }, (_, gpu) => to(`gpu${gpu}`, "memory 0"));

type Rest = Pick<Case, "id" | "class" | "what" | "measured" | "machine" | "operation"> & Partial<Case>;
const bandwidth = (platform: string, page: Case["source"], rest: Rest): Case => ({
  platform,
  metric: "bandwidth",
  source: page,
  ...rest,
});
const latency = (platform: string, page: Case["source"], rest: Rest): Case => ({
  ...bandwidth(platform, page, rest),
  metric: "latency",
});

const WRX90: readonly Case[] = [
  bandwidth("wrx90", WRX90_PAGE, {
    id: "RTX6K-001",
    class: "link",
    what: "GPU writes to a GPU behind the same switch",
    measured: gigabytes(56.26),
    machine: ONE_SWITCH,
    operation: bulk(one),
    note: "256 MiB, no ACS redirect",
  }),
  bandwidth("wrx90", WRX90_PAGE, {
    id: "RTX6K-002",
    class: "root complex",
    what: "GPU writes to a GPU behind another switch, on another host bridge of the socket",
    measured: gigabytes(56.26),
    machine: TWO_BRIDGES,
    operation: bulk(one),
  }),
  latency("wrx90", WRX90_PAGE, {
    id: "RTX6K-003",
    class: "latency",
    what: "flag between GPUs behind the same switch, one way",
    measured: nanoseconds(633),
    machine: ONE_SWITCH,
    operation: flag,
    note: "4 B to and fro, halved; polling included",
  }),
  latency("wrx90", WRX90_PAGE, {
    id: "RTX6K-005",
    class: "latency",
    what: "flag between two switches on two host bridges, one way",
    measured: nanoseconds(1072.3),
    machine: TWO_BRIDGES,
    operation: flag,
    note: "4 B to and fro between two switches, halved",
  }),
  latency("wrx90", WRX90_PAGE, {
    id: "RTX6K-006",
    class: "latency",
    what: "flag between two switches on one host bridge, one way",
    measured: nanoseconds(1062.2),
    machine: ONE_BRIDGE,
    operation: flag,
  }),
  bandwidth("wrx90", WRX90_PAGE, {
    id: "RTX6K-007",
    class: "root complex",
    what: "two GPUs of one switch write to two of another: one uplink carries both",
    measured: gigabytes(56.4),
    machine: twoSwitches(X16_GEN5, 2, 4),
    operation: bulk([to("gpu0", "gpu1"), to("gpu2", "gpu3")]),
  }),
  bandwidth("wrx90", WRX90_PAGE, {
    id: "RTX6K-008",
    class: "root complex",
    what: "two GPUs behind two switches write to each other",
    measured: gigabytes(109.3),
    machine: TWO_BRIDGES,
    operation: bulk(both),
  }),
  bandwidth("wrx90", WRX90_PAGE, {
    id: "RTX6K-010",
    class: "link",
    what: "GPU behind a switch reads pinned memory",
    measured: gigabytes(55.08),
    machine: ONE_SWITCH,
    operation: bulk(fetches(1)),
  }),
  bandwidth("wrx90", WRX90_PAGE, {
    id: "RTX6K-011",
    class: "link",
    what: "GPU behind a switch writes pinned memory",
    measured: gigabytes(56.39),
    machine: ONE_SWITCH,
    operation: bulk(stores(1)),
  }),
  bandwidth("wrx90", WRX90_PAGE, {
    id: "RTX6K-012",
    class: "root complex",
    what: "eight GPUs behind two switches, on two host bridges, read memory",
    measured: gigabytes(114.1),
    machine: EIGHT,
    operation: bulk(fetches(8)),
  }),
  bandwidth("wrx90", WRX90_PAGE, {
    id: "RTX6K-013",
    class: "staged",
    what: "eight GPUs behind two switches, on one host bridge, read memory",
    measured: gigabytes(73.09),
    machine: EIGHT_ON_ONE,
    operation: bulk(fetches(8)),
  }),
  bandwidth("wrx90", WRX90_PAGE, {
    id: "RTX6K-014",
    class: "root complex",
    what: "eight GPUs behind two switches, on two host bridges, write memory",
    measured: gigabytes(112.77),
    machine: EIGHT,
    operation: bulk(stores(8)),
  }),
  bandwidth("wrx90", WRX90_PAGE, {
    id: "RTX6K-015",
    class: "staged",
    what: "eight GPUs behind two switches, on one host bridge, write memory",
    measured: gigabytes(72.89),
    machine: EIGHT_ON_ONE,
    operation: bulk(stores(8)),
  }),
  latency("wrx90", FLAT_PAGE, {
    id: "RTX6K-020",
    class: "latency",
    what: "128 B read of a GPU's BAR behind the same switch, round trip",
    measured: nanoseconds(720),
    machine: ONE_SWITCH,
    operation: read128,
    note: "128 B, round trip",
  }),
  latency("wrx90", FLAT_PAGE, {
    id: "RTX6K-021",
    class: "latency",
    what: "128 B read of a GPU's BAR between two switches, round trip",
    measured: between(nanoseconds(1400), nanoseconds(1450)),
    machine: TWO_BRIDGES,
    operation: read128,
    note: "128 B, round trip between two switches",
  }),
];

const TURIN: readonly Case[] = [
  latency("turin", FLAT_PAGE, {
    id: "RTX6K-RC-DIRECT",
    class: "latency",
    what: "128 B read of a GPU's BAR between two root ports, round trip",
    measured: nanoseconds(840),
    machine: rootPorts(X16_GEN5, "two bridges"),
    operation: read128,
    note: "128 B, round trip, no switch",
  }),
  bandwidth("turin", TURIN_PAGE, {
    id: "RTX6K-038",
    class: "root complex",
    what: "GPU writes to a GPU on another root port of the socket",
    measured: gigabytes(56.57),
    machine: rootPorts(X16_GEN5, "two bridges"),
    operation: bulk(one),
    note: "different root ports",
  }),
  bandwidth("turin", TURIN_PAGE, {
    id: "RTX6K-039",
    class: "root complex",
    what: "GPU writes to a GPU on the other socket",
    measured: gigabytes(50.97),
    machine: rootPorts(X16_GEN5, "two sockets"),
    operation: bulk(one),
    note: "across xGMI",
  }),
  bandwidth("turin", TURIN_PAGE, {
    id: "RTX6K-040",
    class: "root complex",
    what: "two GPUs on root ports of one socket write to each other",
    measured: gigabytes(111.38),
    machine: rootPorts(X16_GEN5, "two bridges"),
    operation: bulk(both),
    note: "different root ports",
  }),
  bandwidth("turin", TURIN_PAGE, {
    id: "RTX6K-041",
    class: "root complex",
    what: "two GPUs on two sockets write to each other",
    measured: gigabytes(99.42),
    machine: rootPorts(X16_GEN5, "two sockets"),
    operation: bulk(both),
    note: "across xGMI",
  }),
  bandwidth("genoa", TURIN_PAGE, {
    id: "RTX6K-042",
    class: "root complex",
    what: "GPU writes to a GPU on the other socket",
    measured: gigabytes(39),
    machine: rootPorts(X16_GEN5, "two sockets"),
    operation: bulk(one),
    note: "across xGMI",
  }),
  bandwidth("genoa", TURIN_PAGE, {
    id: "RTX6K-043",
    class: "root complex",
    what: "GPU writes to a GPU on another root port of the socket",
    measured: gigabytes(54),
    machine: rootPorts(X16_GEN5, "two bridges"),
    operation: bulk(one),
  }),
];

const TURIN_SWITCH: readonly Case[] = [
  bandwidth("turin-switch", SWITCH_PAGE, {
    id: "RTX6K-026",
    class: "switch/ACS",
    what: "two GPUs behind one switch write to each other, ACS redirects",
    measured: gigabytes(50),
    machine: ONE_SWITCH,
    configuration: { acs: "on" },
    operation: bulk(both),
    note: "ACS request redirect on",
  }),
  bandwidth("turin-switch", SWITCH_PAGE, {
    id: "RTX6K-027",
    class: "switch/ACS",
    what: "two GPUs behind one switch write to each other, ACS off",
    measured: gigabytes(103),
    machine: ONE_SWITCH,
    operation: bulk(both),
    note: "ACS off",
  }),
  bandwidth("turin-switch", SWITCH_PAGE, {
    id: "RTX6K-029",
    class: "switch/ACS",
    what: "GPU writes to a GPU behind the same switch",
    measured: gigabytes(53.9),
    machine: ONE_SWITCH,
    operation: bulk(one),
  }),
  bandwidth("turin-switch", SWITCH_PAGE, {
    id: "RTX6K-030",
    class: "root complex",
    what: "GPU writes to a GPU behind a switch of the other socket",
    measured: gigabytes(35.9),
    machine: switchesOnTwoSockets(X16_GEN5),
    operation: bulk(one),
  }),
  bandwidth("turin-switch", SWITCH_PAGE, {
    id: "RTX6K-032",
    class: "root complex",
    what: "GPU reads the BAR of a GPU behind a switch of the other socket",
    measured: gigabytes(40.1),
    machine: switchesOnTwoSockets(X16_GEN5),
    operation: bulk([to("gpu1", "gpu0", "read")]),
    note: "across xGMI, switches on both sides",
  }),
];

/** A tree of switches, and the same pairs on other pages of the laboratory. */
const MORE: readonly Case[] = [
  bandwidth("wrx90", FLAT_PAGE, {
    id: "RTX6K-016",
    class: "switch/ACS",
    what: "GPU writes to a GPU behind the same switch, another run",
    measured: gigabytes(53.9),
    machine: ONE_SWITCH,
    operation: bulk(one),
  }),
  bandwidth("wrx90", FLAT_PAGE, {
    id: "RTX6K-017",
    class: "root complex",
    what: "GPU writes to a GPU behind another switch, another run",
    measured: gigabytes(53.4),
    machine: TWO_BRIDGES,
    operation: bulk(one),
  }),
  bandwidth("wrx90", source("a hierarchy of three switches"), {
    id: "RTX6K-023",
    class: "switch/ACS",
    what: "GPU writes to a GPU behind another leaf of a tree of three switches",
    measured: gigabytes(54.2),
    machine: switchTree(X16_GEN5),
    operation: bulk(one),
  }),
  bandwidth("turin-switch", SWITCH_PAGE, {
    id: "RTX6K-028",
    class: "root complex",
    what: "two GPUs behind two switches of a socket write to each other",
    measured: gigabytes(95),
    machine: TWO_BRIDGES,
    operation: bulk(both),
  }),
  bandwidth("turin-switch", SWITCH_PAGE, {
    id: "RTX6K-034",
    class: "switch/ACS",
    what: "two pairs of GPUs behind one switch, one way each",
    measured: gigabytes(108.6),
    machine: oneSwitch(X16_GEN5, 4),
    operation: bulk([to("gpu0", "gpu1"), to("gpu2", "gpu3")]),
  }),
];

export const RTX6K_CASES: readonly Case[] = [...WRX90, ...TURIN, ...TURIN_SWITCH, ...MORE];
