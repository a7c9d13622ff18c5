import type { CaseLink, CaseMachine } from "./case.ts";

/** The arrangements that published cases have. */

type Devices = CaseMachine["devices"];
type Device = Devices[string];
type Place = Device["below"];

export const X8_GEN3: CaseLink = { generation: 3, width: 8 };
export const X4_GEN3: CaseLink = { generation: 3, width: 4 };
export const X16_GEN3: CaseLink = { generation: 3, width: 16 };
export const X16_GEN4: CaseLink = { generation: 4, width: 16 };
export const X16_GEN5: CaseLink = { generation: 5, width: 16 };
export const X4_GEN5: CaseLink = { generation: 5, width: 4 };
export const X4_GEN4: CaseLink = { generation: 4, width: 4 };

export const root = (socket: number = 0, bridge: number = 0): Place => ({ socket, bridge });
const below = (name: string): Place => ({ switch: name });

export const device = (role: Device["role"], link: CaseLink, place: Place): Device => ({ role, link, below: place });

/** `count` equal devices, "gpu0" and up. */
function row(role: Device["role"], count: number, link: CaseLink, place: (index: number) => Place): Devices {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`${role}${index}`, device(role, link, place(index))]),
  );
}

/** GPUs below one switch. */
export const oneSwitch = (link: CaseLink, count: number = 2): CaseMachine => ({
  devices: row("gpu", count, link, () => below("switch0")),
  switches: { switch0: { link, below: root() } },
});

/** GPUs below two switches, in turn below each; the switches hang on one socket, on one host bridge or on two. */
export const twoSwitches = (link: CaseLink, bridges: 1 | 2, count: number = 2): CaseMachine => ({
  devices: row("gpu", count, link, (index) => below(`switch${index % 2}`)),
  switches: { switch0: { link, below: root() }, switch1: { link, below: root(0, bridges - 1) } },
});

/** Two GPUs below two switches, and those below a third. */
export const switchTree = (link: CaseLink): CaseMachine => ({
  devices: row("gpu", 2, link, (index) => below(`leaf${index}`)),
  switches: {
    top: { link, below: root() },
    leaf0: { link, below: below("top") },
    leaf1: { link, below: below("top") },
  },
});

/** Two GPUs, each below a switch of its own on a socket of its own. */
export const switchesOnTwoSockets = (link: CaseLink): CaseMachine => ({
  devices: row("gpu", 2, link, (index) => below(`switch${index}`)),
  switches: { switch0: { link, below: root(0) }, switch1: { link, below: root(1) } },
});

/** The same machine with a device whose memory lies behind programmable logic. */
export const withFpga = (machine: CaseMachine, name: string): CaseMachine => ({
  ...machine,
  devices: Object.fromEntries(
    Object.entries(machine.devices).map(([each, hung]) => [each, each === name ? { ...hung, fpga: true } : hung]),
  ),
});

/** Two GPUs on root ports: of one host bridge, of two on one socket, or of two sockets. */
export const rootPorts = (link: CaseLink, apart: "one bridge" | "two bridges" | "two sockets"): CaseMachine => ({
  devices: row("gpu", 2, link, (index) =>
    root(apart === "two sockets" ? index : 0, apart === "two bridges" ? index : 0),
  ),
});

/** Drives and one GPU on root ports of one host bridge. */
export const drivesAndGpu = (count: number, drive: CaseLink, gpu: CaseLink): CaseMachine => ({
  devices: { ...row("nvme", count, drive, () => root()), gpu0: device("gpu", gpu, root()) },
});

/** Drives and one GPU below one switch. */
export const drivesAndGpuBehindSwitch = (count: number, drive: CaseLink, gpu: CaseLink): CaseMachine => ({
  devices: { ...row("nvme", count, drive, () => below("switch0")), gpu0: device("gpu", gpu, below("switch0")) },
  switches: { switch0: { link: gpu, below: root() } },
});
