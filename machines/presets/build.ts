import {
  ACS_OFF,
  type Bar,
  type Endpoint,
  type HostBridge,
  type Link,
  type Port,
  type Topology,
} from "../../fabric/topology.ts";
import { type BusAddr, type Bytes, busAddr, bytes } from "../../sim/units.ts";

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const TIB = 2 ** 40;

/** What every preset's functions agree on: payload and read request as Linux leaves them, extended tags on. */
const MAX_PAYLOAD: Bytes = bytes(256);
const MAX_READ_REQUEST: Bytes = bytes(512);
const EXTENDED_TAGS = 256;
const SOCKET_MEMORY: Bytes = bytes(64 * GIB);

/** A bridge forwards whole MiB (PCI-to-PCI Bridge 3.2.5.8), so no two devices share one. */
const WINDOW_GRANULE = MIB;

/** A BAR before firmware has placed it. */
interface Aperture {
  readonly index: number;
  readonly size: number;
  readonly prefetchable: boolean;
}

/** An endpoint before firmware has placed its BARs. */
export interface Card extends Omit<Endpoint, "bars"> {
  readonly apertures: readonly Aperture[];
}

/** Sockets carry 64 GiB each; functions are listed as lspci lists them, by address. */
export interface Blueprint extends Pick<Topology, "name" | "platform"> {
  readonly sockets: number;
  readonly hostBridges: readonly HostBridge[];
  readonly functions: readonly (Port | Card)[];
}

/** A root port whose ACS capability is there and off, as firmware leaves it. */
export const rootPort = (id: string, hostBridge: string, label: string): Port => ({
  id,
  kind: "root-port",
  parent: hostBridge,
  acs: ACS_OFF,
  maxPayload: MAX_PAYLOAD,
  label,
});

/** A switch's upper end; upstream ports have no ACS capability unless they are multi-function (PCIe 6.12.1.2). */
export const upstreamPort = (id: string, parent: string, link: Link, label: string): Port => ({
  id,
  kind: "upstream-port",
  parent,
  link,
  maxPayload: MAX_PAYLOAD,
  label,
});

/** One of a switch's lower ends, with ACS there and off. */
export const downstreamPort = (id: string, parent: string, label: string): Port => ({
  id,
  kind: "downstream-port",
  parent,
  acs: ACS_OFF,
  maxPayload: MAX_PAYLOAD,
  label,
});

/** An NVMe drive: its registers are one BAR of 16 KiB, and it has no controller memory buffer. */
export const nvme = (id: string, parent: string, link: Link): Card => ({
  ...card(id, parent, link),
  role: "nvme",
  label: "NVMe SSD",
  apertures: [{ index: 0, size: 16 * KIB, prefetchable: false }],
});

/** A GPU with 16 MiB of registers and one window of `aperture` bytes onto its memory. */
export const gpu = (id: string, parent: string, link: Link, aperture: number): Card => ({
  ...card(id, parent, link),
  role: "gpu",
  label: "GPU",
  apertures: [
    { index: 0, size: 16 * MIB, prefetchable: false },
    { index: 1, size: aperture, prefetchable: true },
  ],
});

/** A capture card with 64 KiB of registers and one window of `store` bytes onto its frame store. */
export const capture = (id: string, parent: string, link: Link, store: number): Card => ({
  ...card(id, parent, link),
  role: "capture",
  label: "Capture card",
  apertures: [
    { index: 0, size: 64 * KIB, prefetchable: false },
    { index: 2, size: store, prefetchable: true },
  ],
});

/** A network adapter: its registers are one BAR of 16 MiB. */
export const nic = (id: string, parent: string, link: Link): Card => ({
  ...card(id, parent, link),
  role: "nic",
  label: "Network adapter",
  apertures: [{ index: 0, size: 16 * MIB, prefetchable: false }],
});

/**
 * Places every BAR and gives the machine. Addresses go up in the order of the list, and bus numbers are depth first, so the
 * windows of bridges nest and never overlap.
 *
 *   3 GiB ── registers, 32 bit ── 4 GiB ── memory ... 1 TiB ── prefetchable, 64 bit ──
 */
export function build({ name, platform, sockets, hostBridges, functions }: Blueprint): Topology {
  const low = allocator(3 * GIB);
  const high = allocator(TIB);
  const placed = ({ index, size, prefetchable }: Aperture): Bar => ({
    index,
    base: prefetchable ? high(size) : low(size),
    size: bytes(size),
    prefetchable,
  });
  const install = ({ apertures, ...rest }: Card): Endpoint => ({ ...rest, bars: apertures.map(placed) });
  return {
    name,
    platform,
    sockets: Array.from({ length: sockets }, (_, id) => ({ id, memory: SOCKET_MEMORY })),
    hostBridges,
    functions: functions.map((each) => ("apertures" in each ? install(each) : each)),
    warnings: [],
  };
}

const card = (id: string, parent: string, link: Link) =>
  ({
    id,
    kind: "endpoint",
    parent,
    link,
    maxPayload: MAX_PAYLOAD,
    maxReadRequest: MAX_READ_REQUEST,
    tags: EXTENDED_TAGS,
  }) as const;

/** A BAR lies on a multiple of its size (PCIe 7.5.1.2.1). */
function allocator(start: number): (size: number) => BusAddr {
  let next = start;
  return (size) => {
    const alignment = Math.max(size, WINDOW_GRANULE);
    const base = Math.ceil(next / alignment) * alignment;
    next = base + size;
    return busAddr(base);
  };
}
