import { describe, expect, it } from "vitest";
import type { Constant } from "../../calibration/constant.ts";
import { CONSTANTS, type ConstantName } from "../../calibration/constants.ts";
import { type ParameterName, Parameters } from "../../calibration/parameters.ts";
import { nsOfTicks, TICKS_PER_NS, type Ticks } from "../../sim/units.ts";

const NAMES = Object.keys(CONSTANTS) as ConstantName[];
const valuesOf = (parameters: Parameters): ReadonlyMap<ConstantName, number> =>
  new Map(NAMES.map((name) => [name, parameters.value(name)]));

const lock: Constant = {
  unit: "ns",
  low: 10,
  typical: 20,
  high: 40,
  kind: "assumed",
  source: "assumed by the author of this plugin",
  what: "Taking the plugin's own lock",
};

describe("reading a parameter", () => {
  const parameters = Parameters.typical();

  it("gives times in whole ticks, rounded once to the nearest", () => {
    expect(parameters.span("link.port_delay")).toBe(5 * TICKS_PER_NS);
    const tick: Ticks = parameters.span("rc.request_latency");
    expect(tick).toBe(Math.round(183.14 * TICKS_PER_NS));
    expect(Math.abs(nsOfTicks(tick) - 183.14)).toBeLessThanOrEqual(0.5 / TICKS_PER_NS);
    expect(parameters.span("cpu.memmap_init_page")).toBe(Math.round(7.6 * TICKS_PER_NS));
  });

  it("gives a rate and a cost per byte as whole ticks a byte", () => {
    expect(parameters.spanPerByte("host.dram_rate")).toBe(45);
    expect(parameters.spanPerByte("rc.socket_rate")).toBe(119);
    expect(parameters.spanPerByte("nvme.read_rate")).toBe(1707);
    expect(parameters.spanPerByte("host.copy")).toBe(471);
  });

  it("never gives a byte for nothing", () => {
    const fast = parameters.with({ "gpu.bar_write_rate": 1e15, "host.copy": 0 });
    expect(fast.spanPerByte("gpu.bar_write_rate")).toBe(1);
    expect(fast.spanPerByte("host.copy")).toBe(1);
  });

  it("gives sizes and counts as they are", () => {
    expect(parameters.amount("tlp.header_4dw")).toBe(16);
    expect(parameters.amount("iommu.walkers")).toBe(5);
    expect(parameters.amount("kernel.struct_page")).toBe(64);
    expect(parameters.amount("kernel.section_bytes")).toBe(2 ** 27);
  });

  it("fails when a unit is read as another, and says which reader is right for what", () => {
    const wrong: readonly (() => unknown)[] = [
      () => parameters.span("tlp.framing"),
      () => parameters.span("host.copy"),
      () => parameters.span("nvme.read_rate"),
      () => parameters.span("iommu.walkers"),
      () => parameters.spanPerByte("link.port_delay"),
      () => parameters.spanPerByte("tlp.framing"),
      () => parameters.amount("link.port_delay"),
      () => parameters.amount("nvme.read_rate"),
    ];
    for (const read of wrong) expect(read).toThrow(TypeError);
    expect(() => parameters.span("tlp.framing")).toThrow("tlp.framing is in By: span() reads ns, ns/page, ns/entry");
  });

  it("can read every constant of the table in exactly one of the five ways", () => {
    const reads = (name: ConstantName): number =>
      (["span", "spanPerByte", "amount", "share", "ratio"] as const).filter((reader) => {
        try {
          return parameters[reader](name) >= 0;
        } catch {
          return false;
        }
      }).length;
    expect(NAMES.filter((name) => reads(name) !== 1)).toEqual([]);
  });

  it("does not know a name that is in no table", () => {
    expect(() => parameters.span("nobody/knows")).toThrow(/nobody\/knows is not a constant/);
    // @ts-expect-error a misspelt name of ours does not compile
    expect(() => parameters.span("link.port_dela")).toThrow(/not a constant/);
  });
});

describe("what was read", () => {
  it("is told sorted, once each, and by kind of source", () => {
    const parameters = Parameters.typical();
    expect(parameters.used()).toEqual([]);
    parameters.span("rc.request_latency");
    parameters.amount("tlp.framing");
    parameters.span("rc.request_latency");
    parameters.span("iommu.iotlb_miss");
    const all: readonly ParameterName[] = parameters.used();
    expect(all).toEqual(["iommu.iotlb_miss", "rc.request_latency", "tlp.framing"]);
    expect(parameters.used("assumed")).toEqual(["rc.request_latency"]);
    expect(parameters.used("spec")).toEqual(["tlp.framing"]);
  });

  it("does not count a failed read, a look at the entry, or the fingerprint", () => {
    const parameters = Parameters.typical();
    expect(() => parameters.span("tlp.framing")).toThrow();
    parameters.constant("tlp.framing");
    parameters.hash();
    expect(parameters.used()).toEqual([]);
  });

  it("starts anew in a changed set", () => {
    const parameters = Parameters.typical();
    parameters.amount("tlp.framing");
    expect(parameters.with({ "tlp.framing": 12 }).used()).toEqual([]);
    expect(parameters.extend({ "mine/lock": lock }).used()).toEqual([]);
  });
});

describe("drawn parameters", () => {
  it("are typical in repetition 0, whatever the seed", () => {
    const typical = valuesOf(Parameters.typical());
    for (const name of NAMES) expect(typical.get(name)).toBe(CONSTANTS[name].typical);
    expect(valuesOf(Parameters.drawn(99, 0))).toEqual(typical);
  });

  it("stay in their ranges, keep counts whole, and never move what a specification fixes", () => {
    for (let rep = 1; rep <= 40; rep += 1)
      for (const [name, value] of valuesOf(Parameters.drawn(1, rep))) {
        const { low, high, typical, kind, unit } = CONSTANTS[name];
        expect(value >= low && value <= high, `${name} = ${value}`).toBe(true);
        if (kind === "spec") expect(value, name).toBe(typical);
        if (["By", "1", "By/page"].includes(unit)) expect(Number.isInteger(value), `${name} = ${value}`).toBe(true);
      }
  });

  it("keep the grain of a size: what may lie between 4 KiB and 32 KiB lies on a page", () => {
    const stripe: Constant = { ...lock, unit: "By", low: 4096, typical: 16384, high: 32768 };
    const sizes = Array.from({ length: 60 }, (_, rep) =>
      Parameters.drawn(1, rep + 1, { "mine/stripe": stripe }).amount("mine/stripe"),
    );
    for (const size of sizes) expect(size % 4096).toBe(0);
    expect(new Set(sizes).size).toBeGreaterThan(4);
    expect(
      Parameters.drawn(1, 1, { "mine/none": { ...stripe, low: 0, typical: 0, high: 0 } }).amount("mine/none"),
    ).toBe(0);
  });

  it("are the same for the same seed and repetition, and others otherwise", () => {
    const hashes = [
      [1, 1],
      [1, 2],
      [2, 1],
      [2, 2],
    ].map(([seed = 0, rep = 0]) => Parameters.drawn(seed, rep).hash());
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(Parameters.drawn(1, 1).hash()).toBe(hashes[0]);
  });

  it("refuse a repetition that is none", () => {
    for (const rep of [-1, 0.5, Number.NaN]) expect(() => Parameters.drawn(1, rep)).toThrow(/not a repetition/);
  });
});

describe("the draws of a repetition", () => {
  it("move every constant that has a range", () => {
    const drawn = valuesOf(Parameters.drawn(1, 1));
    const moved = NAMES.filter((name) => drawn.get(name) !== CONSTANTS[name].typical);
    const free = NAMES.filter((name) => CONSTANTS[name].kind !== "spec" && CONSTANTS[name].low < CONSTANTS[name].high);
    expect(moved.length).toBeGreaterThan(free.length - 10);
    expect(free).toEqual(expect.arrayContaining(moved));
  });

  it("move independently: one constant's draw says nothing about another's", () => {
    const share = (parameters: Parameters, name: ConstantName): number => {
      const { low, high } = CONSTANTS[name];
      return (parameters.value(name) - low) / (high - low);
    };
    let [xy, xx, yy] = [0, 0, 0];
    for (let rep = 1; rep <= 300; rep += 1) {
      const parameters = Parameters.drawn(1, rep);
      const x = share(parameters, "rc.request_latency") - 0.5;
      const y = share(parameters, "rc.response_latency") - 0.5;
      xy += x * y;
      xx += x * x;
      yy += y * y;
    }
    expect(Math.abs(xy / Math.sqrt(xx * yy))).toBeLessThan(0.2);
  });

  it("are not disturbed by a constant that a plugin adds", () => {
    const alone = valuesOf(Parameters.drawn(5, 3));
    expect(valuesOf(Parameters.drawn(5, 3, { "mine/lock": lock }))).toEqual(alone);
  });
});

describe("replaced values", () => {
  it("change the one that is named and no other, and leave the original as it was", () => {
    const before = Parameters.typical();
    const after = before.with({ "switch.latency": 2 * CONSTANTS["switch.latency"].typical });
    expect(after.span("switch.latency")).toBe(2 * before.span("switch.latency"));
    for (const name of NAMES) if (name !== "switch.latency") expect(after.value(name)).toBe(before.value(name));
    expect(before.value("switch.latency")).toBe(CONSTANTS["switch.latency"].typical);
  });

  it("may leave the range but not the sort of number", () => {
    const parameters = Parameters.typical();
    expect(parameters.with({ "switch.latency": 5000 }).value("switch.latency")).toBe(5000);
    expect(() => parameters.with({ "iommu.walkers": 2.5 })).toThrow(/not a whole number/);
    expect(() => parameters.with({ "switch.latency": -1 })).toThrow(/finite number/);
    expect(() => parameters.with({ "nvme.read_rate": 0 })).toThrow(/never ends/);
    expect(() => parameters.with({ "switch.latenzy": 1 })).toThrow(/not a constant/);
  });
});

describe("the fingerprint of the parameters", () => {
  it("changes with any one value", () => {
    const parameters = Parameters.typical();
    const another = ({ unit, typical }: Constant): number => (unit === "share" ? typical / 2 : typical + 1);
    const hashes = NAMES.map((name) => parameters.with({ [name]: another(CONSTANTS[name]) }).hash());
    expect(new Set([parameters.hash(), ...hashes]).size).toBe(NAMES.length + 1);
  });

  it("changes with nothing else: not with reading, nor with a value replaced by itself", () => {
    const parameters = Parameters.typical();
    const hash = parameters.hash();
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    parameters.span("switch.latency");
    expect(parameters.hash()).toBe(hash);
    expect(parameters.with({ "switch.latency": CONSTANTS["switch.latency"].typical }).hash()).toBe(hash);
    expect(Parameters.drawn(77, 0).hash()).toBe(hash);
  });

  it("does not depend on the order in which plugins brought their constants", () => {
    const one = Parameters.typical({ "a/x": lock, "b/y": lock });
    const other = Parameters.typical({ "b/y": lock, "a/x": lock });
    expect(one.hash()).toBe(other.hash());
    expect(one.hash()).not.toBe(Parameters.typical().hash());
  });
});

describe("a plugin's own constants", () => {
  it("are read, drawn and told like ours", () => {
    const parameters = Parameters.typical().extend({ "mine/lock": lock });
    expect(parameters.span("mine/lock")).toBe(20 * TICKS_PER_NS);
    expect(parameters.used("assumed")).toEqual(["mine/lock"]);
    expect(parameters.constant("mine/lock").source).toBe(lock.source);
    const drawn = Parameters.drawn(1, 1).extend({ "mine/lock": lock });
    expect(drawn.value("mine/lock")).toBe(Parameters.drawn(1, 1, { "mine/lock": lock }).value("mine/lock"));
    expect(drawn.value("mine/lock")).not.toBe(20);
  });

  it("are refused without a source, under a name of ours, twice, or under a name that could be ours", () => {
    const parameters = Parameters.typical({ "mine/lock": lock });
    expect(() => parameters.extend({ "mine/other": { ...lock, source: "" } })).toThrow(/number without a source/);
    expect(() => parameters.extend({ "switch.latency": lock })).toThrow(/already/);
    expect(() => parameters.extend({ "mine/lock": lock })).toThrow(/already/);
    expect(() => parameters.extend({ lock })).toThrow(/is named "plugin\/constant"/);
  });

  it("are refused with all their faults at once", () => {
    const faulty = { "mine/a": { ...lock, source: "" }, "mine/b": { ...lock, low: 99 } };
    expect(() => Parameters.typical(faulty)).toThrow(/mine\/a: a number without a source[\s\S]*mine\/b: low 99/);
  });
});
