import { describe, expect, test } from "vitest";
import {
  ACS_LINUX,
  ACS_OFF,
  type Endpoint,
  type PciFunction,
  type Port,
  type Topology,
} from "../../fabric/topology.ts";
import { DESKTOP, imported, SERVER } from "./fixture.ts";

const server = imported(SERVER, "server.txt");

describe("A server's lspci -Dnnvvv", () => {
  test("is a machine under the label it came with", () => {
    expect(server.name).toBe("server.txt");
    expect(server.platform).toBe("xeon-sp");
  });

  test("has the sockets that NUMA nodes name, and the host bridges of its root buses", () => {
    expect(server.sockets.map(({ id }) => id)).toEqual([0, 1]);
    expect(server.hostBridges).toEqual([
      { id: "0000:00", socket: 0, identity: "8086:2020" },
      { id: "0000:17", socket: 0, identity: "8086:2030" },
      { id: "0000:ae", socket: 1, identity: "8086:2030" },
    ]);
  });

  test("tells that an IOMMU ran where it names IOMMU groups, and nothing where it does not", () => {
    expect(server.iommuGroups).toBe(true);
    expect(imported(SERVER.replaceAll(/\tIOMMU group: \d+\n/g, ""))).not.toHaveProperty("iommuGroups");
  });

  test("nests: root port, switch, endpoint", () => {
    expect(chain(server, "0000:1a:00.0")).toEqual([
      ["0000:1a:00.0", "endpoint"],
      ["0000:19:04.0", "downstream-port"],
      ["0000:18:00.0", "upstream-port"],
      ["0000:17:00.0", "root-port"],
    ]);
  });

  test("keeps an empty slot's port, and drops a bridge that firmware never programmed", () => {
    expect(ids(server)).toContain("0000:19:10.0");
    expect(ids(server)).not.toContain("0000:00:11.0");
  });

  test("leaves out virtual functions and what is behind a PCI bridge, in one sentence each", () => {
    expect(server.warnings).toEqual([
      "lspci does not say how much memory there is: 64 GiB for each socket is assumed",
      expect.stringMatching(/^0000:1b:00\.0: idle GPUs/),
      "2 SR-IOV virtual functions left out",
      "1 conventional PCI function behind a PCIe-to-PCI bridge left out (0000:02:00.0)",
    ]);
    expect(ids(server).filter((id) => /:1c:00\.[12]|:0[12]:/.test(id))).toEqual([]);
  });
});

describe("Of the server's functions", () => {
  test("a drive has the link that both of its ends trained", () => {
    expect(endpoint(server, "0000:1a:00.0")).toStrictEqual({
      id: "0000:1a:00.0",
      kind: "endpoint",
      parent: "0000:19:04.0",
      link: { generation: 3, width: 4 },
      maxPayload: 256,
      maxReadRequest: 512,
      tags: 256,
      role: "nvme",
      label: "Samsung Electronics NVMe SSD Controller 172Xa/172Xb",
      bars: [{ index: 0, base: 0xc1000000, size: 16384, prefetchable: false }],
    });
  });

  test("an idle GPU is taken to be awake, and a warning says so", () => {
    expect(endpoint(server, "0000:1b:00.0").link).toEqual({ generation: 3, width: 16 });
    expect(server.warnings).toContainEqual(expect.stringMatching(/^0000:1b:00\.0: idle GPUs/));
  });

  test("a width that is downgraded is believed", () => {
    expect(endpoint(server, "0000:1c:00.0").link).toEqual({ generation: 3, width: 8 });
  });

  test("ten-bit tags are found on whichever line of Device Control 2 they stand", () => {
    expect(endpoint(server, "0000:1b:00.0").tags).toBe(768);
  });

  test("a GPU keeps its memory BARs and loses its I/O ports", () => {
    expect(endpoint(server, "0000:1b:00.0").bars.map(({ index, size }) => [index, size])).toEqual([
      [0, 2 ** 24],
      [1, 2 ** 34],
      [3, 2 ** 25],
    ]);
  });

  test("ACS is there where the capability is, with the control bits in effect", () => {
    expect(find(server, "0000:17:00.0").acs).toEqual(ACS_OFF);
    expect(find(server, "0000:18:00.0").acs).toBeUndefined();
    expect(find(server, "0000:19:08.0").acs).toEqual(ACS_LINUX);
    expect(find(server, "0000:1c:00.0").acs).toEqual(ACS_OFF);
  });

  test("what an ACS capability offers is told apart from what is set", () => {
    const offered = { ...ACS_LINUX, translationBlocking: true, directTranslated: true };
    expect(find(server, "0000:17:00.0").acsOffered).toEqual(offered);
    expect(find(server, "0000:18:00.0").acsOffered).toBeUndefined();
    const less = SERVER.replaceAll(
      "ReqRedir+ CmpltRedir+ UpstreamFwd+ EgressCtrl- DirectTrans+",
      "ReqRedir- CmpltRedir-",
    );
    expect(find(imported(less), "0000:1c:00.0")).toMatchObject({
      acs: ACS_OFF,
      acsOffered: { ...ACS_OFF, sourceValidation: true, translationBlocking: true },
    });
  });

  test("a host bridge is known by the first root port where nothing is at 00.0, and that is remembered", () => {
    const moved = SERVER.replaceAll("0000:17:00.0", "0000:17:02.0");
    expect(imported(moved).hostBridges).toContainEqual({
      id: "0000:17",
      socket: 0,
      identity: "8086:2030",
      identityOfRootPort: true,
    });
  });

  test("a host bridge is not known by an endpoint that comes first", () => {
    const moved = SERVER.replaceAll("0000:17:00.0", "0000:17:02.0").replaceAll("0000:00:05.0", "0000:17:01.0");
    expect(imported(moved).hostBridges).toContainEqual({ id: "0000:17", socket: 0 });
  });
});

describe("A desktop's lspci -vvv", () => {
  const desktop = imported(DESKTOP);

  test("is recognised by names where there are no numbers", () => {
    expect(desktop.platform).toBe("intel-client");
    expect(desktop.hostBridges).toEqual([{ id: "0000:00", socket: 0, identity: "8086:0c04" }]);
  });

  test("is in domain 0, on one socket, and the warnings say that the latter is assumed", () => {
    expect(ids(desktop)).toEqual(["0000:00:01.0", "0000:00:1b.0", "0000:00:1c.0", "0000:01:00.0", "0000:02:00.0"]);
    expect(desktop.warnings).toContain("no function names its NUMA node: one socket is assumed");
  });

  test("has an integrated endpoint without a link", () => {
    expect(endpoint(desktop, "0000:00:1b.0")).toMatchObject({ parent: "0000:00", role: "other" });
    expect(endpoint(desktop, "0000:00:1b.0").link).toBeUndefined();
  });

  test("has AMD's display controller as a GPU with three memory BARs", () => {
    const gpu = endpoint(desktop, "0000:01:00.0");
    expect(gpu).toMatchObject({ role: "gpu", link: { generation: 3, width: 16 }, tags: 32, maxReadRequest: 512 });
    expect(gpu.bars.map(({ index, prefetchable }) => [index, prefetchable])).toEqual([
      [0, true],
      [2, true],
      [5, false],
    ]);
  });

  test("gives a drive the slower of its two ends", () => {
    expect(endpoint(desktop, "0000:02:00.0").link).toEqual({ generation: 2, width: 4 });
  });
});

describe("The same machine is read", () => {
  test.each([
    ["indented with spaces", (text: string) => text.replaceAll("\t", "        ")],
    ["indented with four spaces", (text: string) => text.replace(/^\t+/gm, (tabs) => "    ".repeat(tabs.length))],
    ["quoted in a mail", (text: string) => text.replace(/^/gm, "> ")],
    ["with CRLF line ends", (text: string) => text.replaceAll("\n", "\r\n")],
    ["with two carriage returns at every line's end", (text: string) => text.replaceAll("\n", "\r\r\n")],
    ["with blanks at every line's end", (text: string) => text.replaceAll("\n", " \t \n")],
    ["behind a byte order mark", (text: string) => `\ufeff${text}`],
    ["with hex dumps (-xxxx)", (text: string) => text.replaceAll("\n\n", `\n00: 86 80${" 00".repeat(14)}\n\n`)],
    ["with long lines broken by a mail program", (text: string) => text.replaceAll(" EgressCtrl", "\nEgressCtrl")],
    ["after other output", (text: string) => `Linux host 6.1.0\n\n  some words\n\n${text}`],
  ])("%s", (_, written) => {
    expect(imported(written(SERVER))).toEqual(imported(SERVER));
    expect(imported(written(DESKTOP))).toEqual(imported(DESKTOP));
  });
});

/** What is open, how the server's text becomes so, and the sentence that says it. */
const OPEN: readonly (readonly [string, (text: string) => string, RegExp])[] = [
  [
    "a node missing below one host bridge",
    edit(/NUMA node: 1/g, "Latency: 0"),
    /below 0000:ae names its NUMA node: socket 0/,
  ],
  [
    "many NUMA nodes",
    edit(/^(0000:1[9-b].*\n\t.*\n\t.*\n\tNUMA node:) 0/gm, "$1 2"),
    /taken to be a socket \(3 nodes\)/,
  ],
  ["an active link with nothing on it", edit(/(0000:af:00\.0[\s\S]*)$/, ""), /0000:ae:00\.0: the link below is active/],
  [
    "bridges missing",
    edit(/0000:18:00\.0[\s\S]*?\n\n/, ""),
    /^7 functions left out because the bridge that leads there is not in the text/,
  ],
  [
    "a drive whose BAR is disabled",
    edit(/(c1000000 .*)( \[size=16K\])/, "$1 [disabled]$2"),
    /0000:1a:00\.0: no memory BAR/,
  ],
  [
    "a GPU one of whose BARs has no address",
    edit("38400000000", "<unassigned>"),
    /0000:1b:00\.0: a memory BAR is disabled/,
  ],
  ["BARs without sizes", edit(/ \[size=\w+\]/g, ""), /0000:1a:00\.0, 0000:1b:00\.0, 0000:af:00\.0: no BAR sizes/],
  ["a link state missing at both ends", edit(/Width x4$/gm, "Width x0"), /0000:1a:00\.0.*: no link state, so what/],
  ["an unknown root complex", edit(/Sky Lake-E|8086:20[23]0/g, "New"), /is not one that p2peval knows/],
  ["a hypervisor", edit("C620 Series Chipset Family", "QEMU"), /this is a virtual machine/],
  [
    "a device that fell off its bus",
    edit(/(0000:1a:00.*\(rev) 01[\s\S]*?\n\n/, "$1 ff)\n\t!!! Unknown header type 7f\n\n"),
    /does not answer/,
  ],
  [
    "a text without its last line",
    edit(/\n\n$/, "\n"),
    /lacks lspci's closing empty line: if it was cut, what 0000:af/,
  ],
  [
    "a generation beyond the fifth",
    edit(/Speed 8GT\/s, Width x4/g, "Speed 64GT/s, Width x4"),
    /0000:1a.*the next lower one is taken/,
  ],
  [
    "a payload of a size that no register encodes",
    edit("MaxPayload 256 bytes, MaxReadReq 512 bytes", "MaxPayload 300 bytes, MaxReadReq 512 bytes"),
    /^no power of two from 128 to 4096, .*: 0000:1a:00\.0 MaxPayload 300 bytes \(DevCtl, line 288\)$/,
  ],
  [
    "a payload and a read request that are too large",
    edit("MaxPayload 256 bytes, MaxReadReq 512 bytes", "MaxPayload 8192 bytes, MaxReadReq 8192 bytes"),
    /: 0000:1a:00\.0 MaxPayload 8192 bytes \(.*\), 0000:1a:00\.0 MaxReadReq 8192 bytes \(.*\)$/,
  ],
  ["a bus with two bridges", edit("secondary=1d", "secondary=1c"), /^0000:19:10\.0: another bridge claims/],
];

describe("The root complex", () => {
  test.each([
    ["8086:3c00", "Intel Corporation Xeon E5/Core i7 DMI2", "xeon-snb"],
    ["8086:0e00", "Intel Corporation Xeon E7 v2/Xeon E5 v2/Core i7 DMI2", "xeon-ivb"],
    ["8086:2f00", "Intel Corporation Xeon E7 v3/Xeon E5 v3/Core i7 DMI2", "xeon-bdw"],
    ["8086:6f00", "Intel Corporation Xeon E7 v4/Xeon E5 v4/Xeon E3 v4/Xeon D DMI2", "xeon-bdw"],
    ["1002:5a13", "Advanced Micro Devices, Inc. [AMD/ATI] RD890S/RD990 Host Bridge", "amd-prezen"],
    [
      "1022:1422",
      "Advanced Micro Devices, Inc. [AMD] Family 15h (Models 30h-3fh) Processor Root Complex",
      "amd-prezen",
    ],
    ["1022:1450", "Advanced Micro Devices, Inc. [AMD] Family 17h (Models 00h-0fh) Root Complex", "amd-zen"],
  ])("of a machine whose root bus has %s, %s, is that of %s", (id, name, platform) => {
    const text = SERVER.replaceAll(/\bIntel Corporation Sky Lake-E[^[\n(]*/g, name).replaceAll(/8086:20[23]\d/g, id);
    expect(text).toContain(id);
    expect(imported(text).platform).toBe(platform);
  });
});

describe("What a text leaves open is said", () => {
  const warningsOf = (text: string): readonly string[] => imported(text).warnings;

  test.each(OPEN)("%s", (_, change, sentence) => {
    const changed = change(SERVER);
    expect(changed).not.toBe(SERVER);
    expect(warningsOf(changed)).toContainEqual(expect.stringMatching(sentence));
  });
});

describe("NVLink", () => {
  const gpu = (text: string): Endpoint => endpoint(imported(text), "0000:1b:00.0");

  test("is not assumed for a GPU on a card", () => {
    expect(gpu(SERVER).nvlink).toBeUndefined();
  });

  test.each([
    ["by a module's number", edit("10de:1db4", "10de:1db5")],
    ["by a module's name", edit("V100 PCIe", "V100 SXM2")],
    ["by an NVSwitch beside it", edit("[15b3:1017]", "[10de:22a3]")],
    ["by an NVSwitch's name", edit("MT27800 Family [ConnectX-5]", "GA100 [A100 NVSwitch]")],
  ])("is recognised %s, with one warning", (_, change) => {
    const { warnings } = imported(change(SERVER));
    expect(gpu(change(SERVER)).nvlink).toBe(true);
    expect(warnings.filter((each) => each.includes("NVLink"))).toHaveLength(1);
  });
});

function edit(what: string | RegExp, by: string): (text: string) => string {
  return (text) => text.replace(what, by);
}

const ids = ({ functions }: Topology): string[] => functions.map(({ id }) => id);

const find = ({ functions }: Topology, id: string): PciFunction =>
  functions.find((each) => each.id === id) ?? expect.unreachable(`no ${id}`);

function endpoint(topology: Topology, id: string): Endpoint {
  const found = find(topology, id);
  return found.kind === "endpoint" ? found : expect.unreachable(`${id} is a ${found.kind}`);
}

function chain(topology: Topology, id: string): (readonly [string, Port["kind"] | "endpoint"])[] {
  const found = topology.functions.find((each) => each.id === id);
  return found ? [[id, found.kind], ...chain(topology, found.parent)] : [];
}
