import { type Bar, type Endpoint, type Link, type Port, type Topology, topologyFaults } from "../fabric/topology.ts";
import { bytes, parseBytes, printBytes } from "../sim/units.ts";
import { FreeWindows } from "./free-windows.ts";
import { nearest } from "./nearest.ts";

/** A device that is not in the machine, and the port below which it is put. */
export interface Attachment {
  readonly role: "nvme" | "gpu" | "nic" | "capture";
  readonly link: Link;
  /** Memory that a BAR shows: a GPU's memory, a capture card's frame store; 0 for none. */
  readonly window: number;
  readonly port: string;
}

const ROLES: readonly Attachment["role"][] = ["nvme", "gpu", "nic", "capture"];
const GENERATIONS: readonly Link["generation"][] = [1, 2, 3, 4, 5];
const WIDTHS: readonly Link["width"][] = [1, 2, 4, 8, 12, 16];
const RIGHT = "ROLE:genNxW[:SIZE]@PORT is right, like capture:gen3x8@17:02.0 or gpu:gen4x16:16GiB@0000:19:03.0";
const GIB = 2 ** 30;
/** Registers of any device. */
const REGISTERS = bytes(16 * 2 ** 20);

/** Reads "capture:gen3x8:64MiB@0000:17:02.0"; what is wrong with it, where it cannot be read. */
export function readAttachment(text: string): Attachment | string {
  const match = /^([a-z]+):gen(\d)x(\d+)(?::([^@]+))?@(.+)$/.exec(text.trim());
  const role = ROLES.find((each) => each === match?.[1]);
  const generation = GENERATIONS.find((each) => each === Number(match?.[2]));
  const width = WIDTHS.find((each) => each === Number(match?.[3]));
  const window = match?.[4] === undefined ? undefined : parseBytes(match[4]);
  if (!match) return `"${text}" cannot be read; ${RIGHT}`;
  if (role === undefined) return `"${match[1]}" is no role of a device; one of ${ROLES.join(", ")} is`;
  if (generation === undefined || width === undefined)
    return `gen${match[2]}x${match[3]} is no link; generations ${GENERATIONS.join(", ")} and widths ${WIDTHS.map((each) => `x${each}`).join(", ")} are`;
  if (match[4] !== undefined && (window === undefined || Math.log2(window) % 1 !== 0))
    return `"${match[4]}" is no size of a BAR; a power of two like 64MiB is`;
  return { role, link: { generation, width }, window: window ?? (role === "gpu" ? 16 * GIB : 0), port: match[5] ?? "" };
}

/** The text that is read as the same attachment. */
export const printAttachment = ({ role, link, window, port }: Attachment): string =>
  `${role}:gen${link.generation}x${link.width}${window > 0 ? `:${printBytes(window)}` : ""}@${port}`;

/** The machine with the device in it; what is wrong, where it cannot be put there. */
export function attach(topology: Topology, attachment: Attachment): Topology | string {
  const ports = topology.functions.filter((each): each is Port => each.kind !== "endpoint");
  const named = (id: string): boolean => id === attachment.port || id === `0000:${attachment.port}`;
  const there = topology.functions.find(({ id }) => named(id.toLowerCase()));
  if (there?.kind === "endpoint") return `${there.id} is a device; name the port that the new one hangs below`;
  if (there?.kind === "upstream-port") return `${there.id} is a switch's upper end; name one of its downstream ports`;
  if (there === undefined) {
    const near = nearest(
      attachment.port,
      ports.flatMap(({ id }) => [id, id.replace(/^0000:/, "")]),
    );
    return `${topology.name} has no port ${attachment.port}${near.length > 0 ? `; did you mean ${near.join(" or ")}?` : ""}`;
  }
  const occupant = topology.functions.find(({ parent }) => parent === there.id);
  if (occupant) return `below ${there.id} there is ${occupant.id} already; name a port with nothing below it`;
  const bars = windowsFor(topology, attachment.window);
  if (bars === undefined)
    return `${topology.name} has no room for a BAR of ${printBytes(bytes(attachment.window))}; give it a smaller one`;
  const device = card(there, attachment, bars);
  const warnings = [...topology.warnings, `${device.id} is not in the machine: it was attached`];
  const widened = { ...topology, functions: [...topology.functions, device], warnings };
  const [fault] = topologyFaults(widened);
  return fault ?? widened;
}

function card(port: Port, { role, link }: Attachment, bars: readonly Bar[]): Endpoint {
  return {
    id: `${port.id}+${role}`,
    kind: "endpoint",
    parent: port.id,
    link,
    maxPayload: port.maxPayload,
    maxReadRequest: bytes(512),
    tags: 256,
    role,
    label: `attached ${role}`,
    bars,
  };
}

/** Registers, and memory behind a BAR of its own; undefined where there is no room. */
function windowsFor({ functions }: Topology, window: number): readonly Bar[] | undefined {
  const windows = new FreeWindows(functions);
  const registers = windows.take(REGISTERS);
  const memory = window === 0 ? undefined : windows.take(window);
  if (registers === undefined || (window !== 0 && memory === undefined)) return undefined;
  const first: Bar = { index: 0, base: registers, size: REGISTERS, prefetchable: false };
  return memory === undefined ? [first] : [first, { index: 2, base: memory, size: bytes(window), prefetchable: true }];
}
