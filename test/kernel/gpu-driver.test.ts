import { describe, expect, test } from "vitest";
import { isRefusal } from "../../kernel/refusal.ts";
import { bytes } from "../../sim/units.ts";
import { KIB, MIB } from "../harness/cells.ts";
import { Bench, granted, refused } from "./bench.ts";

describe("GPU memory", () => {
  test("comes in pages of 64 KiB of the BAR, and the lowest that was given back goes first", () => {
    const { driver } = new Bench();
    const [a, b] = [granted(driver.memory.alloc(bytes(1))), granted(driver.memory.alloc(bytes(64 * KIB + 1)))];
    expect([b.physical - a.physical, a.physical % (64 * KIB)]).toEqual([64 * KIB, 0]);
    expect(granted(driver.memory.alloc(bytes(1))).physical - b.physical).toBe(128 * KIB);
    driver.memory.free(a);
    expect(granted(driver.memory.alloc(bytes(4096))).physical).toBe(a.physical);
  });

  test("ends where the BAR ends, and the refusal says how much was wanted", () => {
    const bench = new Bench({ machine: "client-root-ports" });
    for (let at = 0; at < 256; at += 64) granted(bench.driver.memory.alloc(bytes(64 * MIB)));
    expect(refused(bench.driver.memory.alloc(bytes(1)))).toEqual({
      errno: "ENOSPC",
      who: "gpu",
      whom: bench.gpu.name,
      why: `its BAR of ${256 * MIB} bytes has no ${64 * KIB} bytes left`,
      remedy: "fewer or smaller requests at a time, or a resizable BAR",
    });
  });
});

describe("A copy by the GPU's engine", () => {
  test.each(["in", "out"] as const)(
    "moves its bytes %s of memory, and costs the CPU a submission, a doorbell and a look at the semaphore",
    (direction) => {
      const bench = new Bench();
      const length = 64 * KIB;
      const mapping = granted(bench.done(bench.kernel.dma.mapPages(bench.gpu, bench.memory(16), 0, length)));
      expect(bench.done(bench.driver.copy(direction, mapping))).toBe("");
      const counted = ["cpu.gpu_copy_submit", "host.mmio_write", "cpu.gpu_copy_complete"];
      expect(counted.map((name) => bench.count(name))).toEqual([1, 1, 1]);
      expect(["cpu.interrupt", "cpu.wakeup"].map((name) => bench.count(name))).toEqual([0, 0]);
      const moved = bench.events.flatMap((event) => (event.kind === "dma-landed" && event.payload ? [event] : []));
      expect(moved.map((event) => [event.initiator, event.delivered, event.told])).toEqual([
        [bench.gpu.name, length, "ok"],
      ]);
    },
  );

  test("reports what the engine was told had failed", () => {
    const bench = new Bench({ iommu: "strict" });
    const mapping = granted(bench.done(bench.kernel.dma.mapPages(bench.gpu, bench.memory(1), 0, 4096)));
    bench.done(bench.kernel.dma.unmap(mapping));
    expect(bench.done(bench.driver.copy("in", mapping))).toBe("EIO");
  });

  test("waits for the engine of its direction, and not for the other", () => {
    const time = (...directions: readonly ("in" | "out")[]): number => {
      const bench = new Bench();
      const mappings = directions.map(() =>
        granted(bench.done(bench.kernel.dma.mapPages(bench.gpu, bench.memory(256), 0, MIB))),
      );
      const began = bench.now;
      for (const [place, mapping] of mappings.entries())
        bench.start(bench.driver.copy(directions[place] ?? "in", mapping));
      bench.world.clock.run();
      return bench.now - began;
    };
    expect(time("in", "in")).toBeGreaterThan(1.8 * time("in"));
    expect(time("out", "in")).toBeLessThan(1.2 * time("out"));
  });
});

test("A refusal is told by its shape, so that a plugin's own copy of the code knows it too", () => {
  expect(isRefusal(JSON.parse('{"errno":"EIO","who":"a","whom":"b","why":"c","remedy":"d"}'))).toBe(true);
  for (const other of [{}, { errno: "EIO" }, new Bench().driver]) expect(isRefusal(other)).toBe(false);
});
