import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ParameterName } from "../../calibration/parameters.ts";
import { CPU_TICKS } from "../../kernel/cpu.ts";
import type { Task } from "../../sim/activity.ts";
import { busAddr, bytes, PAGE_BYTES, ticks } from "../../sim/units.ts";
import { KIB } from "../harness/cells.ts";
import { Bench, granted } from "./bench.ts";

const OPERATIONS = [
  "cpu.syscall",
  "cpu.gup_page",
  "cpu.put_page",
  "cpu.dma_map_entry",
  "cpu.wakeup",
  "host.copy",
] as const;

const eachOf = ({ parameters }: Bench, name: ParameterName): number =>
  name === "host.copy" ? parameters.spanPerByte(name) : parameters.span(name);
const cpuTicks = ({ world }: Bench): number => world.tally.get(CPU_TICKS);

const PAGES = 1000;

describe("A span of n items", () => {
  /** A buffer of many pages that are there already, and what a look at the kernel sees at a time after pinning began. */
  function pinning(at: number, look: (bench: Bench) => void): { readonly bench: Bench; readonly each: number } {
    const bench = new Bench();
    const { kernel, world } = bench;
    const vma = bench.done(kernel.process.mmap("anonymous", bench.memory(PAGES)));
    bench.done(kernel.process.faultIn(vma, vma.start, vma.length));
    const each = eachOf(bench, "cpu.gup_page");
    const span = world.clock.now + bench.parameters.span("cpu.gup_fixed");
    const looker = function* (): Task<void> {
      look(bench);
    };
    world.clock.spawnAt(ticks(span + at), "a look", looker());
    bench.start(kernel.gup.get(kernel.process, vma.start, vma.length));
    world.clock.run();
    return { bench, each };
  }

  test("has done, at any instant within it, exactly the items that fit into the time gone by", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1100 * 54 * 4096 }), (at) => {
        const seen = { held: -1, counted: -1, charged: -1 };
        const before = { charged: 0 };
        const { bench, each } = pinning(at, (looked) => {
          looked.kernel.cpu.settle();
          seen.held = looked.kernel.pages.heldBytes / PAGE_BYTES;
          seen.counted = looked.count("cpu.gup_page");
          seen.charged = cpuTicks(looked);
        });
        before.charged = cpuTicks(bench) - PAGES * each;
        const done = Math.min(PAGES, Math.floor(at / each));
        expect(seen).toEqual({ held: done, counted: done, charged: before.charged + done * each });
        expect([bench.kernel.pages.heldBytes, bench.count("cpu.gup_page")]).toEqual([PAGES * PAGE_BYTES, PAGES]);
      }),
      { seed: 2016, numRuns: 60 },
    );
  });

  test("looks the same in the end however often it was settled", () => {
    const once = pinning(0, () => {}).bench;
    const often = pinning(77_777_777, ({ kernel }) => {
      for (let time = 0; time < 3; time += 1) kernel.cpu.settle();
    }).bench;
    expect([often.now, cpuTicks(often), often.kernel.pages.peakBytes]).toEqual([
      once.now,
      cpuTicks(once),
      once.kernel.pages.peakBytes,
    ]);
    expect(often.eventsOf("page-get").length).toBe(once.eventsOf("page-get").length + 1);
  });
});

describe("A span", () => {
  test("that is aborted leaves the pages and the counts where they were, and the core to others", () => {
    const bench = new Bench();
    const { kernel, world } = bench;
    const vma = bench.done(kernel.process.mmap("anonymous", bench.memory(PAGES)));
    bench.done(kernel.process.faultIn(vma, vma.start, vma.length));
    const each = eachOf(bench, "cpu.gup_page");
    const charged = cpuTicks(bench);
    const fixed = bench.parameters.span("cpu.gup_fixed");
    const victim = world.clock.spawn("the victim", discarding(kernel.gup.get(kernel.process, vma.start, vma.length)));
    const kill = function* (): Task<void> {
      kernel.cpu.abort();
      world.clock.cancel(victim);
    };
    world.clock.spawnAt(ticks(world.clock.now + fixed + 10 * each + 5), "a fatal signal", kill());
    world.clock.run();
    expect([kernel.pages.heldBytes, bench.count("cpu.gup_page")]).toEqual([10 * PAGE_BYTES, 10]);
    expect(cpuTicks(bench) - charged).toBe(fixed + 10 * each);
    bench.done(() => kernel.cpu.run("cpu.syscall", 1));
    expect(bench.count("cpu.gup_page")).toBe(10);
  });

  test("of references to a page map is as divisible as one of pages", () => {
    const bench = new Bench();
    const { kernel, world } = bench;
    const range = bench.kernel.physicalOf({
      index: 1,
      base: busAddr(2 ** 40),
      size: bytes(2 ** 27),
      prefetchable: true,
    });
    const map = granted(bench.done(kernel.pageMaps.memremap("a test", range, bytes(2 ** 27))));
    const vma = bench.done(kernel.process.mmap("devmap", { ...map.range, count: PAGES }));
    bench.done(kernel.process.faultIn(vma, vma.start, vma.length));
    const each = eachOf(bench, "cpu.page_map_ref");
    const began = world.clock.now + bench.parameters.span("cpu.gup_fixed");
    const seen: number[] = [];
    for (const items of [0, 1, 250, 999]) {
      const look = function* (): Task<void> {
        kernel.cpu.settle();
        seen.push(map.users.left);
      };
      world.clock.spawnAt(ticks(began + items * each + 3), "a look", look());
    }
    bench.done(() => kernel.gup.get(kernel.process, vma.start, vma.length));
    expect([...seen, map.users.left]).toEqual([0, 1, 250, 999, PAGES]);
  });

  test("of work that was measured on a known core takes half as long on one that is twice as fast, and nothing else does", () => {
    const [plain, fast] = [new Bench(), new Bench({ constants: { "host.core_speed": 2 } })];
    const took = (bench: Bench, name: ParameterName): number =>
      bench.cost(() => bench.kernel.cpu.run(name, 1000)).charged;
    expect(took(fast, "cpu.gpu_copy_submit")).toBe(took(plain, "cpu.gpu_copy_submit") / 2);
    expect(took(fast, "cpu.syscall")).toBe(took(plain, "cpu.syscall"));
    expect(took(fast, "host.copy")).toBe(took(plain, "host.copy"));
  });

  test("of no items takes no time and counts nothing", () => {
    const bench = new Bench();
    expect(bench.cost(() => bench.kernel.cpu.run("cpu.gup_page", 0))).toEqual({ passed: 0, charged: 0 });
  });
});

describe("The core", () => {
  test("serves one task at a time, first come, first served, until it sleeps", () => {
    const bench = new Bench();
    const { cpu } = bench.kernel;
    const { clock } = bench.world;
    const told: string[] = [];
    const worker = function* (name: string): Task<void> {
      for (const part of [1, 2]) {
        yield* cpu.run("cpu.syscall", 1);
        told.push(`${name}${part}`);
      }
      cpu.leave();
    };
    const began = clock.now;
    for (const name of ["a", "b", "c"]) clock.spawn(name, worker(name));
    clock.run();
    expect(told).toEqual(["a1", "a2", "b1", "b2", "c1", "c2"]);
    expect(clock.now - began).toBe(6 * eachOf(bench, "cpu.syscall"));
  });

  test("is not handed out twice when nobody was running and somebody aborts", () => {
    const bench = new Bench();
    const { cpu } = bench.kernel;
    cpu.abort();
    const began = bench.now;
    bench.start(() => cpu.run("cpu.wakeup", 1));
    bench.done(() => cpu.run("cpu.wakeup", 1));
    expect(bench.now - began).toBe(2 * eachOf(bench, "cpu.wakeup"));
  });

  test("is left only by the task that has it", () => {
    const bench = new Bench();
    const { cpu } = bench.kernel;
    const bystander = function* (): Task<void> {
      yield 1;
      cpu.leave();
    };
    const began = bench.now;
    bench.start(() => cpu.run("cpu.wakeup", 1));
    bench.start(bystander());
    bench.done(() => cpu.run("cpu.wakeup", 1));
    expect(bench.now - began).toBe(2 * eachOf(bench, "cpu.wakeup"));
  });
});

test("Whatever is run by however many tasks, the ticks charged are the sum of count times cost, and so is the time that passes", () => {
  const jobs = fc.array(
    fc.array(fc.tuple(fc.constantFrom(...OPERATIONS), fc.integer({ min: 0, max: 300 })), { maxLength: 6, size: "max" }),
    { minLength: 1, maxLength: 5 },
  );
  fc.assert(
    fc.property(jobs, (tasks) => {
      const bench = new Bench();
      const [charged, began] = [cpuTicks(bench), bench.now];
      const counts = new Map(OPERATIONS.map((name) => [name, bench.count(name)]));
      for (const steps of tasks)
        bench.start(
          (function* (): Task<void> {
            for (const [name, count] of steps) yield* bench.kernel.cpu.run(name, count);
          })(),
        );
      bench.world.clock.run();
      const sum = tasks.flat().reduce((total, [name, count]) => total + count * eachOf(bench, name), 0);
      expect([cpuTicks(bench) - charged, bench.now - began]).toEqual([sum, sum]);
      for (const name of OPERATIONS) {
        const asked = tasks.flat().reduce((total, [each, count]) => total + (each === name ? count : 0), 0);
        expect(bench.count(name) - (counts.get(name) ?? 0)).toBe(asked);
      }
    }),
    { seed: 8, numRuns: 100 },
  );
});

test("A copy costs its bytes and moves them through memory twice", () => {
  const bench = new Bench();
  const { passed } = bench.cost(() => bench.kernel.copy.run(64 * KIB));
  expect(passed).toBe(64 * KIB * bench.parameters.spanPerByte("host.copy"));
  expect(bench.world.tally.get("bytes copied by the CPU")).toBe(64 * KIB);
});

test("A copy to another socket takes longer by what a line waits there, and moves as many bytes", () => {
  const bench = new Bench();
  const at = (name: "host.dram_latency" | "rc.socket_latency"): number => bench.parameters.value(name);
  const home = bench.cost(() => bench.kernel.copy.run(64 * KIB)).passed;
  const { passed } = bench.cost(() => bench.kernel.copy.runRemote(64 * KIB));
  expect(passed / home).toBeCloseTo((at("host.dram_latency") + at("rc.socket_latency")) / at("host.dram_latency"), 4);
  expect(bench.world.tally.get("bytes copied by the CPU")).toBe(2 * 64 * KIB);
});

function* discarding(task: Task<unknown>): Task<void> {
  yield* task;
}
