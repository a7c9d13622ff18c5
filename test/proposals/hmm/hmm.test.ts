import { describe, expect, test } from "vitest";
import { Parameters } from "../../../calibration/parameters.ts";
import type { Topology } from "../../../fabric/topology.ts";
import { hmm } from "../../../proposals/hmm/hmm.ts";
import type { Form, Mapping } from "../../../proposals/proposal.ts";
import type { Task } from "../../../sim/activity.ts";
import { bytes, pfnOf, physAddr, type VirtAddr, virtAddr } from "../../../sim/units.ts";
import {
  brokenIn,
  countOf,
  formOf,
  GIB,
  historyOf,
  KIB,
  MIB,
  machineOf,
  measured,
  only,
  run,
  type Words,
  withAperture,
} from "../../harness/cells.ts";
import { Bench, granted, refused } from "../../kernel/bench.ts";
import { describeProposal, MORE_THAN_THE_BAR, type Service, WITH_A_DRIVE } from "../contract.ts";
import { altered } from "../watched.ts";

const WORKLOADS = ["storage-to-gpu", "gpu-to-storage"] as const;
const FORMS = ["hmm/as-posted", "hmm/intended"] as const;

/** A capture card's frame store is no memory of a process: a test below speaks of it. */
const MIGRATED: Service = { workloads: WITH_A_DRIVE, elsewhere: ["capture-to-storage"] };
const MIGRATING: Readonly<Record<string, Service>> = { "as-posted": MIGRATED, intended: MIGRATED };

describeProposal(
  hmm,
  {
    "serves what was asked for, the shorter last request included, and moves as many bytes over both devices' links": {
      reason: "the GPU's copy engine migrates whole pages, there and back",
      instead: "serves it all, with whole pages on the GPU's link in both directions",
      check: ({ form }) => {
        for (const workload of WORKLOADS) {
          const outcome = run({ form, workload, size: 24 * KIB, total: 5 * 24 * KIB + 1000, depth: 2 });
          const carried = ["up", "down"].map((way) =>
            measured(outcome, "link_payload_bytes", "", `0000:1b:00.0 ${way}`),
          );
          expect(carried).toEqual([31 * 4 * KIB, 31 * 4 * KIB]);
          expect([outcome.status, brokenIn(outcome)]).toEqual(["staged", []]);
        }
      },
    },
    "moves every byte from device to device behind one switch, with none of it in the root complex": {
      reason: "a page that a drive reaches for migrates to system memory first, and block layers take no bare resource",
      instead: "ends staged by migration, with each page of each request migrated twice",
      check: ({ form }) => {
        for (const workload of WORKLOADS) {
          const outcome = run({ form, workload });
          expect(outcome).toMatchObject({ status: "staged", path: "through-memory" });
          for (const half of ["cpu.migrate_unmap_page", "cpu.migrate_finish_page"])
            expect(countOf(outcome, half)).toBe(2 * 64);
          expect(measured(outcome, "root_complex_payload_bytes")).toBe(3 * 64 * 4 * KIB);
        }
      },
    },
    "refuses more than the BAR holds with ENOSPC, says who, whom, why and what helps, and gives back what it had": {
      reason: "what does not fit into the GPU stays in system memory, where the GPU reaches it",
      instead: "serves what finds no room in the GPU from system memory",
      check: ({ form }) => {
        for (const workload of WORKLOADS) {
          const outcome = run({ ...MORE_THAN_THE_BAR, form, workload });
          expect([outcome.status, brokenIn(outcome)]).toEqual(["staged", []]);
          // Four of the eight buffers have a place in the GPU and migrate, 64 pages there and back each.
          expect(countOf(outcome, "cpu.migrate_unmap_page")).toBe(4 * 2 * 64);
        }
      },
    },
  },
  MIGRATING,
);

describe.each(FORMS)("%s", (form) => {
  test.each([16 * GIB, 256 * MIB])("has struct pages for all of the GPU's memory: %d bytes", (size) => {
    const outcome = run({ form, machine: withAperture("one-switch", size), total: 4 * 4 * KIB });
    expect(measured(outcome, "struct_page_bytes")).toBe((size / 4096) * 64);
  });

  test("migrates page by page what a foreign device reaches for, and batch by batch what the GPU touches", () => {
    const pages = 256;
    for (const workload of WORKLOADS) {
      const outcome = run({ form, workload, size: MIB, total: 3 * MIB, depth: 1 });
      const counted = ["cpu.migrate_unmap_page", "cpu.fault_device", "cpu.device_fault", "cpu.gpu_copy_submit"];
      expect(counted.map((name) => countOf(outcome, name) / 3)).toEqual([2 * pages, pages, 4, pages + 4]);
      // A batch is one invalidation of the GPU's mirror, a CPU's fault is one page.
      expect(countOf(outcome, "cpu.mmu_notifier_invalidate") / 3).toBeGreaterThanOrEqual(pages + 4);
      expect(countOf(outcome, "cpu.page_map_ref")).toBe(0);
    }
  });

  test("costs the CPU what one more nanosecond a migrated page costs, and nothing else, when migration is dearer", () => {
    for (const half of ["cpu.migrate_unmap_page", "cpu.migrate_finish_page"] as const) {
      const each = Parameters.typical().value(half);
      const words: Words = { form, size: 20 * KIB, total: 10 * 20 * KIB, depth: 3 };
      const [once, twice] = [words, { ...words, constants: { [half]: 2 * each } }].map((cell) => run(cell));
      if (once === undefined || twice === undefined) throw new Error("a run is missing");
      expect(countOf(once, half)).toBe(10 * 5 * 2);
      expect(measured(twice, "cpu_time") - measured(once, "cpu_time")).toBe(10 * 5 * 2 * each);
    }
  });

  test("copies old contents out although a read will overwrite them", () => {
    const total = 64 * 4 * KIB;
    const outcome = run({ form });
    expect(measured(outcome, "link_payload_bytes", "", "0000:1b:00.0 up")).toBe(total);
    expect(measured(outcome, "link_payload_bytes", "", "0000:1b:00.0 down")).toBe(total);
  });

  test("never holds a page of the device", () => {
    expect(only(historyOf({ form }), "page-get").filter(({ device }) => device)).toEqual([]);
  });

  test("refuses a capture card, which cannot fault", () => {
    const bench = new Bench({ machine: withRole("0000:1b:00.0", "capture") });
    const mechanism = hmm.forms["as-posted"]?.install(bench.kernel);
    const card = bench.kernel.device("0000:1b:00.0") ?? bench.nvme;
    if (mechanism === undefined) throw new Error("hmm lost its form");
    expect(refused(bench.done(mechanism.provide({ exporter: card, importer: bench.nvme })))).toMatchObject({
      errno: "ENODEV",
      why: "it has no page tables of its own, and cannot fault",
    });
  });
});

/** A hmm that pins the device's pages and has the drive reach for them, instead of moving them. */
const pinning = (kind: "read" | "write"): Form =>
  altered(formOf("hmm/as-posted"), (kernel) => ({
    *access(): Task<unknown> {
      const drive = kernel.device("0000:1a:00.0");
      const first = pfnOf(physAddr(2 ** 46 - 16 * GIB));
      if (drive === undefined || kernel.pageMaps.of(first) === undefined) throw new Error("no device pages lie there");
      const pages = { first, count: 1, device: true };
      kernel.pages.get(pages);
      const mapping = granted(yield* kernel.dma.mapPages(drive, pages, 0, 4 * KIB));
      const answer = yield* kernel.io.transfer(drive, kind, mapping);
      yield* kernel.dma.unmap(mapping);
      kernel.pages.put(pages);
      return answer;
    },
  }));

test("A hmm that pins device pages is caught by sound-delivery: nothing on the bus answers to their addresses", () => {
  for (const iommu of ["off", "strict"] as const) {
    const read = run({ form: pinning("read"), iommu });
    expect([read.status, brokenIn(read)]).toEqual(["corrupt", ["sound-delivery"]]);
    // A drive that reads them is answered, and so the error reaches user space.
    const write = run({ form: pinning("write"), iommu, workload: "gpu-to-storage" });
    expect([write.status, brokenIn(write)]).toEqual(["failed", []]);
  }
});

/** The machine with one of its devices in another role. */
function withRole(id: string, role: "nic" | "capture"): Topology {
  const machine = machineOf("one-switch");
  return {
    ...machine,
    functions: machine.functions.map((each) => (each.kind === "endpoint" && each.id === id ? { ...each, role } : each)),
  };
}

describe("An importer that can fault", () => {
  const gpus: Words = { size: 64 * KIB, total: MIB };

  test.each(["gpu-to-gpu", "gpu-to-gpu-pull"] as const)(
    "reaches the pages where they lie as intended, %s",
    (workload) => {
      const outcome = run({ ...gpus, workload, form: "hmm/intended" });
      expect(outcome).toMatchObject({ status: "completed", path: "same-switch" });
      expect(brokenIn(outcome)).toEqual([]);
      expect(measured(outcome, "root_complex_payload_bytes")).toBe(0);
      expect(countOf(outcome, "cpu.migrate_unmap_page")).toBe(0);
    },
  );

  test.each(["gpu-to-gpu", "gpu-to-gpu-pull"] as const)("has them migrated as posted all the same, %s", (workload) => {
    const outcome = run({ ...gpus, workload, form: "hmm/as-posted" });
    expect([outcome.status, brokenIn(outcome)]).toEqual(["staged", []]);
    expect(countOf(outcome, "cpu.migrate_unmap_page")).toBe((2 * MIB) / 4096);
  });

  test("gets a translated window where there is an IOMMU, and so crosses the root complex", () => {
    const outcome = run({ ...gpus, workload: "gpu-to-gpu", form: "hmm/intended", iommu: "strict" });
    expect([outcome.status, outcome.path, brokenIn(outcome)]).toEqual(["completed", "same-root-port", []]);
  });

  test.each(["gpu-to-gpu", "gpu-to-gpu-pull"] as const)("is leapt over exactly, %s", (workload) => {
    for (const form of FORMS)
      for (const iommu of ["off", "lazy", "strict"] as const) {
        const words: Words = { workload, form, iommu, size: 20 * KIB, total: 40 * 20 * KIB + 77, depth: 2 };
        const { method, methodReason, ...leapt } = run({ ...words, leap: true });
        const { method: _full, methodReason: _why, ...full } = run(words);
        expect(leapt).toEqual(full);
        expect(`${method} ${methodReason}`).not.toBe("");
      }
  });
});

describe("A network adapter's registration", () => {
  const words: Words = {
    machine: withRole("0000:1c:00.0", "nic"),
    workload: "nic-to-gpu",
    size: 64 * KIB,
    total: MIB,
    depth: 2,
    reuse: Number.POSITIVE_INFINITY,
  };

  test("pins the pages in system memory for good as posted, and the GPU reads them there", () => {
    const outcome = run({ ...words, form: "hmm/as-posted" });
    expect([outcome.status, brokenIn(outcome)]).toEqual(["staged", []]);
    expect(measured(outcome, "pinned_bytes")).toBe(2 * 64 * KIB);
    // They were migrated when they were registered, before the first request.
    expect(countOf(outcome, "cpu.migrate_unmap_page")).toBe(0);
    expect(measured(outcome, "link_payload_bytes", "", "0000:1b:00.0 down")).toBe(MIB);
  });

  test("is a window that the adapter faults in as intended", () => {
    const outcome = run({ ...words, form: "hmm/intended" });
    expect([outcome.path, brokenIn(outcome)]).toEqual(["same-switch", []]);
    expect([measured(outcome, "pinned_bytes"), measured(outcome, "root_complex_payload_bytes")]).toEqual([0, 0]);
    expect(countOf(outcome, "cpu.migrate_unmap_page")).toBe(0);
  });
});

describe("A window", () => {
  /** Two GPUs, the second of which has mapped a page range of the first. */
  function opened(): { readonly bench: Bench; readonly mapping: Mapping; readonly address: VirtAddr } {
    const bench = new Bench({ also: ["0000:1d:00.0"] });
    const importer = bench.kernel.device("0000:1d:00.0") ?? bench.nvme;
    const mechanism = hmm.forms["intended"]?.install(bench.kernel);
    if (mechanism === undefined) throw new Error("hmm lost its form");
    const provider = granted(bench.done(mechanism.provide({ exporter: bench.gpu, importer })));
    const region = granted(bench.done(provider.alloc(bytes(64 * KIB))));
    const exposed = granted(bench.done(region.expose()));
    const held = granted(bench.done(exposed.resolve()));
    return { bench, mapping: granted(bench.done(held.map())), address: virtAddr(2 ** 32) };
  }
  const access = { kind: "read", length: bytes(64 * KIB) } as const;
  const windows = ({ kernel }: Bench): number => kernel.dma.live;

  test("goes when the CPU touches the pages, for the notifier unmaps it before they move", () => {
    const { bench, address } = opened();
    const { gup, process } = bench.kernel;
    const before = windows(bench);
    const pins = granted(bench.done(gup.get(process, address, 64 * KIB)));
    expect([windows(bench) - before, pins.range.device]).toEqual([-1, false]);
    bench.done(gup.put(pins));
  });

  test("is opened again once the pages are back, after one transfer through system memory", () => {
    const { bench, mapping, address } = opened();
    const { gup, process } = bench.kernel;
    bench.done(gup.put(granted(bench.done(gup.get(process, address, 64 * KIB)))));
    const migrated = (): number => bench.count("cpu.migrate_unmap_page");
    const [before, live] = [migrated(), windows(bench)];
    expect(bench.done(mapping.access(access))).toBe("");
    expect([migrated() - before, windows(bench) - live]).toEqual([16, 0]);
    expect(bench.done(mapping.access(access))).toBe("");
    expect([migrated() - before, windows(bench) - live]).toEqual([16, 1]);
  });

  test("is waited for while the importer is at work on it: no transfer outlives its translation", () => {
    const { bench, mapping, address } = opened();
    const { gup, process, dma } = bench.kernel;
    const live = dma.live;
    bench.start(mapping.access({ kind: "read", length: bytes(64 * KIB) }));
    bench.start(() => gup.get(process, address, 64 * KIB));
    bench.world.clock.run();
    expect(dma.live).toBe(live - 1);
    const landed = bench.events.flatMap((event) =>
      event.kind === "dma-landed" && event.payload && event.initiator === "0000:1d:00.0" ? [event.at] : [],
    );
    const unmapped = bench.events.flatMap((event) => (event.kind === "unmapped" ? [event.at] : []));
    const last: number = Math.max(...landed);
    expect(landed.length).toBeGreaterThan(0);
    expect(unmapped.some((at) => at >= last)).toBe(true);
  });
});
