import { describe, expect, test } from "vitest";
import { prpEntries } from "../../fabric/nvme.ts";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import { PAGE_BYTES } from "../../sim/units.ts";
import { KIB, MIB } from "../harness/cells.ts";
import { Bench, type BenchWords, granted, refused } from "./bench.ts";

/** A mapping of system memory for the drive. */
const mapped = (bench: Bench, length: number, offset = 0): DmaMapping =>
  granted(
    bench.done(
      bench.kernel.dma.mapPages(bench.nvme, bench.memory(Math.ceil((offset + length) / PAGE_BYTES)), offset, length),
    ),
  );

describe("The block layer", () => {
  test("takes no memory without struct pages", () => {
    const bench = new Bench();
    const mapping = { ...mapped(bench, 4096), pages: undefined, backing: "resource" as const };
    expect(refused(bench.done(bench.kernel.block.submit(bench.nvme, "read", mapping)))).toEqual({
      errno: "EINVAL",
      who: "block layer",
      whom: bench.nvme.name,
      why: "a bio carries struct pages, and this memory is a bare PCI resource, which has none",
      remedy: "a block layer that takes bus addresses",
    });
    expect(bench.count("cpu.bio_submit")).toBe(0);
  });

  test("knows no device without a block driver", () => {
    const bench = new Bench();
    const { block } = bench.kernel;
    expect(refused(bench.done(block.submit(bench.gpu, "read", mapped(bench, 4096))))).toMatchObject({
      errno: "ENODEV",
      whom: bench.gpu.name,
    });
    const answer = bench.done(block.transfer(bench.gpu, "write", mapped(bench, 4096)));
    expect(answer).toMatchObject({
      errno: "ENODEV",
      who: "block",
      why: "no block driver is bound to it",
      remedy: "name an NVMe device as the storage",
    });
    expect([block.maxTransfer(bench.gpu), block.maxTransfer(bench.nvme)]).toEqual([0, 128 * KIB]);
  });
});

describe("A request", () => {
  test.each([
    [4 * KIB, 128 * KIB, 1],
    [128 * KIB, 128 * KIB, 1],
    [128 * KIB + 1, 128 * KIB, 2],
    [MIB, 128 * KIB, 8],
    [MIB, 512 * KIB, 2],
    [MIB - 1, 4 * KIB, 256],
    [300 * KIB, 128 * KIB, 3],
  ])("of %d bytes is split into commands of at most %d: %d of them", (length, most, commands) => {
    for (const kind of ["read", "write"] as const) {
      const bench = new Bench({ constants: { "nvme.max_transfer": most } });
      expect(bench.done(bench.kernel.block.transfer(bench.nvme, kind, mapped(bench, length)))).toBe("");
      const counted = ["cpu.nvme_submit", "host.mmio_write", "cpu.nvme_complete", "cpu.interrupt"];
      expect(counted.map((name) => bench.count(name))).toEqual([commands, commands, commands, commands]);
      expect(["cpu.bio_submit", "cpu.bio_complete", "cpu.wakeup"].map((name) => bench.count(name))).toEqual([1, 1, 1]);
      expect(bench.count("cpu.nvme_prp_entry")).toBe(Math.ceil(length / PAGE_BYTES));
    }
  });

  test("whose completion finds a handler at work is taken along by it, and its thread need not be woken", () => {
    const counts = (interrupt: number, wakeup: number): readonly number[] => {
      const bench = new Bench({ constants: { "cpu.interrupt": interrupt, "cpu.wakeup": wakeup } });
      const { block } = bench.kernel;
      const mappings = [mapped(bench, 4 * KIB), mapped(bench, 4 * KIB)];
      for (const mapping of mappings) bench.start(block.transfer(bench.nvme, "read", mapping));
      bench.world.clock.run();
      return ["cpu.interrupt", "cpu.nvme_complete", "cpu.wakeup"].map((name) => bench.count(name));
    };
    // The two commands end a microsecond or two apart.
    expect(counts(50_000, 2000)).toEqual([1, 2, 1]);
    expect(counts(0, 2000)).toEqual([2, 2, 1]);
    expect(counts(0, 1)).toEqual([2, 2, 2]);
  });

  test("moves exactly the mapped bytes, in order, in the direction that was asked for", () => {
    for (const [kind, side] of [
      ["read", "bytesWritten"],
      ["write", "bytesRead"],
    ] as const) {
      const bench = new Bench();
      const { engine, graph } = bench.world.fabric;
      const memory = graph.nodeOf.get("memory 0") ?? -1;
      const mapping = mapped(bench, 200 * KIB, 512);
      bench.done(bench.kernel.block.transfer(bench.nvme, kind, mapping));
      const payload = bench.events.flatMap((event) => (event.kind === "dma-began" && event.payload ? [event] : []));
      expect(payload.reduce((sum, { length }) => sum + length, 0)).toBe(200 * KIB);
      const first = mapping.segments[0]?.address ?? 0;
      let next = first;
      for (const { address, length, initiator } of payload.sort((one, other) => one.address - other.address)) {
        expect([address, initiator]).toEqual([next, bench.nvme.name]);
        next += length;
      }
      expect(engine[side][memory]).toBeGreaterThan(200 * KIB);
      expect(engine[side][memory]).toBeLessThan(210 * KIB);
    }
  });

  test("reports a transfer that the device was told had failed, and only that", () => {
    const answer = (kind: "read" | "write"): unknown => {
      const bench = new Bench({ iommu: "strict" });
      const mapping = mapped(bench, 64 * KIB);
      bench.done(bench.kernel.dma.unmap(mapping));
      return bench.done(bench.kernel.block.transfer(bench.nvme, kind, mapping));
    };
    // The drive's writes to memory are posted: those that fault are dropped, and the command succeeds.
    expect([answer("write"), answer("read")]).toEqual(["EIO", ""]);
  });

  test("does not wait for others that are under way", () => {
    const seen: number[] = [];
    const words: BenchWords = { constants: { "nvme.read_latency": 1e6 } };
    const bench = new Bench(words);
    const mappings = Array.from({ length: 8 }, () => mapped(bench, 4096));
    const began = bench.now;
    for (const mapping of mappings) bench.start(bench.kernel.block.transfer(bench.nvme, "read", mapping));
    bench.world.clock.run();
    seen.push((bench.now - began) / 4096);
    expect(seen[0]).toBeGreaterThan(1e6);
    expect(seen[0]).toBeLessThan(1.2e6);
  });
});

test("A command names each page that it touches", () => {
  const entries = (address: number, length: number): number =>
    prpEntries([{ address: address as DmaMapping["segments"][number]["address"], length }]);
  expect([entries(0, 4096), entries(4095, 2), entries(512, 4096), entries(0, 128 * KIB)]).toEqual([1, 2, 2, 32]);
});
