import type { Acs, Bar, Endpoint, HostBridge, Link, PciFunction, Port, Topology } from "../../../fabric/topology.ts";
import { printBytes } from "../../../sim/units.ts";

/** Writes a machine as `lspci -Dnnvvv` would, so that what the importer reads can be compared with what was meant. */
export function render(topology: Topology): string {
  const faces = topology.hostBridges.flatMap((bridge) => face(bridge, topology));
  const functions = topology.functions.map((each) => [each.id, record(each, topology)] as const);
  const records = [...faces, ...functions].sort(([left], [right]) => (left < right ? -1 : 1));
  return records.map(([, text]) => `${text}\n\n`).join("");
}

/** What precedes the names of functions, which the importer must drop again. */
const CLASSES: Readonly<Record<Endpoint["role"] | Port["kind"], string>> = {
  nvme: "Non-Volatile memory controller [0108]",
  gpu: "3D controller [0302]",
  nic: "Ethernet controller [0200]",
  capture: "Multimedia video controller [0400]",
  other: "Signal processing controller [1180]",
  "root-port": "PCI bridge [0604]",
  "upstream-port": "PCI bridge [0604]",
  "downstream-port": "PCI bridge [0604]",
};

const TYPES: Readonly<Record<Port["kind"], string>> = {
  "root-port": "Root Port (Slot+)",
  "upstream-port": "Upstream Port",
  "downstream-port": "Downstream Port (Slot+)",
};

/** The function at 00.0 that shows who the root complex is, unless a root port already sits there. */
function face({ id, identity, socket }: HostBridge, { functions }: Topology): readonly (readonly [string, string])[] {
  const first = `${id}:00.0`;
  if (identity === undefined || functions.some((each) => each.id === first)) return [];
  const title = `${first} System peripheral [0880]: Root complex [${identity}] (rev 20)`;
  const sizes = control(undefined, "MaxPayload 128 bytes, MaxReadReq 128 bytes");
  return [
    [first, [title, ...STATE, node(socket), capability("Root Complex Integrated Endpoint"), ...sizes].join("\n")],
  ];
}

const STATE = ["\tControl: I/O- Mem+ BusMaster+ SpecCycle- DisINTx+", "\tStatus: Cap+ 66MHz- UDF- FastB2B- ParErr-"];

const node = (socket: number): string => `\tNUMA node: ${socket}`;

const capability = (type: string): string => `\tCapabilities: [40] Express (v2) ${type}, IntMsgNum 0`;

function record(each: PciFunction, topology: Topology): string {
  return each.kind === "endpoint" ? endpoint(each, topology) : port(each, topology);
}

function port(each: Port, topology: Topology): string {
  const { id, kind, maxPayload } = each;
  const below = topology.functions.filter(({ parent }) => parent === id);
  const bridge = topology.hostBridges.find((candidate) => `${candidate.id}:00.0` === id);
  const ids = bridge?.identity === undefined ? "" : ` [${bridge.identity}]`;
  const secondary = busOf(below[0]?.id ?? id);
  const link = kind === "upstream-port" ? each.link : below[0]?.link;
  return [
    `${id} ${CLASSES[kind]}: ${each.label}${ids} (rev 04) (prog-if 00 [Normal decode])`,
    ...STATE,
    node(socketOf(each, topology)),
    `\tBus: primary=${busOf(id)}, secondary=${secondary}, subordinate=${secondary}, sec-latency=0`,
    capability(TYPES[kind]),
    ...control(undefined, `MaxPayload ${maxPayload} bytes, MaxReadReq 128 bytes`),
    ...links(link),
    ...accessControl(each),
  ].join("\n");
}

function endpoint(each: Endpoint, topology: Topology): string {
  const { id, role, maxPayload, maxReadRequest, tags } = each;
  return [
    `${id} ${CLASSES[role]}: ${each.label} (rev a1)`,
    ...STATE,
    node(socketOf(each, topology)),
    ...each.bars.map(region),
    capability(each.link ? "Endpoint" : "Root Complex Integrated Endpoint"),
    ...control(tags, `MaxPayload ${maxPayload} bytes, MaxReadReq ${maxReadRequest} bytes`),
    ...links(each.link),
    ...control2(each),
    ...errorReporting(each),
    ...translation(each),
    ...accessControl(each),
  ].join("\n");
}

function region({ index, base, size, prefetchable }: Bar): string {
  const kind = prefetchable ? "64-bit, prefetchable" : "32-bit, non-prefetchable";
  return `\tRegion ${index}: Memory at ${base.toString(16)} (${kind}) [size=${printBytes(size).replace(/i?B$/, "")}]`;
}

const sign = (on: boolean | undefined): string => (on ? "+" : "-");

const errorReporting = ({ ecrc }: Endpoint): readonly string[] => [
  "\tCapabilities: [100 v2] Advanced Error Reporting",
  `\t\tAERCap:\tFirst Error Pointer: 00, ECRCGenCap+ ECRCGenEn${sign(ecrc)} ECRCChkCap+ ECRCChkEn-`,
];

const translation = ({ ats }: Endpoint): readonly string[] => [
  "\tCapabilities: [2b0 v1] Address Translation Service (ATS)",
  "\t\tATSCap:\tInvalidate Queue Depth: 00",
  `\t\tATSCtl:\tEnable${sign(ats)}, Smallest Translation Unit: 00`,
];

const control = (tags: number | undefined, sizes: string): readonly string[] => [
  "\t\tDevCap:\tMaxPayload 512 bytes, PhantFunc 0",
  "\t\t\tExtTag+ RBE+",
  "\t\tDevCtl:\tCorrErr+ NonFatalErr+ FatalErr+ UnsupReq+",
  `\t\t\tRlxdOrd+ ExtTag${sign(tags === 256 || tags === 768)} PhantFunc- AuxPwr- NoSnoop+`,
  `\t\t\t${sizes}`,
];

const control2 = ({ tags }: Endpoint): readonly string[] => [
  "\t\tDevCap2: Completion Timeout: Range ABCD, TimeoutDis+ NROPrPrP- LTR-",
  "\t\t\t 10BitTagComp+ 10BitTagReq+ OBFF Not Supported",
  "\t\tDevCtl2: Completion Timeout: 50us to 50ms, TimeoutDis-",
  `\t\t\t AtomicOpsCtl: ReqEn- IDOReq- IDOCompl- LTR- EmergencyPowerReductionReq-`,
  `\t\t\t 10BitTagReq${sign(tags === 768)} OBFF Disabled, EETLPPrefixBlk-`,
];

const SPEEDS: Readonly<Record<Link["generation"], string>> = { 1: "2.5", 2: "5", 3: "8", 4: "16", 5: "32" };

const links = (link: Link | undefined): readonly string[] =>
  link
    ? [
        `\t\tLnkCap:\tPort #0, Speed ${SPEEDS[link.generation]}GT/s, Width x${link.width}, ASPM not supported`,
        `\t\tLnkSta:\tSpeed ${SPEEDS[link.generation]}GT/s, Width x${link.width}`,
        "\t\t\tTrErr- Train- SlotClk+ DLActive+ BWMgmt- ABWMgmt-",
      ]
    : [];

const BITS: readonly (readonly [keyof Acs, string])[] = [
  ["sourceValidation", "SrcValid"],
  ["translationBlocking", "TransBlk"],
  ["requestRedirect", "ReqRedir"],
  ["completionRedirect", "CmpltRedir"],
  ["upstreamForwarding", "UpstreamFwd"],
  ["egressControl", "EgressCtrl"],
  ["directTranslated", "DirectTrans"],
];

const accessControl = ({ acs, acsOffered }: Pick<PciFunction, "acs" | "acsOffered">): readonly string[] =>
  acs
    ? [
        "\tCapabilities: [170 v1] Access Control Services",
        ...(acsOffered ? [`\t\tACSCap:\t${signs(acsOffered)}`] : []),
        `\t\tACSCtl:\t${signs(acs)}`,
      ]
    : [];

const signs = (acs: Acs): string => BITS.map(([bit, name]) => `${name}${acs[bit] ? "+" : "-"}`).join(" ");

const busOf = (id: string): string => id.slice(5, 7);

function socketOf({ parent }: PciFunction, topology: Topology): number {
  const above = topology.functions.find(({ id }) => id === parent);
  return above ? socketOf(above, topology) : (topology.hostBridges.find(({ id }) => id === parent)?.socket ?? 0);
}
