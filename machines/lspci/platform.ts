import type { Topology } from "../../fabric/topology.ts";
import { identityOf } from "./identity.ts";
import { type LspciRecord, textOf } from "./record.ts";
import { note, type Remarks } from "./remarks.ts";

/** Which root complex this is, by the functions on its root buses. A hypervisor's is none that is known. */
export function platformOf(onRootBuses: readonly LspciRecord[], remarks: Remarks): Topology["platform"] {
  const emulated =
    onRootBuses.find(({ name }) => EMULATED.test(name)) ??
    onRootBuses.find(({ fields }) => EMULATED.test(textOf(fields, "Subsystem") ?? ""));
  if (emulated) {
    note(remarks, "virtual-machine", `${emulated.id} ${emulated.name}`);
    return "unknown";
  }
  const signs = onRootBuses.map((each) => `${identityOf(each) ?? ""} ${each.name}`);
  const family = FAMILIES.find(({ sign }) => signs.some((each) => sign.test(each)));
  const first = onRootBuses[0]?.name ?? "none";
  if (!family) note(remarks, "platform-unknown", first);
  return family?.platform ?? "unknown";
}

/** Hypervisors sign their devices, by name or by subsystem. */
const EMULATED = /QEMU|Qemu|Virtio|XenSource|VMware|Hyper-V|VirtualBox/;

interface Family {
  readonly platform: Topology["platform"];
  readonly sign: RegExp;
}

/** In order: servers first, since a workstation's root complex shares names with a client's. */
const FAMILIES: readonly Family[] = [
  { platform: "xeon-sp", sign: /^8086:(?:09a2|2020|203[0-3]|352a) |Sky Lake-E|Ice Lake Memory Map\/VT-d/ },
  { platform: "xeon-ivb", sign: /^8086:0e0[0-9a-f] |Xeon E7 v2\/Xeon E5 v2/ },
  { platform: "xeon-snb", sign: /^8086:3c0[0-9a-f] |Xeon E5\/Core i7/ },
  { platform: "xeon-bdw", sign: /^8086:(?:2f|6f)0[0-9a-f] |Xeon E[57] v[34]\/|Haswell-E / },
  {
    platform: "amd-zen",
    sign: /^1022:(?:14[4-9a-f]|15[de]|163)[0-9a-f] |AMD.*(?:Family 1[79a]h|Starship|Matisse|Milan|Genoa|Raven|Renoir)/,
  },
  {
    platform: "amd-prezen",
    sign: /^(?:1022:(?:1410|1422|1510|1536|1566|1576|1705)|1002:5a1[0-4]) |AMD.*Family 1[0-6]h .*Root Complex|AMD.*RD[89]\d0/,
  },
  {
    platform: "intel-client",
    sign: /^8086:(?:01[05]|0a0|0c0|160|19[01]|3e[13c]|46[2-6]|59[01]|9a|9b|a7)|Intel Corporation .*(?:Core Processor|Core processor|Xeon E3).*(?:DRAM|Host Bridge)/,
  },
];
