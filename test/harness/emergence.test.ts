import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ModuleKind, ScriptTarget, transpileModule } from "typescript";
import { afterAll, describe, expect, test } from "vitest";
import { Parameters } from "../../calibration/parameters.ts";
import type { Topology } from "../../fabric/topology.ts";
import { PRESETS } from "../../machines/presets.ts";
import type { Proposal } from "../../proposals/proposal.ts";
import type { Outcome } from "../../record/outcome.ts";
import { scratch } from "../scratch.ts";
import { countOf, historyOf, KIB, machineOf, measured, only, run, verdictsOf, type Words } from "./cells.ts";

const WORKLOADS = ["storage-to-gpu", "gpu-to-storage"] as const;
const FOLDER = scratch();
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** The unroutable machine: a Xeon E5 v2 forwards between the root ports of one socket, and the pair sits on two. */
const IVY_BRIDGE: Topology = { ...machineOf("two-sockets"), platform: "xeon-ivb" };

describe("A proposal's name decides nothing:", () => {
  test("a renamed copy from outside the tree gives the same outcomes, to the word", async () => {
    const copy = await renamed("zone-device", "copied-elsewhere");
    expect(copy.name).toBe("copied-elsewhere");
    const form = copy.forms["as-posted"];
    if (form === undefined) throw new Error("the copy has lost its form");
    const kinds = new Set<string>();
    for (const machine of [...PRESETS.keys(), IVY_BRIDGE])
      for (const workload of WORKLOADS)
        for (const iommu of ["off", "strict"] as const) {
          const words: Words = { machine, workload, iommu, total: 24 * 4 * KIB };
          const original = run({ ...words, form: "zone-device/as-posted" });
          expect(named(run({ ...words, form }), "copied-elsewhere", "zone-device")).toEqual(original);
          kinds.add(original.status);
        }
    expect(kinds).toEqual(new Set(["completed", "failed", "corrupt"]));
    const tooMuch: Words = { machine: "client-root-ports", size: 2 ** 27, total: 2 ** 29, depth: 4 };
    expect(named(run({ ...tooMuch, form }), "copied-elsewhere", "zone-device")).toEqual(run(tooMuch));
  });
});

describe("Nor does the name of a proposal whose importers change:", () => {
  test.each([
    ["map-peer-resource", "one-copied"],
    ["rdma-dma-buf", "two-copied"],
    ["userptr-dma-buf", "three-copied"],
  ])("%s", async (name, other) => {
    const copy = await renamed(name, other);
    const forms = Object.entries(copy.forms);
    expect(forms.map(([form]) => form)).toEqual(["as-posted", "intended"]);
    for (const [formName, form] of forms)
      for (const machine of ["one-switch", "acs-redirect"])
        for (const workload of ["storage-to-gpu", "gpu-to-gpu-pull"] as const)
          for (const iommu of ["off", "strict"] as const) {
            const words: Words = { machine, workload, iommu, total: 24 * 4 * KIB };
            const original = run({ ...words, form: `${name}/${formName}` });
            expect(named(run({ ...words, form }), other, name)).toEqual(original);
          }
  });
});

describe("A constant changes exactly what counts it:", () => {
  const total = 48 * 20 * KIB;
  const base: Words = { size: 20 * KIB, total, depth: 3 };
  const typical = Parameters.typical();

  test.each(WORKLOADS)("twice the cost of pinning a page costs zone-device that much a page, %s", (workload) => {
    const each = typical.value("cpu.gup_page");
    const [once, twice] = [{}, { "cpu.gup_page": 2 * each }].map((constants) => run({ ...base, workload, constants }));
    expect(countOf(once as Outcome, "cpu.gup_page")).toBe(48 * 5);
    expect(measured(twice as Outcome, "cpu_time") - measured(once as Outcome, "cpu_time")).toBe(48 * 5 * each);
  });

  test("twice the cost of attaching costs a dma-buf form that much a request, and map-peer-resource nothing", () => {
    const each = typical.value("cpu.dma_buf_attach");
    // One at a time: with several under way, whether a completion has to wake anybody depends on how long all the rest takes.
    const spent = (form: string, constants: Readonly<Record<string, number>>): number =>
      measured(run({ ...base, depth: 1, form, constants }), "cpu_time");
    for (const form of ["rdma-dma-buf/intended", "userptr-dma-buf/intended"])
      expect(spent(form, { "cpu.dma_buf_attach": 2 * each }) - spent(form, {})).toBe(48 * each);
    const peer = "map-peer-resource/intended";
    expect(spent(peer, { "cpu.dma_buf_attach": 2 * each })).toBe(spent(peer, {}));
  });

  test("a drive's stripes are nothing to a network adapter, whose own bursts are", () => {
    const nic: Words = { workload: "nic-to-gpu", size: 64 * KIB, total: 8 * 64 * KIB, reuse: Number.POSITIVE_INFINITY };
    const doubled = (name: "nvme.stripe_bytes" | "nic.burst_bytes") =>
      run({ ...nic, constants: { [name]: 2 * typical.value(name) } });
    expect(doubled("nvme.stripe_bytes")).toEqual(run(nic));
    expect(doubled("nic.burst_bytes")).not.toEqual(run(nic));
  });

  test.each(WORKLOADS)("and costs the pipelined control nothing, since it pins no user page, %s", (workload) => {
    const cell: Words = { ...base, workload, form: "staging/pipelined" };
    const once = run(cell);
    expect(countOf(once, "cpu.gup_page")).toBe(0);
    expect(run({ ...cell, constants: { "cpu.gup_page": 2 * typical.value("cpu.gup_page") } })).toEqual(once);
  });

  test("the CPU's time is the sum over all operations of count times cost, to the tick", () => {
    const importing = ["map-peer-resource", "rdma-dma-buf", "userptr-dma-buf"];
    for (const form of [
      "zone-device/as-posted",
      "staging/pipelined",
      "staging/naive",
      "iopmem/intended",
      "hmm/as-posted",
      ...importing.map((name) => `${name}/intended`),
      ...importing.map((name) => `${name}/as-posted`),
    ])
      for (const workload of importing.some((name) => form === `${name}/as-posted`)
        ? (["gpu-to-gpu", "gpu-to-gpu-pull"] as const)
        : WORKLOADS)
        for (const iommu of ["off", "lazy", "strict"] as const) {
          const outcome = run({ ...base, form, workload, iommu });
          const sum = outcome.measures
            .filter(({ metric }) => metric === "operations")
            .reduce((ticks, { subject, value }) => ticks + value * eachOf(typical, subject), 0);
          expect(measured(outcome, "cpu_time") * 4096).toBe(sum);
          expect(sum).toBeGreaterThan(0);
        }
  });
});

describe("A peer that cannot be reached", () => {
  test("loses writes without a word: every command succeeds, nothing arrives, and the outcome is corrupt", () => {
    const words: Words = { machine: IVY_BRIDGE, workload: "storage-to-gpu" };
    const outcome = run(words);
    expect(outcome.status).toBe("corrupt");
    expect(outcome.reason).toMatch(
      /was told nothing, but 4096 of 4096 bytes .* were lost \(not forwarded by the root complex\)/,
    );
    expect(verdictsOf(outcome)).toMatchObject({
      "sound-delivery": "broken",
      "bytes-conserved": "holds",
      "no-dma-after-unmap": "holds",
    });
    const events = historyOf(words);
    expect(only(events, "served").map(({ error }) => error)).toEqual(new Array(64).fill(""));
    const payload = only(events, "dma-landed").filter((event) => event.payload);
    expect(payload.map(({ told, delivered }) => `${told} ${delivered}`)).toEqual(new Array(64).fill("ok 0"));
    expect(measured(outcome, "lost_bytes")).toBe(64 * 4 * KIB);
  });

  test("fails reads with a data transfer error where the root complex carries writes only", () => {
    const words: Words = { machine: "client-root-ports", workload: "gpu-to-storage" };
    const outcome = run(words);
    expect(outcome.status).toBe("failed");
    expect(outcome.reason).toBe(
      "every request ended with EIO, a data transfer error: 0000:02:00.0 was answered unsupported-request (not forwarded by the root complex)",
    );
    expect(measured(outcome, "throughput")).toBe(0);
    expect(only(historyOf(words), "served").map(({ error, length }) => `${error} ${length}`)).toEqual(
      new Array(64).fill("EIO 0"),
    );
    expect(verdictsOf(outcome)).toMatchObject({
      "sound-delivery": "holds",
      "reference-balance": "holds",
      "credits-restored": "holds",
    });
    expect(run({ ...words, workload: "storage-to-gpu" }).status).toBe("completed");
  });

  test("is reached by the control all the same", () => {
    for (const workload of WORKLOADS)
      expect(run({ form: "staging/pipelined", machine: IVY_BRIDGE, workload }).status).toBe("staged");
  });

  test("is reached where the platform forwards, with the payload twice across the root complex", () => {
    for (const workload of WORKLOADS) {
      const outcome = run({ machine: "two-sockets", workload });
      expect([outcome.status, outcome.path]).toEqual(["completed", "cross-socket"]);
      expect(measured(outcome, "root_complex_payload_bytes")).toBe(2 * 64 * 4 * KIB);
    }
  });
});

describe("Behind one switch", () => {
  test.each(WORKLOADS)("no payload crosses the root complex, though control does, %s", (workload) => {
    const outcome = run({ workload, size: 128 * KIB, total: 16 * 128 * KIB });
    expect(outcome).toMatchObject({ status: "completed", path: "same-switch" });
    expect(measured(outcome, "root_complex_payload_bytes")).toBe(0);
    // A command of 128 KiB moves a doorbell, an entry, a list of 31 further pages, a completion and an interrupt, each in a packet or two.
    const control = measured(outcome, "root_complex_control_bytes") / 16;
    expect(control).toBeGreaterThan(4 + 64 + 31 * 8 + 16 + 4);
    expect(control).toBeLessThan(2 * (4 + 64 + 31 * 8 + 16 + 4) + 10 * 24);
  });
});

/** One operation's cost in ticks. */
function eachOf(parameters: Parameters, operation: string): number {
  const name = operation as Parameters extends { span(name: infer N): unknown } ? N : never;
  return parameters.constant(operation).unit === "ns/By" ? parameters.spanPerByte(name) : parameters.span(name);
}

/** An outcome with one name put for another, wherever it stands. */
const named = (outcome: Outcome, from: string, to: string): unknown =>
  JSON.parse(JSON.stringify(outcome).replaceAll(from, to));

/** A copy of a proposal, outside the tree and under another name, as a third party's .mjs. */
async function renamed(from: string, to: string): Promise<Proposal> {
  const source = readFileSync(new URL(`../../proposals/${from}.ts`, import.meta.url), "utf8").replaceAll(from, to);
  const { outputText } = transpileModule(source, {
    compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2023 },
  });
  expect(outputText).not.toMatch(/^import /m);
  const file = join(FOLDER, `${to}.mjs`);
  writeFileSync(file, outputText);
  const loaded: Record<string, unknown> = await import(/* @vite-ignore */ pathToFileURL(file).href);
  const proposal = Object.values(loaded).find((each) => typeof each === "object" && each !== null && "forms" in each);
  if (proposal === undefined) throw new Error("the copy exports no proposal");
  return proposal as Proposal;
}
