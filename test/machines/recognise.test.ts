import { describe, expect, test } from "vitest";
import { recognise } from "../../machines/recognise.ts";
import { DESKTOP, SERVER } from "./fixture.ts";

const BRIEF = "19:00.0 3D controller: NVIDIA Corporation Device 2330 (rev a1)\n";

describe("A text is recognised as", () => {
  test.each([
    ["empty", ""],
    ["empty", " \n\t\n"],
    ["gzip", new TextDecoder().decode(new Uint8Array([0x1f, 0x8b, 8, 0, 0, 0]))],
    ["gzip", "\u001f\u008b\b\0"],
    ["binary", "00:00.0 Host\0bridge"],
    ["lspci", SERVER],
    ["lspci", DESKTOP],
    ["lspci -v", `${BRIEF}\tFlags: bus master, fast devsel, latency 0\n\tMemory at 96000000 (64-bit) [size=16M]\n`],
    ["lspci -x", `${BRIEF}00: de 10 30 23 06 05 10 00 a1 00 02 03 00 00 00 00\n`],
    ["lspci -mm", '19:00.0 "3D controller" "NVIDIA Corporation" "Device 2330" -ra1 "" ""\n'],
    ["lspci -mm", "Slot:\t19:00.0\nClass:\t3D controller\n"],
    ["lspci -t", "-[0000:00]-+-00.0  Intel Corporation Device\n           \\-02.0-[01]----00.0\n"],
    ["lspci -t", "-+-[0000:80]---00.0-[81]----00.0\n \\-[0000:00]-+-00.0\n"],
    ["lspci without -vvv", BRIEF],
    ["hwloc XML", '<?xml version="1.0"?>\n<!DOCTYPE topology SYSTEM "hwloc2.dtd">\n<topology version="2.0">'],
    ["NCCL topology XML", '<system version="1">\n  <cpu numaid="0">\n    <pci busid="0000:19:00.0"/>'],
    ["XML", "<html><body>404</body></html>"],
    ["fio JSON", 'fio: note\n{\n  "fio version" : "fio-3.36",\n  "jobs" : []\n}'],
    ["JSON", '{"jobs": []}'],
    ["JSON", "[1, 2]"],
    ["fio log", "read: (g=0): rw=randread, bs=(R) 4096B-4096B, ioengine=libaio, iodepth=32\nfio-3.36\n"],
    ["nvidia-smi topo", "\tGPU0\tGPU1\tCPU Affinity\nGPU0\t X \tPIX\t0-15\nGPU1\tPIX\t X \t0-15\n"],
    ["nvidia-smi topo", "        \u001b[4mGPU0    GPU1\u001b[0m\nGPU0     X      NV18\nGPU1    NV18     X\n"],
    ["nvidia-smi", "| NVIDIA-SMI 535.54.03    Driver Version: 535.54.03    CUDA Version: 12.2 |"],
    ["prose", "sudo: lspci: command not found"],
    ["prose", "[root@host ~]# dmesg\n[    0.000000] Linux version 6.1.0"],
  ] as const)("%s: %j", (kind, text) => {
    expect(recognise(text)).toBe(kind);
  });
});
