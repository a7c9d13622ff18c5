import type { Provenance } from "../../record/cell.ts";
import type { Basis } from "../../record/measure.ts";
import type { Outcome } from "../../record/outcome.ts";
import type { Result } from "../../record/result.ts";
import { bytes } from "../../sim/units.ts";
import { measure, result } from "./results.ts";

interface Contender {
  readonly proposal: string;
  readonly form: string;
  readonly provenance: Provenance;
  readonly bound: number;
  readonly setupNs: number;
  readonly payload: number;
}

const CONTENDERS: readonly Contender[] = [
  { proposal: "staging", form: "naive", provenance: "control", bound: 1.9e9, setupNs: 9000, payload: 2 },
  { proposal: "staging", form: "pipelined", provenance: "control", bound: 3.1e9, setupNs: 6000, payload: 2 },
  { proposal: "zone-device", form: "as-posted", provenance: "posted", bound: 3.2e9, setupNs: 7000, payload: 0 },
];
const SIZES = [4096, 65536, 1048576];
const BASIS: Basis = {
  basis: "extrapolated",
  nearest: "NVMe to GPU BAR behind a PLX 8747, 2.9 GB/s (Bates 2016)",
  sourceKind: "claimed",
};

/** A small, lifelike set: 3 contenders, 3 sizes, 2 workloads, 2 machines; some corrupt, some refused. The numbers are made up. */
export function house(contenders: readonly Contender[] = CONTENDERS): readonly Result[] {
  return ["storage-to-gpu", "gpu-to-storage"].flatMap((workload) =>
    ["one-switch", "two-sockets"].flatMap((machine) =>
      contenders.flatMap((contender) => SIZES.map((size) => entry(contender, workload, machine, size))),
    ),
  );
}

/** The whole house and two strangers, most of them at the same limit. */
export function fullHouse(): readonly Result[] {
  const more: readonly (readonly [string, string, Provenance])[] = [
    ["map-peer-resource", "as-posted", "reconstructed"],
    ["map-peer-resource", "intended", "reconstructed"],
    ["zone-device", "upstream", "merged"],
    ["rdma-dma-buf", "as-posted", "reconstructed"],
    ["iopmem", "as-posted", "posted"],
    ["hmm", "as-posted", "posted"],
    ["userptr-dma-buf", "intended", "hypothetical"],
    ["my-own-idea", "draft", "hypothetical"],
  ];
  return house([
    ...CONTENDERS,
    ...more.map(([proposal, form, provenance], index) => ({
      proposal,
      form,
      provenance,
      bound: index % 2 === 0 ? 3.2e9 : 2.6e9,
      setupNs: 5000 + 700 * index,
      payload: index % 3 === 0 ? 1 : 0,
    })),
  ]);
}

function entry(contender: Contender, workload: string, machine: string, size: number): Result {
  const { proposal, form, provenance } = contender;
  const [from, to] = workload === "storage-to-gpu" ? ["nvme0", "gpu0"] : ["gpu0", "nvme0"];
  const cell = { proposal, form, provenance, workload, machine, from, to, requestBytes: bytes(size) };
  if (machine === "two-sockets" && proposal === "zone-device" && workload === "gpu-to-storage") {
    const reason =
      "ENXIO: nvme0 cannot read gpu0: the root complex of two-sockets forwards no peer reads between sockets; move both below one switch";
    return result(cell, { status: "refused", path: "cross-socket", reason, measures: [] });
  }
  const corrupt = machine === "two-sockets" && proposal === "zone-device" && size > 4096;
  return result(
    cell,
    corrupt
      ? {
          ...numbers(contender, size),
          status: "corrupt",
          reason: "posted writes were dropped at rp0 (AER: unsupported request)",
        }
      : numbers(contender, size),
  );
}

function numbers({ bound, setupNs, payload, proposal }: Contender, size: number): Partial<Outcome> {
  const time = setupNs + (size / bound) * 1e9;
  const total = 67108864;
  const basis = BASIS;
  return {
    status: proposal === "staging" ? "staged" : "completed",
    reason: proposal === "staging" ? "copied through system memory, as designed" : "all requests were served",
    measures: [
      measure("throughput", (size / time) * 1e9, { stat: "mean", basis }),
      measure("latency", time, { stat: "p50", basis }),
      measure("latency", time * 1.4, { stat: "max", basis }),
      measure("cpu_time_per_byte", setupNs / size / 3, { stat: "mean", basis }),
      measure("dram_read_per_byte", payload / 2, { stat: "mean", basis }),
      measure("dram_write_per_byte", payload / 2, { stat: "mean", basis }),
      measure("root_complex_payload_bytes", payload * total, { basis }),
      measure("struct_page_bytes", proposal === "zone-device" ? 2 ** 28 : 0, { stat: "peak", basis }),
      measure("root_complex_control_bytes", (total / size) * 312, { basis }),
    ],
  };
}
