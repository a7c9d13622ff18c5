import { describe, expect, test } from "vitest";
import { Bug } from "../../harness/bug.ts";
import type { Device } from "../../kernel/device.ts";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { PageRange } from "../../kernel/pages.ts";
import type { Form } from "../../proposals/proposal.ts";
import { PARKED, type Task } from "../../sim/activity.ts";
import { bytes, pfn, physAddr, virtAddr } from "../../sim/units.ts";
import { altered } from "../proposals/watched.ts";
import {
  brokenIn,
  endpointOf,
  formOf,
  KIB,
  machineOf,
  measured,
  result,
  run,
  verdictsOf,
  type Words,
} from "./cells.ts";

const ZONE_DEVICE = formOf("zone-device/as-posted");
const { stateless: _promise, ...unpromising } = ZONE_DEVICE;

describe("A plugin that leaks one mapping in a thousand", () => {
  const words: Words = { total: 2500 * 4 * KIB, depth: 2 };
  const inTheTable = altered(ZONE_DEVICE, (kernel) => ({
    *unmap(go): Task<unknown> {
      const count = kernel.table.get("count") + 1;
      kernel.table.set("count", count % 1000);
      return count === 1000 ? undefined : yield* go();
    },
  }));
  const inAClosure = altered(unpromising, () => {
    let count = 0;
    return {
      *unmap(go): Task<unknown> {
        count += 1;
        return count % 1000 === 0 ? undefined : yield* go();
      },
    };
  });

  test("is not leapt over when it counts in the kernel's table: the leak is seen either way", () => {
    const full = run({ ...words, form: inTheTable });
    const leapt = run({ ...words, form: inTheTable, leap: true });
    expect(result(leapt)).toEqual(result(full));
    expect(brokenIn(full)).toEqual(["reference-balance"]);
    expect(full.verdicts.find(({ invariant }) => invariant === "reference-balance")?.because).toBe(
      "2 DMA mappings were still there at the end",
    );
  });

  test("is not leapt over when it hides its count, for it does not promise to have none, and the outcome says so", () => {
    const outcome = run({ ...words, form: inAClosure, leap: true });
    expect(outcome).toMatchObject({
      method: "full",
      methodReason: "the form does not promise to be stateless, so nothing was leapt over",
    });
    expect(brokenIn(outcome)).toEqual(["reference-balance"]);
    expect(result(outcome)).toEqual(result(run({ ...words, form: inAClosure })));
  });

  test("while the same plugin without the leak is leapt over", () => {
    expect(run({ ...words, leap: true })).toMatchObject({
      method: "leapt",
      methodReason: expect.stringMatching(/^\d+ requests were leapt over$/),
    });
    expect(run({ ...words })).toMatchObject({ method: "full", methodReason: "leaping was switched off" });
  });
});

describe("A forgotten yield*", () => {
  /** Calls one more primitive in `access`, and forgets to run it. */
  const forgetting = (call: (kernel: Kernel) => unknown): Form =>
    altered(ZONE_DEVICE, (kernel) => ({
      *access(go): Task<unknown> {
        call(kernel);
        return yield* go();
      },
    }));
  const PRIMITIVES: Readonly<Record<string, (kernel: Kernel) => unknown>> = {
    "dma.mapPages": (kernel) => kernel.dma.mapPages(deviceOf(kernel, "nvme"), onePage(kernel), 0, 4096),
    "dma.unmap": (kernel) => kernel.dma.unmap(aMapping(kernel)),
    "block.submit": (kernel) => kernel.block.submit(deviceOf(kernel, "nvme"), "read", aMapping(kernel)),
    "block.transfer": (kernel) => kernel.block.transfer(deviceOf(kernel, "nvme"), "read", aMapping(kernel)),
    "gup.get": ({ gup, process }) => gup.get(process, virtAddr(0), 4096),
    "pageMaps.memremap": ({ pageMaps }) => pageMaps.memremap("me", physAddr(0), bytes(4096)),
    "process.mmap": (kernel) => kernel.process.mmap("anonymous", onePage(kernel)),
    "process.findVma": ({ process }) => process.findVma(virtAddr(0), 4096),
    "dma.mapPhysical": (kernel) => kernel.dma.mapPhysical(deviceOf(kernel, "nvme"), physAddr(0), 4096, "resource"),
    "dmaBufs.get": ({ dmaBufs }) => dmaBufs.get(0),
    "pci.acsEnabled": (kernel) => kernel.pci.acsEnabled(kernel.pci.devOf(deviceOf(kernel, "nvme")), "requestRedirect"),
    "placements.moveOut": (kernel) => {
      const device = deviceOf(kernel, "gpu");
      return kernel.placements.moveOut({ device, physical: physAddr(0), length: bytes(4096) });
    },
    "pageCache.read": (kernel) => kernel.pageCache.read(deviceOf(kernel, "nvme"), 4096),
    "pageCache.write": (kernel) => kernel.pageCache.write(deviceOf(kernel, "nvme"), 4096),
    "cpu.run": (kernel) => kernel.cpu.run("cpu.syscall", 1),
    "cpu.run of nothing": (kernel) => kernel.cpu.run("cpu.syscall", 0),
    "copy.run": (kernel) => kernel.copy.run(100_000),
    "the GPU's copy": (kernel) => kernel.gpu(deviceOf(kernel, "gpu"))?.copy("in", aMapping(kernel)),
  };

  test.each(Object.entries(PRIMITIVES))("on %s is a bug, named with its plugin", (_name, call) => {
    expect(() => run({ form: forgetting(call) })).toThrow(Bug);
    expect(() => run({ form: forgetting(call) })).toThrow(/^a test's own called 64 primitives without yield\*$/);
  });
});

describe("A plugin that never comes back", () => {
  test("hangs, and the outcome names who waits for what", () => {
    const form = altered(ZONE_DEVICE, () => ({
      *access(): Task<unknown> {
        return yield PARKED;
      },
    }));
    const outcome = run({ form, depth: 2 });
    expect(outcome.status).toBe("hung");
    expect(outcome.reason).toContain("course waits for requests of the workload");
    expect(outcome.measures).toEqual([]);
    expect(verdictsOf(outcome)).toMatchObject({ "every-request-ends": "broken" });
  });

  const slow = { "cpu.syscall": 5e6 };

  test("hangs where it looks again and again, for ever", () => {
    const form = altered(ZONE_DEVICE, (kernel) => ({
      *access(): Task<unknown> {
        for (;;) yield* kernel.cpu.run("cpu.syscall", 1);
      },
    }));
    const outcome = run({ form, depth: 2, constants: slow });
    expect(outcome.status).toBe("hung");
    expect(outcome.reason).toContain("nothing for user space to do for 10 s of simulated time");
    expect(outcome.reason).toContain("request sleeps and wakes");
    expect(outcome.reason).toContain("request waits for the CPU (held by request)");
    expect(verdictsOf(outcome)).toMatchObject({ "every-request-ends": "broken" });
  });

  test.each([0, 1])("hangs where it goes on for ever with operations of %d ns", (cost) => {
    const form = altered(ZONE_DEVICE, (kernel) => ({
      *access(): Task<unknown> {
        for (;;) yield* kernel.cpu.run("cpu.syscall", 1);
      },
    }));
    const outcome = run({ form, depth: 2, constants: { "cpu.syscall": cost } });
    expect(outcome.status).toBe("hung");
    expect(outcome.reason).toContain("request has gone on for 4000000 operations and answers without an end");
  });

  test("may take its time where it gets on: five seconds for a request are slow, not hung", () => {
    const form = altered(ZONE_DEVICE, (kernel) => ({
      *access(go): Task<unknown> {
        yield* kernel.cpu.run("cpu.syscall", 1000);
        return yield* go();
      },
    }));
    expect(run({ form, depth: 1, size: 4096, total: 5 * 4096, constants: slow }).status).toBe("completed");
  });

  test("hangs in the end where it kept a page: the page map cannot go while somebody holds a reference", () => {
    const form = altered(ZONE_DEVICE, () => ({ *release(): Task<void> {} }));
    const outcome = run({ form, size: 8 * KIB, total: 8 * KIB });
    expect(outcome.status).toBe("hung");
    expect(outcome.reason).toBe(
      "course waits for references to pages of 0000:1b:00.0 (2 left, the last taken by request)",
    );
    expect(brokenIn(outcome)).toContain("reference-balance");
    expect(measured(outcome, "pinned_bytes")).toBe(8 * KIB);
  });
});

const MACHINE = machineOf("one-switch");

function deviceOf(kernel: Kernel, role: "nvme" | "gpu"): Device {
  const device = kernel.device(endpointOf(MACHINE, role).id);
  if (device === undefined) throw new Error(`the machine has no ${role}`);
  return device;
}

const onePage = (kernel: Kernel): PageRange =>
  kernel.memory.alloc(0, 4096) ?? { first: pfn(0), count: 1, device: false };

const aMapping = (kernel: Kernel): DmaMapping => ({
  id: 0,
  device: deviceOf(kernel, "nvme"),
  segments: [],
  pages: onePage(kernel),
  backing: "pages",
  iova: undefined,
  length: 0,
});
