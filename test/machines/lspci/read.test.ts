import { describe, expect, test } from "vitest";
import type { Endpoint } from "../../../fabric/topology.ts";
import { readExpress } from "../../../machines/lspci/express.ts";
import { identityOf, labelOf } from "../../../machines/lspci/identity.ts";
import { readRecords } from "../../../machines/lspci/read.ts";
import type { LspciRecord } from "../../../machines/lspci/record.ts";
import { roleOf } from "../../../machines/lspci/role.ts";

const recordOf = (text: string): LspciRecord => readRecords(text)[0] ?? expect.unreachable(`no record in ${text}`);

/** The line, and what it says: address, identity, label, role. */
const LINES: readonly (readonly [string, string, string | undefined, string, Endpoint["role"]])[] = [
  [
    "19:00.0 3D controller: NVIDIA Corporation Device 2330 (rev a1)",
    "0000:19:00.0",
    "10de:2330",
    "NVIDIA Device 2330",
    "gpu",
  ],
  [
    "10000:e1:00.0 Non-Volatile memory controller [0108]: Intel Corporation NVMe DC SSD [3DNAND] [8086:0b60] (prog-if 02 [NVM Express])",
    "10000:e1:00.0",
    "8086:0b60",
    "Intel NVMe DC SSD [3DNAND]",
    "nvme",
  ],
  ["0001:00:1f.7 0200: 15b3:1017", "0001:00:1f.7", "15b3:1017", "0200", "nic"],
  [
    "00:05.0 Unclassified device [00ff]: Device 1234:11e8 (rev 10)",
    "0000:00:05.0",
    "1234:11e8",
    "Unclassified device",
    "other",
  ],
  [
    "00:05.4 PIC: Intel Corporation Haswell-E I/O Apic (rev 02) (prog-if 20 [IO(X)-APIC])",
    "0000:00:05.4",
    undefined,
    "Intel Haswell-E I/O Apic",
    "other",
  ],
  [
    "00:00.0 Host bridge: Intel Corporation Haswell-E DMI2 (rev 02)",
    "0000:00:00.0",
    "8086:2f00",
    "Intel Haswell-E DMI2",
    "other",
  ],
  [
    "03:00.0 VGA compatible controller: Matrox Electronics Systems Ltd. G200eR2 (prog-if 00 [VGA controller])",
    "0000:03:00.0",
    undefined,
    "Matrox Electronics Systems G200eR2",
    "other",
  ],
  [
    "05:00.0 Processing accelerators: Advanced Micro Devices, Inc. [AMD/ATI] Aqua Vanjaram [Instinct MI300X]",
    "0000:05:00.0",
    undefined,
    "Advanced Micro Devices [AMD/ATI] Aqua Vanjaram [Instinct MI300X]",
    "gpu",
  ],
  [
    "06:00.0 Multimedia video controller: Blackmagic Design DeckLink 8K Pro",
    "0000:06:00.0",
    undefined,
    "Blackmagic Design DeckLink 8K Pro",
    "capture",
  ],
];

describe("A function's first line", () => {
  test.each(LINES)("%s", (line, id, identity, label, role) => {
    const record = recordOf(line);
    expect([record.id, identityOf(record), labelOf(record), roleOf(record)]).toEqual([id, identity, label, role]);
  });
});

describe("A record", () => {
  test("has the lines of its own, its capabilities, and their registers with what carries them on", () => {
    const text =
      "noise\n19:00.0 3D controller: X\n\tNUMA node: 1\n\tCapabilities: [60] Express (v2) Endpoint, MSI 00\n" +
      "\t\tDevCtl:\tCorrErr+\n\t\t\tExtTag+\n\tKernel driver in use: nvidia\n\n\tnot in it\n";
    expect(readRecords(text)).toEqual([
      {
        id: "0000:19:00.0",
        address: { domain: 0, bus: 0x19, devfn: 0 },
        line: 2,
        className: "3D controller",
        name: "X",
        fields: [
          { line: 3, label: "NUMA node", text: "1" },
          { line: 7, label: "Kernel driver in use", text: "nvidia" },
        ],
        capabilities: [
          {
            title: "Express (v2) Endpoint, MSI 00",
            registers: [{ line: 5, label: "DevCtl", text: "CorrErr+ ExtTag+" }],
          },
        ],
      },
    ]);
  });
});

describe("A PCI Express capability", () => {
  const express = (title: string, ...registers: string[]) =>
    readExpress(
      recordOf(
        [`19:00.0 3D controller: X`, `\tCapabilities: [60] ${title}`, ...registers.map((each) => `\t\t${each}`)].join(
          "\n",
        ),
      ),
    );

  test.each([
    ["Express (v2) Root Port (Slot+), IntMsgNum 0", "root-port"],
    ["Express (v1) Upstream Port, MSI 00", "upstream-port"],
    ["Express Downstream Port (Slot+) IRQ 0", "downstream-port"],
    ["Express (v2) Legacy Endpoint, MSI 00", "endpoint"],
    ["Express (v2) Root Complex Integrated Endpoint, MSI 00", "integrated"],
    ["Express (v2) Root Complex Event Collector, MSI 00", "event-collector"],
    ["Express (v1) PCI-Express to PCI/PCI-X Bridge, MSI 00", "pci-bridge"],
  ])("called %s is of a %s", (title, type) => {
    expect(express(title)?.type).toBe(type);
  });

  test.each([
    ["Speed 8GT/s, Width x8, TrErr- Train- SlotClk+ DLActive+", { generation: 3, width: 8 }],
    ["Speed 16GT/s (ok), Width x4 (downgraded)", { generation: 4, width: 4 }],
    ["Speed 2.5GT/s (overdriven), Width x16", { generation: 1, width: 16 }],
    ["Speed 64GT/s, Width x32", { generation: 6, width: 32 }],
    ["Speed unknown, Width x0", undefined],
    ["Speed 2.5GT/s, Width x0", undefined],
  ])("whose link status is %j is trained so", (status, rate) => {
    expect(express("Express (v2) Endpoint, MSI 00", `LnkSta:\t${status}`)?.trained).toEqual(rate);
  });

  test("has no size that PCIe does not have", () => {
    const odd = express("Express (v2) Endpoint, MSI 00", "DevCtl:\tMaxPayload 300 bytes, MaxReadReq 8192 bytes");
    expect([odd?.maxPayload, odd?.maxReadRequest]).toEqual([undefined, undefined]);
  });
});
