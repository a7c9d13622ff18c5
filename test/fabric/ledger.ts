import { Parameters } from "../../calibration/parameters.ts";
import { type NvmeCommand, NvmeController, type NvmeStatus } from "../../fabric/nvme.ts";
import type { Topology } from "../../fabric/topology.ts";
import { busAddr, nsOfTicks } from "../../sim/units.ts";
import {
  apertureOf,
  boot,
  endpoint,
  GPU0,
  NVME0,
  oneSwitch,
  type Packet,
  type Rig,
  ROOT_PORT,
  SWITCH,
} from "./machines.ts";

/** Every packet of one NVMe command, from the store that rings the doorbell to the interrupt, on every link that it crosses. */
export interface Ledger {
  readonly rig: Rig;
  readonly status: NvmeStatus | "unfinished";
  readonly packets: readonly Packet[];
  /** What crossed the links of all root ports. */
  readonly rootPortPayload: number;
  readonly rootPortControl: number;
}

/** What the packets of the ledger are, by the order of their transfers; packets of one command are never told apart otherwise. */
export const PURPOSES: readonly string[] = ["doorbell", "submission entry", "data", "completion entry", "interrupt"];

/** The kernel's half, as the driver would have set it up: queues at the start of memory, data at the start of the GPU's. */
export function readIntoGpu(topology: Topology, nvme: string, gpu: string, length: number): Ledger {
  const rig = boot(topology, [nvme, gpu]);
  const { clock, fabric } = rig;
  const controller = new NvmeController(clock, fabric, Parameters.typical(), endpoint(topology, nvme));
  const socket = fabric.socketOf(nvme);
  const queues = fabric.addresses.memory(socket).base;
  const command: NvmeCommand = {
    kind: "read",
    segments: [{ address: busAddr(apertureOf(topology, gpu)), length }],
    entry: busAddr(queues),
    completion: busAddr(queues + 0x10000),
    prpList: busAddr(queues + 0x20000),
    interrupt: busAddr(fabric.addresses.interrupts(socket)),
  };
  let status: Ledger["status"] = "unfinished";
  clock.spawn(
    "command",
    (function* () {
      status = yield* controller.execute(command, fabric.node(`egress ${socket}`));
    })(),
  );
  clock.run();
  const { engine } = fabric;
  return {
    rig,
    status,
    packets: rig.packets,
    rootPortPayload: engine.acrossRootPorts(engine.payloadBytes),
    rootPortControl: engine.acrossRootPorts(engine.controlBytes),
  };
}

/** A link or a way inside the root complex, as a person names it on the preset one-switch. */
export function nameOfLink(label: string): string {
  return label
    .replace(SWITCH, "uplink")
    .replace(NVME0, "nvme")
    .replace(GPU0, "gpu")
    .replace(/^(memory|interrupts|forward) 0/, "root complex: $1");
}

const HEADINGS = ["ns", "on", "packet", "payload B", "wire B", "what"] as const;

/** The ledger of one 4 KiB read into a GPU behind the same switch, as text. */
export function printLedger(ledger: Ledger = readIntoGpu(oneSwitch(), NVME0, GPU0, 4096)): string {
  const rows = ledger.packets.map((packet) => [
    nsOfTicks(packet.at).toFixed(2),
    nameOfLink(packet.link),
    packet.kind,
    String(packet.length),
    String(packet.wire),
    PURPOSES[packet.transfer - 1] ?? "",
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) =>
        NUMBERS.has(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [
    `One NVMe command: ${NVME0} reads 4096 B from its media into ${GPU0}, both below ${SWITCH} (root port ${ROOT_PORT})`,
    line(HEADINGS),
    ...rows.map(line),
    `across root ports: ${ledger.rootPortPayload} B of payload, ${ledger.rootPortControl} B of control packets on the wire`,
  ].join("\n");
}

const NUMBERS: ReadonlySet<number> = new Set([0, 3, 4]);
