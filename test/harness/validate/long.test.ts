import { describe, expect, it } from "vitest";
import type { Case } from "../../../calibration/cases/case.ts";
import type { OperationOf } from "../../../calibration/cases/operation.ts";
import { Parameters } from "../../../calibration/parameters.ts";
import { Bench } from "../../../harness/validate/bench.ts";
import { dma } from "../../../harness/validate/dma.ts";
import { flows } from "../../../harness/validate/flows.ts";
import { longTime, shortened } from "../../../harness/validate/long.ts";
import { perIo } from "../../../harness/validate/per-io.ts";
import { pingPong } from "../../../harness/validate/ping-pong.ts";
import { rdma } from "../../../harness/validate/rdma.ts";
import { stagedCopy } from "../../../harness/validate/staged-copy.ts";
import { storage } from "../../../harness/validate/storage.ts";
import { type Sketch, topologyOf } from "../../../machines/sketch.ts";
import { KIT, predicted, published } from "./cases.ts";

const MIB = 2 ** 20;
const WHOLE = Number.POSITIVE_INFINITY;
const gen = (generation: 3 | 4 | 5, width: 4 | 16) => ({ link: { generation, width }, below: { socket: 0 } });

function bench(generation: 3 | 4 | 5, configuration: Case["configuration"] = {}): Bench {
  const sketch: Sketch = {
    devices: {
      gpu0: { role: "gpu", ...gen(generation, 16) },
      gpu1: { role: "gpu", ...gen(generation, 16) },
      nvme0: { role: "nvme", ...gen(3, 4) },
      nic0: { role: "nic", ...gen(3, 16) },
      nic1: { role: "nic", ...gen(3, 16) },
    },
  };
  return new Bench(topologyOf(sketch, "a machine", "amd-zen"), configuration, Parameters.typical());
}

/** A published case as the frame, with an operation of its own. */
const framed = <Kind extends Case["operation"]["kind"]>(
  operation: OperationOf<Kind>,
  metric: Case["metric"] = "bandwidth",
  configuration: Case["configuration"] = {},
) => ({ ...published("RTX6K-003"), metric, configuration, operation });

const off = (short: number, whole: number): number => Math.abs(short / whole - 1);

describe("A long transfer is told by its beginning", () => {
  const access = ["read", "write", "read and write", "write then read"] as const;
  const iommu = ["off", "strict"] as const;
  const cases = access.flatMap((each) => iommu.map((mode) => [each, mode] as const));
  it.each(cases)("of system memory: %s, IOMMU %s, as fast as when it is simulated whole", (each, mode) => {
    const subject = framed<"dma">(
      {
        kind: "dma",
        device: "gpu0",
        access: each,
        size: 4 * MIB,
        in_flight: 2,
        window: 8 * MIB,
        order: "sequential",
        memory: 0,
        cache: "cold",
      },
      "bandwidth",
      { iommu: mode },
    );
    const [short, whole] = [dma(bench(3, { iommu: mode }), subject), dma(bench(3, { iommu: mode }), subject, WHOLE)];
    expect(off(short.value, whole.value)).toBeLessThan(0.01);
    expect(short.leftOut.join()).toContain("what comes after the first 512 KiB");
    expect(whole.leftOut.join()).not.toContain("what comes after");
  });

  it("of peers: its latency is that of all of it", () => {
    const operation = {
      kind: "flows",
      flows: [{ from: "gpu0", to: "gpu1", by: "write" }],
      size: 2 * MIB,
      in_flight: 1,
    } satisfies OperationOf<"flows">;
    const subject = framed<"flows">(operation, "latency");
    const whole = flows(bench(4), subject, WHOLE).value;
    expect(off(flows(bench(4), subject).value, whole)).toBeLessThan(0.01);
    // Two MiB over a link of gen4 x16: not the time of a piece of it.
    expect(whole).toBeGreaterThan((2 * MIB) / 31.5);
  });

  it.each(["bandwidth", "rate", "latency"] as const)("of drives: the %s of requests of all of it", (metric) => {
    const operation: OperationOf<"storage"> = {
      kind: "storage",
      drives: ["nvme0"],
      with: "gpu0",
      through: "peer",
      access: "read",
      size: 24 * MIB,
      in_flight: 1,
    };
    const subject = framed<"storage">(operation, metric);
    const whole = storage(bench(3), subject, KIT, WHOLE).value;
    expect(off(storage(bench(3), subject, KIT).value, whole)).toBeLessThan(0.01);
  });

  it.each([false, true])("by way of system memory, both ways: %s", { timeout: 60_000 }, (both_ways) => {
    const size = (both_ways ? 48 : 24) * MIB;
    const operation: OperationOf<"staged copy"> = { kind: "staged copy", from: "gpu0", to: "gpu1", both_ways, size };
    const subject = framed<"staged copy">(operation);
    const whole = stagedCopy(bench(3), subject, KIT, WHOLE).value;
    expect(off(stagedCopy(bench(3), subject, KIT).value, whole)).toBeLessThan(0.01);
  });

  it("of a drive whose requests a core issues: as many as its rate allows", () => {
    const operation: OperationOf<"per-I/O"> = {
      kind: "per-I/O",
      device: "nvme0",
      size: 64 * MIB,
      in_flight: 4,
      map: "once",
    };
    const rate = Math.min(Parameters.typical().value("nvme.read_rate"), 3.94e9);
    expect(off(perIo(bench(3), framed<"per-I/O">(operation, "rate")).value * 64 * MIB, rate)).toBeLessThan(0.05);
  });

  it("of devices that write to each other in turn: half a round of 64 MiB is one way of it", () => {
    const operation: OperationOf<"ping-pong"> = { kind: "ping-pong", between: ["gpu0", "gpu1"], size: 64 * MIB };
    const peer: OperationOf<"flows"> = {
      kind: "flows",
      flows: [{ from: "gpu0", to: "gpu1", by: "write" }],
      size: 64 * MIB,
      in_flight: 1,
    };
    const one = flows(bench(4), framed<"flows">(peer, "latency")).value;
    expect(off(pingPong(bench(4), framed<"ping-pong">(operation, "latency")).value, one)).toBeLessThan(0.01);
  });

  it("of adapters: a message of 1 GiB takes about as long as its line needs", () => {
    const operation: OperationOf<"rdma"> = {
      kind: "rdma",
      adapters: ["nic0", "nic1"],
      from: "memory 0",
      to: "memory 0",
      size: 2 ** 30,
      in_flight: 1,
    };
    const line = Parameters.typical().value("nic.line_rate");
    const { value } = rdma(bench(3), framed<"rdma">(operation, "latency"));
    expect(off(value, (2 ** 30 * 1e9) / line)).toBeLessThan(0.05);
  });

  it("and takes the sum of its parts where each byte costs the same", () => {
    const time = (length: number): number => 700 + 3 * length;
    for (const size of [1, 8, 16, 17, 1000]) expect(longTime(size, 16, time)).toBe(time(size));
    expect(shortened(16, 16)).toEqual([]);
    const after = [2 ** 14, 2 ** 24].map((longest) => shortened(2 ** 30, longest).join());
    expect(after[0]).toContain("after the first 16 KiB of a transfer: it goes on as the second half of them does");
    expect(after[1]).toContain("after the first 16 MiB of");
  });
});

describe("Short transfers", () => {
  it("are simulated whole, as many at a time as the case says", () => {
    const [one, more] = [1, 8].map((in_flight) => {
      const subject = published("RTX6K-003");
      return predicted({
        ...subject,
        metric: "bandwidth",
        operation: {
          kind: "dma",
          device: Object.keys(subject.machine?.devices ?? {})[0] ?? "",
          access: "read",
          size: 4096,
          in_flight,
          window: 4096,
          order: "sequential",
          memory: 0,
          cache: "cold",
        },
      });
    });
    expect(more ?? 0).toBeGreaterThan(3 * (one ?? 0));
  });
});
