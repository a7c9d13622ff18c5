import { describe, expect, test } from "vitest";
import type { Topology } from "../../fabric/topology.ts";
import { runCell } from "../../harness/run-cell.ts";
import { iopmem } from "../../proposals/iopmem.ts";
import type { Outcome } from "../../record/outcome.ts";
import { bytes } from "../../sim/units.ts";
import {
  brokenIn,
  cellPlan,
  countOf,
  GIB,
  historyOf,
  KIB,
  MIB,
  machineOf,
  measured,
  only,
  run,
  type Words,
} from "../harness/cells.ts";
import { Bench, granted, refused } from "../kernel/bench.ts";
import { type Deviation, describeProposal, EVERY_WORKLOAD, WITH_A_DRIVE } from "./contract.ts";

const WORKLOADS = ["storage-to-gpu", "gpu-to-storage"] as const;
const GPU = "0000:1b:00.0";

/** One deviation for all that a form cannot do which is refused its exporter. */
const claims: Deviation = {
  reason: "its driver claims the whole PCI function",
  instead: "is refused a GPU whose own driver is bound",
  check: ({ form }) => {
    for (const workload of WORKLOADS) {
      const outcome = run({ form, workload });
      expect(outcome).toMatchObject({
        status: "refused",
        reason: `EBUSY from PCI driver core for ${GPU}: its own driver (gpu) is bound, and iopmem claims the whole function; unbind gpu: the device is then nothing but what iopmem makes of it`,
      });
      expect(brokenIn(outcome)).toEqual([]);
    }
  },
};

describeProposal(
  iopmem,
  {
    "goes through every verb once for one request, and back in the opposite order": claims,
    "serves what was asked for, the shorter last request included, and moves as many bytes over both devices' links":
      claims,
    "gives back every page, mapping, handle, credit and byte of device memory": claims,
    "tells the same history twice, byte for byte": claims,
    "refuses more than the BAR holds with ENOSPC, says who, whom, why and what helps, and gives back what it had":
      claims,
    "moves every byte from device to device behind one switch, with none of it in the root complex": claims,
    "holds no page once a request has been served": claims,
  },
  { "as-posted": { workloads: WITH_A_DRIVE, elsewhere: EVERY_WORKLOAD } },
  ["as-posted"],
);
describeProposal(iopmem, {}, {}, ["intended"]);

/** The machine with another GPU in its place: its BARs numbered otherwise, or nothing but a card of memory. */
const withGpu = (change: { readonly role: "gpu" | "other"; readonly bar: number }): Topology => {
  const machine = machineOf("one-switch");
  return {
    ...machine,
    functions: machine.functions.map((each) =>
      each.kind === "endpoint" && each.id === GPU
        ? {
            ...each,
            role: change.role,
            bars: each.bars.map((bar) => (bar.index === 1 ? { ...bar, index: change.bar } : bar)),
          }
        : each,
    ),
  };
};

/** A cell whose exporter is a card that has no driver of its own. */
function onCard(words: Words, bar: number): Outcome {
  const plan = cellPlan({ ...words, form: "iopmem/as-posted" });
  return runCell({ ...plan, topology: withGpu({ role: "other", bar }) });
}

describe("iopmem as posted", () => {
  test("works for a card that is nothing but memory behind its BAR 4", () => {
    for (const workload of WORKLOADS) {
      const outcome = onCard({ workload, size: 64 * KIB, total: MIB }, 4);
      expect([outcome.status, outcome.path, brokenIn(outcome)]).toEqual(["completed", "same-switch", []]);
      expect(measured(outcome, "root_complex_payload_bytes")).toBe(0);
    }
  });

  test("finds nothing where the memory is behind another BAR, and lets the function go", () => {
    const outcome = onCard({}, 2);
    expect(outcome.status).toBe("refused");
    expect(outcome.reason).toContain(`ENODEV from iopmem for ${GPU}: it has no BAR 4`);
    expect(brokenIn(outcome)).toEqual([]);
  });

  test("takes a GPU whose driver was unbound, which is then a disk and no GPU", () => {
    const bench = new Bench({ machine: withGpu({ role: "gpu", bar: 4 }) });
    const { kernel, gpu, nvme } = bench;
    const provide = () => iopmem.forms["as-posted"]?.install(kernel).provide({ exporter: gpu, importer: nvme });
    const asked = provide();
    if (asked === undefined) throw new Error("iopmem lost its form");
    expect(refused(bench.done(asked)).errno).toBe("EBUSY");
    bench.done(kernel.unbind(gpu));
    const again = provide();
    if (again === undefined) throw new Error("iopmem lost its form");
    const provider = granted(bench.done(again));
    expect(kernel.drivers.driverOf(gpu)).toBe("iopmem");
    bench.done(provider.withdraw());
    expect(kernel.drivers.driverOf(gpu)).toBeUndefined();
  });
});

describe("iopmem intended", () => {
  const base: Words = { size: 64 * KIB, total: 20 * 64 * KIB, depth: 2, form: "iopmem/intended" };

  test.each(WORKLOADS)("puts zone-device's bytes on every link, %s", (workload) => {
    for (const iommu of ["off", "strict"] as const) {
      const [ours, theirs] = ["iopmem/intended", "zone-device/as-posted"].map((form) =>
        run({ ...base, workload, iommu, form }).measures.filter(({ metric }) => metric === "link_payload_bytes"),
      );
      expect(ours).toEqual(theirs);
    }
  });

  test.each(WORKLOADS)(
    "does what zone-device does for a request, and finds each page of a file once, %s",
    (workload) => {
      const operations = (form: string): Readonly<Record<string, number>> =>
        Object.fromEntries(
          run({ ...base, workload, form })
            .measures.filter(({ metric }) => metric === "operations")
            .map(({ subject, value }) => [subject, value]),
        );
      expect(operations("iopmem/intended")).toEqual({
        ...operations("zone-device/as-posted"),
        "cpu.dax_lookup": 2 * 16,
      });
    },
  );

  test("takes one lookup a page at first touch and none after that, as the real kernel was seen to", () => {
    const lookups = (total: number): number => countOf(run({ ...base, size: MIB, total, depth: 1 }), "cpu.dax_lookup");
    expect([lookups(MIB), lookups(4 * MIB)]).toEqual([256, 256]);
  });

  test("has its page map in system memory, and inode tables on the GPU", () => {
    const outcome = run({ ...base, size: 4 * KIB, total: 4 * KIB });
    expect(measured(outcome, "struct_page_bytes")).toBe(256 * MIB);
    const [landed] = only(historyOf({ ...base, size: 4 * KIB, total: 4 * KIB }), "dma-landed").filter(
      ({ payload }) => payload,
    );
    expect(landed?.address).toBe(2 ** 40 + ((16 * GIB) / 16384) * 256);
  });

  test("pays for the blocks of a file when it is created, and for the inode tables when the disk is made", () => {
    const bench = new Bench();
    const asked = iopmem.forms["intended"]
      ?.install(bench.kernel)
      .provide({ exporter: bench.gpu, importer: bench.nvme });
    if (asked === undefined) throw new Error("iopmem lost its form");
    const provider = granted(bench.done(asked));
    const tables = bench.count("host.wc_write");
    expect(tables).toBe(((16 * GIB) / 16384) * 256);
    const region = granted(bench.done(provider.alloc(bytes(5000))));
    expect(bench.count("host.wc_write") - tables).toBe(8192);
    bench.done(region.free());
    bench.done(provider.withdraw());
  });
});
