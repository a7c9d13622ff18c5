import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Result } from "../../record/result.ts";
import { csvText } from "../../reports/csv.ts";
import { compareText } from "../../reports/order.ts";
import {
  CELL_COLUMNS,
  cellRows,
  INVARIANT_COLUMNS,
  invariantRows,
  RESULT_COLUMNS,
  resultRows,
} from "../../reports/rows.ts";
import { bytes } from "../../sim/units.ts";
import { shuffledWith, someResults } from "./arbitrary.ts";
import { measure, result } from "./results.ts";

const resultsCsv = (results: readonly Result[]): string => csvText(RESULT_COLUMNS, resultRows(results));
const allCsv = (results: readonly Result[]): string =>
  [
    resultsCsv(results),
    csvText(CELL_COLUMNS, cellRows(results)),
    csvText(INVARIANT_COLUMNS, invariantRows(results)),
  ].join("\n");

const REFUSED = result(
  { id: "b0", proposal: "hmm", reuse: Number.POSITIVE_INFINITY, iommu: "strict", acs: "on" },
  {
    status: "refused",
    reason: "ENXIO: no path, and none to be had",
    path: "none",
    measures: [],
    methodReason: "nothing ran",
  },
);
const DONE = result(
  { id: "a0", requestBytes: bytes(4096) },
  {
    measures: [
      measure("throughput", 2.5e9, {
        stat: "mean",
        n: 3,
        basis: { basis: "checked", nearest: "2.4 GB/s (someone 2015)", sourceKind: "measured" },
      }),
      measure("operations", 12, { subject: "dma_map_page", n: 3 }),
    ],
    verdicts: [
      { invariant: "sound-delivery", verdict: "holds", because: "3 of 3 requests arrived" },
      { invariant: "bytes-conserved", verdict: "unknown", because: "nothing was counted" },
    ],
  },
);

describe("results.csv", () => {
  it("is, for two cells written by hand, this text", () => {
    expect(resultsCsv([REFUSED, DONE])).toBe(
      `schema_version,cell_id,rep,proposal,form,provenance,workload,machine,machine_hash,from,to,path,direction,request_bytes,total_bytes,queue_depth,reuse,iommu,acs,kernel,seed,status,metric,subject,stat,value,unit,better,n,reason,evidence,basis,nearest_measurement,source_kind,method,model_version,params_hash,plugin_hash,initiators,dram_load,bar,bar_bytes
1,a0,0,zone-device,as-posted,posted,storage-to-gpu,one-switch,0123456789abcdef,nvme0,gpu0,same-switch,write,4096,67108864,32,1,off,as-found,4.9,1,completed,operations,dma_map_page,total,12,1,lower,3,all requests were served,,assumed,none,assumed,full,0.1.0,1111aaaa,2222bbbb,1,0,as-found,17179869184
1,a0,0,zone-device,as-posted,posted,storage-to-gpu,one-switch,0123456789abcdef,nvme0,gpu0,same-switch,write,4096,67108864,32,1,off,as-found,4.9,1,completed,throughput,,mean,2500000000,By/s,higher,3,all requests were served,,checked,2.4 GB/s (someone 2015),measured,full,0.1.0,1111aaaa,2222bbbb,1,0,as-found,17179869184
1,b0,0,hmm,as-posted,posted,storage-to-gpu,one-switch,0123456789abcdef,nvme0,gpu0,none,write,65536,67108864,32,inf,strict,on,4.9,1,refused,,,,,,,0,"ENXIO: no path, and none to be had",,,,,full,0.1.0,1111aaaa,2222bbbb,1,0,as-found,17179869184
`,
    );
  });

  it("keeps a row for a cell without numbers", () => {
    const [row] = resultRows([REFUSED]);
    expect(row).toMatchObject({ status: "refused", metric: "", value: "", n: 0, reuse: "inf" });
  });

  it("names a metric that nobody defined", () => {
    expect(() => resultRows([result({}, { measures: [measure("vibes", 1)] })])).toThrow('the metric "vibes"');
  });

  it("is sorted by cell, repetition, metric, subject and statistic, by code point", () => {
    fc.assert(
      fc.property(someResults, (results) => {
        const rows = resultRows(results);
        for (const [index, row] of rows.entries()) {
          const before = rows[index - 1];
          if (before) expect(inOrder(before, row)).toBe(true);
        }
      }),
    );
  });
});

describe("cells.csv and invariants.csv", () => {
  it("tell of a cell what its throughput rests on, and why nothing was leapt", () => {
    expect(cellRows([DONE])[0]).toMatchObject({ basis: "checked", source_kind: "measured", method_reason: "" });
    expect(cellRows([REFUSED])[0]).toMatchObject({ basis: "", method_reason: "nothing ran" });
  });

  it("have one row per verdict, unknown ones too", () => {
    expect(csvText(INVARIANT_COLUMNS, invariantRows([REFUSED, DONE]))).toBe(
      `cell_id,rep,proposal,form,workload,machine,request_bytes,iommu,acs,invariant,verdict,because
a0,0,zone-device,as-posted,storage-to-gpu,one-switch,4096,off,as-found,bytes-conserved,unknown,nothing was counted
a0,0,zone-device,as-posted,storage-to-gpu,one-switch,4096,off,as-found,sound-delivery,holds,3 of 3 requests arrived
`,
    );
  });
});

describe("every table", () => {
  it("is the same, to the byte, in whatever order the results come", () => {
    const pair = someResults.chain((results) => fc.tuple(fc.constant(results), shuffledWith(results)));
    fc.assert(
      fc.property(pair, ([results, shuffled]) => {
        expect(allCsv(shuffled)).toBe(allCsv(results));
      }),
    );
  });

  it("has a row for every result", () => {
    fc.assert(
      fc.property(someResults, (results) => {
        expect(cellRows(results)).toHaveLength(results.length);
        expect(new Set(resultRows(results).map((row) => `${row.cell_id} ${row.rep}`)).size).toBe(
          new Set(results.map(({ cell }) => `${cell.id} ${cell.rep}`)).size,
        );
      }),
    );
  });
});

type Row = ReturnType<typeof resultRows>[number];

function inOrder(before: Row, after: Row): boolean {
  for (const key of ["cell_id", "rep", "metric", "subject", "stat"] as const) {
    const order =
      key === "rep" ? Number(before.rep) - Number(after.rep) : compareText(`${before[key]}`, `${after[key]}`);
    if (order !== 0) return order < 0;
  }
  return true;
}
