import { describe, expect, test } from "vitest";
import type { BarChunk } from "../../kernel/bar-memory.ts";
import type { PageRange } from "../../kernel/pages.ts";
import type { Form, Region } from "../../proposals/proposal.ts";
import { zoneDevice } from "../../proposals/zone-device.ts";
import type { Task } from "../../sim/activity.ts";
import { bytes, PAGE_BYTES, pfnOf, virtAddr } from "../../sim/units.ts";
import { countOf, formOf, GIB, historyOf, KIB, MIB, measured, only, run, withAperture } from "../harness/cells.ts";
import { Bench, granted } from "../kernel/bench.ts";
import { describeProposal } from "./contract.ts";
import { altered } from "./watched.ts";

describeProposal(zoneDevice);

describe("zone-device", () => {
  test.each([
    ["a BAR of 16 GiB", 16 * GIB, 16 * GIB],
    ["a BAR of one section", 128 * MIB, 128 * MIB],
    ["a BAR of 1 MiB, rounded out to a section", MIB, 128 * MIB],
  ])("takes 64 bytes of system memory a page for %s", (_what, bar, rounded) => {
    const outcome = run({ machine: withAperture("one-switch", bar), total: 4 * 4 * KIB });
    expect(measured(outcome, "struct_page_bytes")).toBe((rounded / 4096) * 64);
  });

  test("pays for its pages once, when the memory is provided, and for each page of each request after that", () => {
    const outcome = run({ size: 64 * KIB, total: 20 * 64 * KIB, depth: 2 });
    expect(countOf(outcome, "cpu.memmap_init_page")).toBe(0);
    expect(measured(outcome, "setup_time")).toBeGreaterThan(7 * ((16 * GIB) / 4096));
    for (const each of ["cpu.gup_page", "cpu.put_page", "cpu.page_map_ref"])
      expect(countOf(outcome, each)).toBe(20 * 16);
    expect(countOf(outcome, "cpu.fault_device")).toBe(2 * 16);
  });

  test("lets the drive write to the GPU's own addresses where nothing translates", () => {
    const events = historyOf({ size: 64 * KIB, total: 64 * KIB });
    const payload = only(events, "dma-landed").filter((event) => event.payload);
    expect(payload.map(({ address }) => address)).toEqual([0, 1, 2, 3].map((stripe) => 2 ** 40 + stripe * 16 * KIB));
    expect(new Set(payload.map(({ initiator }) => initiator))).toEqual(new Set(["0000:1a:00.0"]));
  });

  test("has its memory in the process's address space until the end, and not after", () => {
    const first = virtAddr(2 ** 32);
    const mapped: boolean[] = [];
    run({ total: 4 * 4 * KIB, depth: 2 }, ({ kernel, history }) => {
      const look = (): void => void mapped.push(kernel.process.vmaAt(first, 4 * KIB) !== undefined);
      history.on("served", look);
      history.on("ended", look);
    });
    expect(mapped).toEqual([true, true, true, true, false]);
  });

  test("never takes the switch's short cut with an IO virtual address", () => {
    const total = 64 * 4 * KIB;
    for (const iommu of ["lazy", "strict"] as const)
      expect(measured(run({ iommu }), "root_complex_payload_bytes")).toBe(2 * total);
  });

  test("crosses the root complex twice a byte where ACS redirects", () => {
    expect(measured(run({ acs: "on" }), "root_complex_payload_bytes")).toBe(2 * 64 * 4 * KIB);
  });
});

/** What 4.9 does not have: who allocated the memory behind device pages is told when the last reference to them has gone. */
const toldOfFreePages: Form = altered(formOf("zone-device/as-posted"), (kernel) => {
  const waiting: { readonly pages: PageRange; readonly give: () => Task<unknown> }[] = [];
  return {
    *free(give, region): Task<unknown> {
      const { memory } = region as Region & { readonly memory: BarChunk };
      const pages = { first: pfnOf(memory.physical), count: memory.length / PAGE_BYTES, device: true };
      if (!kernel.pages.referenced(pages)) return yield* give();
      return void waiting.push({ pages, give });
    },
    *release(go): Task<unknown> {
      const answer = yield* go();
      const free = waiting.filter(({ pages }) => !kernel.pages.referenced(pages));
      for (const each of free) {
        waiting.splice(waiting.indexOf(each), 1);
        yield* each.give();
      }
      return answer;
    },
  };
});

/** Where the next buffer lies when one has been unmapped and freed while a device still held its pages, and once it has let go. */
function reuse(form: Form): readonly ["the same place" | "another", "the same place" | "another"] {
  const bench = new Bench();
  const { kernel, driver, gpu, nvme } = bench;
  const provider = granted(bench.done(form.install(kernel).provide({ exporter: gpu, importer: nvme })));
  const size = bytes(64 * KIB);
  const first = driver.memory.aperture.base;
  const region = granted(bench.done(provider.alloc(size)));
  const exposed = granted(bench.done(region.expose()));
  const held = granted(bench.done(exposed.resolve()));
  bench.done(exposed.retract());
  bench.done(region.free());
  const place = (): "the same place" | "another" => {
    const chunk = granted(driver.memory.alloc(size));
    driver.memory.free(chunk);
    return chunk.physical === first + 0 ? "the same place" : "another";
  };
  const whileHeld = place();
  bench.done(held.release());
  return [whileHeld, place()];
}

describe("A page-free callback, which zone-device as posted lacks", () => {
  test("ends the reuse of a chunk under a live reference", () => {
    expect(reuse(formOf("zone-device/as-posted"))).toEqual(["the same place", "the same place"]);
    expect(reuse(toldOfFreePages)).toEqual(["another", "the same place"]);
  });

  test("changes nothing else: no status, no number, no verdict of a whole run", () => {
    for (const workload of ["storage-to-gpu", "gpu-to-storage", "nic-to-gpu"] as const)
      expect(run({ workload, form: toldOfFreePages })).toEqual(run({ workload }));
  });
});
