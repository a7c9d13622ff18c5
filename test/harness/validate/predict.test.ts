import { describe, expect, it } from "vitest";
import type { Case } from "../../../calibration/cases/case.ts";
import { MEASURED_PLATFORMS } from "../../../calibration/cases/measured-platforms.ts";
import { SUITE } from "../../../calibration/cases/published.ts";
import { linkTicksPerByte } from "../../../calibration/link-rate.ts";
import { Parameters } from "../../../calibration/parameters.ts";
import { predict } from "../../../harness/validate/predict.ts";
import { parametersOf } from "../../../harness/validate/sharing.ts";
import { nsOfTicks } from "../../../sim/units.ts";
import { closedForm } from "../../fabric/closed-form.ts";
import { KIT, published } from "./cases.ts";

function predicted(subject: Case, parameters: Parameters = Parameters.typical()): number {
  const platform = MEASURED_PLATFORMS[subject.platform];
  if (platform === undefined) throw new Error(`nobody described ${subject.platform}`);
  const prediction = predict(subject, platform, parameters, KIT);
  if ("inexpressible" in prediction) throw new Error(prediction.inexpressible);
  return prediction.value;
}

describe("A prediction", () => {
  it("is the closed form's for one read behind one switch", () => {
    const parameters = Parameters.typical();
    const hop = { ticksPerByte: linkTicksPerByte(5, 16), flight: 2 * parameters.span("link.port_delay") };
    const expected = closedForm(
      {
        first: hop,
        second: hop,
        residence: parameters.span("switch.latency"),
        cutThroughBytes: parameters.amount("link.cut_through_bytes"),
        postedHeaders: Number.POSITIVE_INFINITY,
        postedData: Number.POSITIVE_INFINITY,
        creditLatency: 0,
        maxPayload: 256,
        maxReadRequest: 128,
        tags: 256,
        readLatency: parameters.span("gpu.bar_read_latency"),
        readTicksPerByte: parameters.spanPerByte("gpu.bar_read_rate"),
        address: 2 ** 40,
      },
      true,
      128,
    );
    const core = nsOfTicks(parameters.span("gpu.core_load"));
    expect(predicted(published("RTX6K-020")) / (nsOfTicks(expected) + core)).toBeCloseTo(1, 1);
  });

  it("of a full link is what headers leave of it", () => {
    const raw = (1e9 * 4096) / linkTicksPerByte(3, 8);
    expect(predicted(published("PB-hsw-012")) / ((raw * 256) / 280)).toBeCloseTo(1, 1);
  });

  it.each(SUITE)("is a value or a reason for %s of the suite", (id) => {
    const subject = published(id);
    const platform = MEASURED_PLATFORMS[subject.platform];
    const prediction = platform && predict(subject, platform, Parameters.typical(), KIT);
    if (prediction && "value" in prediction) expect(prediction.value).toBeGreaterThanOrEqual(0);
    else expect(prediction?.inexpressible.length).toBeGreaterThan(10);
  });

  it("is the same every time", () => {
    const subject = published("PB-bdw-iommu-nosp-003");
    expect(predicted(subject)).toBe(predicted(subject));
  });

  it("of bandwidth in each direction is that of each, not of both", () => {
    expect(predicted(published("PB-hsw-018"))).toBeLessThan(7.9e9);
  });

  it("is 0 where the root complex does not carry it, and no success", () => {
    const throughRoot = published("ARL-002", { platform: "arrow-lake" });
    expect(predicted(throughRoot)).toBe(0);
    expect(predicted(published("ARL-001"))).toBe(0);
    expect(predicted(published("B70-001"))).toBe(0);
  });

  it("of a flag adds to the wire what the cores at both ends take, and of a device without cores nothing", () => {
    const parameters = Parameters.typical();
    const both = nsOfTicks(parameters.span("gpu.core_store")) + nsOfTicks(parameters.span("gpu.core_poll"));
    const without = parameters.with({ "gpu.core_store": 0, "gpu.core_poll": 0 });
    const flag = published("RTX6K-003");
    expect(predicted(flag, parameters) - predicted(flag, without)).toBeCloseTo(both, 6);
  });

  it("of eight readers on one host bridge of Zen is its ceiling, on two what the links carry", () => {
    const { wrx90 } = MEASURED_PLATFORMS;
    const parameters = wrx90 ? parametersOf(wrx90) : Parameters.typical();
    const one = predicted(published("RTX6K-013"), parameters);
    expect(one / parameters.value("rc.amd-zen.bridge_rate")).toBeCloseTo(1, 1);
    expect(predicted(published("RTX6K-012"), parameters) / one).toBeGreaterThan(1.4);
  });

  it("of reads from programmable logic is its rate, and what fills it knows nothing of that", () => {
    const parameters = Parameters.typical();
    const slow = parameters.with({ "fpga.bar_read_rate": 0.5e9 });
    expect(predicted(published("SMARTSSD-012"), slow) / 0.5e9).toBeCloseTo(1, 1);
    expect(predicted(published("SMARTSSD-024"), slow)).toBe(predicted(published("SMARTSSD-024"), parameters));
  });

  it("of a copy in turn is slower than of one whose legs overlap, and takes as long as both legs", () => {
    const inTurn = published("DONARD-001");
    const { operation } = inTurn;
    if (operation.kind !== "storage") throw new Error("DONARD-001 is about a drive");
    const overlapped = predicted({ ...inTurn, operation: { ...operation, legs: "overlapped", in_flight: 4 } });
    const direct = predicted(published("DONARD-002"));
    expect(predicted(inTurn)).toBeLessThan(0.9 * overlapped);
    expect(overlapped / direct).toBeCloseTo(1, 1);
  });

  it("of requests that are polled for is without interrupts: more of them a second", () => {
    const polled = published("IOMMUIO-003");
    const { operation } = polled;
    if (operation.kind !== "per-I/O") throw new Error("IOMMUIO-003 is about single requests");
    const each = (in_flight: number, completions: "polled" | "interrupt"): number =>
      1e9 / predicted({ ...polled, operation: { ...operation, in_flight, completions } });
    const [interrupt, wakeup] = (["cpu.interrupt", "cpu.wakeup"] as const).map((name) =>
      Parameters.typical().value(name),
    );
    expect(each(1, "interrupt") - each(1, "polled")).toBeCloseTo((interrupt ?? 0) + (wakeup ?? 0), -2);
    // With many under way the core never sleeps, and one interrupt is taken for several completions.
    const spared = each(128, "interrupt") - each(128, "polled");
    expect([spared > 0, spared < (interrupt ?? 0)]).toEqual([true, true]);
  });

  it("has ACS halve what two devices behind a switch exchange", () => {
    const ratio = predicted(published("RTX6K-026")) / predicted(published("RTX6K-027"));
    expect(ratio).toBeGreaterThan(0.45);
    expect(ratio).toBeLessThan(0.55);
  });

  it("of a window that the cache holds is sooner by what the cache saves", () => {
    const cold = published("PB-ib-053");
    const { operation } = cold;
    const warm: Case = { ...cold, operation: { ...operation, cache: "warm" } as Case["operation"] };
    const parameters = Parameters.typical();
    expect(predicted(cold) - predicted(warm)).toBeCloseTo(
      parameters.value("host.dram_latency") - parameters.value("host.llc_latency"),
      2,
    );
  });

  describe("of a window that the device has written", () => {
    const MIB = 2 ** 20;
    const reading = (
      id: string,
      window: number,
      cache: "cold" | "device-warm",
      words: Partial<Case> = {},
      parameters?: Parameters,
    ): number => {
      const subject = published(id);
      return predicted(
        {
          ...subject,
          ...words,
          operation: { ...(words.operation ?? subject.operation), cache, window } as Case["operation"],
        },
        parameters,
      );
    };
    // Bandwidth of one read at a time is a mean: bytes over the time of a hit or a miss.
    const one = (window: number, cache: "cold" | "device-warm", words: Partial<Case> = {}, parameters?: Parameters) => {
      const subject = published("PB-ib-001");
      const operation = { ...subject.operation, size: 64, in_flight: 1, engine: "command" } as Case["operation"];
      return 64e9 / reading("PB-ib-001", window, cache, { ...words, operation } as Partial<Case>, parameters);
    };

    it("is sooner by what the cache saves up to the knee, and by C/W of that beyond it", () => {
      const parameters = Parameters.typical().with({ "host.llc": 15 * MIB, "host.ddio_share": 0.1 });
      const saved = parameters.value("host.dram_latency") - parameters.value("host.llc_latency");
      for (const [window, share] of [
        [64 * 1024, 1],
        [1.5 * MIB, 1],
        [3 * MIB, 1 / 2],
        [6 * MIB, 1 / 4],
        [64 * MIB, 1.5 / 64],
      ] as const) {
        const gain = one(window, "cold", {}, parameters) - one(window, "device-warm", {}, parameters);
        expect(Math.abs(gain / saved - share), `${window}`).toBeLessThan(
          5 * Math.sqrt((share * (1 - share)) / 64) + 0.01,
        );
      }
    });

    it("is what DRAM takes where devices write to DRAM", () => {
      for (const platform of ["wrx90", "nfp-e3"])
        expect(reading("PB-ib-053", 65536, "device-warm", { platform })).toBe(
          reading("PB-ib-053", 65536, "cold", { platform }),
        );
    });
  });

  it("does not see the IOMMU where its pages are large, and does where they are small", () => {
    const off = predicted(published("PB-ib-037"));
    expect(predicted(published("PB-ib-iommu-005")) / off).toBeCloseTo(1, 2);
    expect(predicted(published("PB-ib-iommu-nosp-005")) / off).toBeLessThan(0.4);
  });

  it("rises with the link's width and generation, up to what the adapter's engine moves", () => {
    const subject = published("PB-ib-004");
    const over = (generation: 1 | 2 | 3 | 4, width: 1 | 4 | 8 | 16): number => {
      const below = { socket: 0 };
      const devices = { nfp: { role: "other" as const, link: { generation, width }, below } };
      return predicted({ ...subject, machine: { ...subject.machine, devices } });
    };
    const rates = [over(1, 1), over(2, 1), over(2, 4), over(3, 4), over(3, 8), over(3, 16)];
    expect(rates).toEqual(rates.toSorted((one, other) => one - other));
    expect(over(4, 16) / over(3, 16)).toBeCloseTo(1, 2);
  });

  it("of unpinning at once spares what unpinning page by page takes, and nothing else", () => {
    const parameters = Parameters.typical();
    const spared = predicted(published("MRREG-001")) - predicted(published("MRREG-002"));
    expect(spared / ((2 ** 18 - 2 ** 9) * parameters.value("cpu.put_page"))).toBeCloseTo(1, 6);
  });

  it("of an adapter of hardware has a command and an entry a page, of software an entry for each 4 KiB", () => {
    const subject = published("MRREG-002");
    const { operation } = subject;
    if (operation.kind !== "register") throw new Error("MRREG-002 is about registering");
    const at = (name: "cpu.reg_mr" | "cpu.reg_mr_page" | "cpu.soft_mr_page"): number =>
      Parameters.typical().value(name);
    const harder = predicted({ ...subject, operation: { ...operation, adapter: "hardware" } }) - predicted(subject);
    const expected = at("cpu.reg_mr") + 2 ** 9 * at("cpu.reg_mr_page") - 2 ** 18 * at("cpu.soft_mr_page");
    expect(harder / expected).toBeCloseTo(1, 6);
  });

  it("of threads that mark their process is how long its line takes to come round", () => {
    const parameters = Parameters.typical();
    const marked = predicted(published("GUP-003"));
    expect(marked / (2 ** 17 * 40 * parameters.value("cpu.line_transfer"))).toBeCloseTo(1, 1);
    expect(predicted(published("GUP-002"))).toBeLessThan(marked / 3);
  });

  it("of one page a call is that many calls", () => {
    const parameters = Parameters.typical();
    const each = parameters.value("cpu.gup_fixed") + parameters.value("cpu.gup_page");
    expect(predicted(published("GUP-005")) / (2 ** 15 * each)).toBeCloseTo(1, 6);
    const subject = published("GUP-005");
    const { operation } = subject;
    if (operation.kind !== "pin") throw new Error("GUP-005 is about pinning");
    const { pages_per_call: _one, ...whole } = operation;
    const saved = predicted(subject) - predicted({ ...subject, operation: whole });
    expect(saved / ((2 ** 15 - 1) * parameters.value("cpu.gup_fixed"))).toBeCloseTo(1, 6);
  });

  it("of a long region goes on as it began", () => {
    const subject = published("REG-001");
    const { operation } = subject;
    if (operation.kind !== "register") throw new Error("REG-001 is about registering");
    const of = (size: number): number => predicted({ ...subject, operation: { ...operation, size } });
    const [one, two, eight] = [of(2 ** 30), of(2 ** 31), of(2 ** 33)];
    expect((eight - one) / (two - one)).toBeCloseTo(7, 6);
  });

  it("of larger pages that move is what they spare of smaller ones: all but one of their entries", () => {
    const parameters = Parameters.typical();
    const halves = parameters.value("cpu.migrate_unmap_page") + parameters.value("cpu.migrate_finish_page");
    const spared = predicted(published("MIGR-003")) - predicted(published("MIGR-002"));
    expect(spared / (511 * halves)).toBeCloseTo(1, 6);
    const onFault = predicted(published("XESVM-001")) - predicted(published("XESVM-001-THP"));
    expect(onFault / (511 * halves)).toBeCloseTo(1, 2);
  });

  it.each([
    ["REG-002", /hipHostRegister/],
    ["GDRCOPY-017", /closed/],
  ])("of %s is a reason", (id, reason) => {
    expect(() => predicted(published(id))).toThrow(reason);
  });

  it("is a reason, too, where a case asks for what its machine has not", () => {
    const subject = published("RTX6K-001");
    const operation: Case["operation"] = {
      kind: "flows",
      flows: [{ from: "memory 0", to: "gpu0", by: "write" }],
      size: 4096,
      in_flight: 1,
    };
    expect(() => predicted({ ...subject, operation })).toThrow(/begins no transfer/);
    const wrong: Case["operation"] = { ...operation, flows: [{ from: "gpu0", to: "memory 7", by: "write" }] };
    expect(() => predicted({ ...subject, operation: wrong })).toThrow(/no socket 7/);
  });
});
