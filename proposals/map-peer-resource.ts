import type { PciDev } from "../fabric/hierarchy.ts";
import type { BarChunk, BarMemory } from "../kernel/bar-memory.ts";
import type { Device } from "../kernel/device.ts";
import type { DmaMapping } from "../kernel/dma-api.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Refusal } from "../kernel/refusal.ts";
import type { Task } from "../sim/activity.ts";
import type { Bytes } from "../sim/units.ts";
import type {
  Access,
  Change,
  Exposed,
  Import,
  Mapping,
  Mechanism,
  Parties,
  Proposal,
  Provider,
  Region,
} from "./proposal.ts";

const POSTED = "W. Davis, DMA-API/PCI map_peer_resource support for peer-to-peer, linux-pci (spinics msg44560), 2015";
const RULE =
  "W. Davis, PCI: Add pci_peer_traffic_supported(), as posted again by C. König, [PATCH 3/8], linux-media, 25 March 2018";
const SOURCES = [
  POSTED,
  RULE,
  "A. Deucher, Enabling peer to peer device transactions for PCIe devices, linux-kernel, 21 November 2016, item 1",
  "the text of the later versions was not at hand: wrappers, IOMMU half and back channel are reconstructed",
];

const CORE: readonly Change[] = [
  { where: "core", what: "pci_peer_traffic_supported and pci_find_common_upstream_dev", source: RULE },
  {
    where: "core",
    what: "dma_map_ops.map_peer_resource and unmap_peer_resource, for no IOMMU, Intel's and AMD's",
    source: POSTED,
  },
  {
    where: "exporter",
    what: "tells the importer's driver its device, resource, offset and length, and must call it before it takes the memory back",
    source: "J. Glisse on linux-kernel, 5 January 2017: drivers must have a back channel between them",
  },
  {
    where: "importer",
    what: "a back channel to each exporter's driver, and the new mapping call",
    source: "A. Deucher, 21 November 2016: explicit support in all drivers that want it",
  },
];

/**
 * The DMA API maps a peer's PCI resource (W. Davis, 2015). Two drivers that know of each other exchange device, resource and offset;
 * a rule over the tree says whether peer traffic is supported; then the range gets an IOVA of the importer, or is a bus address. It
 * takes no reference to anything and knows no scatterlists. What goes through a kernel subsystem never sees the back channel: there
 * the memory is a bare resource.
 */
export const mapPeerResource: Proposal = {
  contract: 1,
  name: "map-peer-resource",
  title: "The DMA API maps a peer's PCI resource",
  forms: {
    "as-posted": {
      provenance: "reconstructed",
      sources: SOURCES,
      stateless: true,
      changes: CORE,
      install: (kernel) => new PeerResources(kernel, false),
    },
    intended: {
      provenance: "reconstructed",
      sources: SOURCES,
      stateless: true,
      changes: [
        ...CORE,
        {
          where: "importer",
          what: "bios, memory regions and video buffers that carry bus addresses instead of struct pages, and drivers that take them",
          source:
            "inferred: a bio of 4.9 is a list of struct pages; J. Glisse, 5 January 2017, wants the mapping shared by all",
        },
      ],
      install: (kernel) => new PeerResources(kernel, true),
    },
  },
};

class PeerResources implements Mechanism {
  readonly kernel: Kernel;
  /** Whether the importers' subsystems have learnt to carry a bare resource. */
  readonly taught: boolean;
  constructor(kernel: Kernel, taught: boolean) {
    this.kernel = kernel;
    this.taught = taught;
  }

  *provide({ exporter, importer }: Parties): Task<Provider | Refusal> {
    const { kernel } = this;
    const memory = kernel.memoryBehind(exporter);
    if (memory === undefined)
      return kernel.refuse({
        errno: "ENODEV",
        who: "map-peer-resource",
        whom: exporter.name,
        why: "it has no memory resource to map",
        remedy: "export from a device that has memory behind a BAR",
      });
    if (this.taught) kernel.io.subsystem(importer)?.learn("resource");
    return new Peers(kernel, memory, exporter, importer, this.taught);
  }
}

class Peers implements Provider {
  readonly kernel: Kernel;
  readonly memory: BarMemory;
  readonly exporter: Device;
  readonly importer: Device;
  readonly taught: boolean;
  constructor(kernel: Kernel, memory: BarMemory, exporter: Device, importer: Device, taught: boolean) {
    this.kernel = kernel;
    this.memory = memory;
    this.exporter = exporter;
    this.importer = importer;
    this.taught = taught;
  }

  *alloc(length: Bytes): Task<Region | Refusal> {
    const chunk = this.memory.alloc(length);
    return this.kernel.isRefusal(chunk) ? chunk : new ResourcePart(this, chunk);
  }

  /** Nobody is told: no importer registered anywhere that it maps the resource. */
  *withdraw(): Task<void> {}

  /**
   * pci_peer_traffic_supported, rule by rule; "" or why not. It asks the root port and the common upstream device about ACS, and no
   * downstream port of a switch.
   */
  *unsupported(): Task<string> {
    const { pci } = this.kernel;
    const [dev, peer] = [pci.devOf(this.importer), pci.devOf(this.exporter)];
    const host = pci.findHostBridge(dev);
    if (host === pci.findHostBridge(peer)) return yield* this.#unsupportedBelowOne(dev, peer);
    const listed = host.first?.at00 === true && host.first.identity === ZEN;
    return listed ? "" : `host bridge ${host.id} is not known to forward to another`;
  }

  *#unsupportedBelowOne(dev: PciDev, peer: PciDev): Task<string> {
    const { pci } = this.kernel;
    const port = pci.findRootPort(dev);
    const common = pci.findCommonUpstream(dev, peer);
    const offered = port && (yield* pci.acsCapability(port));
    if (port === undefined || offered === undefined) return common ? "" : "the two have no upstream device in common";
    const same = port === pci.findRootPort(peer);
    if (same && common && (yield* this.#turnsBelow(port, common, offered.requestRedirect))) return "";
    if (offered.requestRedirect && !(yield* pci.acsEnabled(port, "requestRedirect")))
      return same ? "" : "the two are below different root ports, whose ACS request redirect is off";
    return pci.iommuPresent ? "" : `ACS of root port ${port.id} would redirect, and no IOMMU is there to do it`;
  }

  *#turnsBelow(port: PciDev, common: PciDev, redirects: boolean): Task<boolean> {
    if (common === port) return !redirects;
    return !(yield* this.kernel.pci.acsEnabled(common, "upstreamForwarding"));
  }
}

/** Vendor and device of the one host bridge that the posted rule lets through to another: AMD Zen's. */
const ZEN = "1022:1450";

class ResourcePart implements Region {
  readonly peers: Peers;
  readonly chunk: BarChunk;
  constructor(peers: Peers, chunk: BarChunk) {
    this.peers = peers;
    this.chunk = chunk;
  }

  /** The exporter's driver hands user space a token for (device, resource, offset, length). */
  *expose(): Task<Exposed> {
    yield* this.peers.kernel.cpu.run("cpu.ioctl", 1);
    return new Token(this.peers, this.chunk);
  }

  *free(): Task<void> {
    this.peers.memory.free(this.chunk);
  }
}

class Token implements Exposed {
  readonly peers: Peers;
  readonly chunk: BarChunk;
  constructor(peers: Peers, chunk: BarChunk) {
    this.peers = peers;
    this.chunk = chunk;
  }

  /** User space hands the token to the importer's driver, which asks the exporter's over the back channel. */
  *resolve(): Task<Import> {
    yield* this.peers.kernel.cpu.run("cpu.ioctl", 1);
    return new PeerRange(this.peers, this.chunk);
  }

  *retract(): Task<void> {
    yield* this.peers.kernel.cpu.run("cpu.ioctl", 1);
  }
}

/** A word between drivers: it holds nothing. */
class PeerRange implements Import {
  readonly peers: Peers;
  readonly chunk: BarChunk;
  constructor(peers: Peers, chunk: BarChunk) {
    this.peers = peers;
    this.chunk = chunk;
  }

  /** dma_map_peer_resource. */
  *map(): Task<Mapping | Refusal> {
    const { kernel, exporter, importer } = this.peers;
    const why = yield* this.peers.unsupported();
    if (why !== "")
      return kernel.refuse({
        errno: "EIO",
        who: "pci_peer_traffic_supported",
        whom: importer.name,
        why: `no peer traffic with ${exporter.name}: ${why}`,
        remedy: "put both below one switch, or stage through system memory",
      });
    const mapping = yield* kernel.dma.mapPhysical(importer, this.chunk.physical, this.chunk.length, "resource");
    if (kernel.isRefusal(mapping)) return mapping;
    const refusal = yield* kernel.io.register(importer, mapping);
    if (refusal === undefined) return new PeerMapping(this.peers, mapping);
    yield* kernel.dma.unmap(mapping);
    return refusal;
  }

  *release(): Task<void> {}
}

class PeerMapping implements Mapping {
  readonly peers: Peers;
  readonly mapping: DmaMapping;
  constructor(peers: Peers, mapping: DmaMapping) {
    this.peers = peers;
    this.mapping = mapping;
  }

  /** A GPU's driver programs its engine itself; for any other importer the range must pass the subsystem above its driver. */
  access({ kind, length }: Access): Task<"" | "EIO" | Refusal> {
    const { kernel, importer, taught } = this.peers;
    const part = kernel.dma.head(this.mapping, length);
    const gpu = taught ? undefined : kernel.gpu(importer);
    return gpu ? gpu.copy(kind === "read" ? "out" : "in", part) : kernel.io.transfer(importer, kind, part);
  }

  unmap(): Task<void> {
    return this.peers.kernel.dma.unmap(this.mapping);
  }
}
