import { describe, expect, test } from "vitest";
import { isRefusal, type Refusal } from "../../kernel/refusal.ts";
import type { Form, Proposal } from "../../proposals/proposal.ts";
import type { IommuMode } from "../../record/cell.ts";
import { bytes } from "../../sim/units.ts";
import {
  brokenIn,
  endsOf,
  historyOf,
  KIB,
  MIB,
  machineOf,
  measured,
  only,
  result,
  run,
  verdictsOf,
  type Words,
  type WorkloadName,
  withAperture,
  workloadOf,
} from "../harness/cells.ts";
import { fullMachine } from "../harness/full-machine.ts";
import { Bench, refused } from "../kernel/bench.ts";
import { watched } from "./watched.ts";

/** What a case is given: one form of the proposal under test. */
export interface Candidate {
  readonly proposal: Proposal;
  readonly name: string;
  readonly form: Form;
  /** What it is asked to do. */
  readonly workloads: readonly WorkloadName[];
}

/** Which workloads a form is put to the test with, and which its importers' subsystems refuse. */
export interface Service {
  readonly workloads: readonly WorkloadName[];
  /** By workload, the subsystem that cannot take the memory. */
  readonly refused?: Partial<Readonly<Record<WorkloadName, string>>>;
  /** Workloads that a test of the form's own speaks of. */
  readonly elsewhere?: readonly WorkloadName[];
}

type Check = (candidate: Candidate) => void;

/** What a proposal does instead, where it cannot pass a case: named, with its reason and a test of its own. */
export interface Deviation {
  readonly reason: string;
  /** "takes nothing from system memory": what it does instead, as a title goes on. */
  readonly instead: string;
  readonly check: Check;
}

/** Between a drive and a GPU: what the post is about, and what every form that the block layer takes is asked for. */
export const WITH_A_DRIVE: readonly WorkloadName[] = ["storage-to-gpu", "gpu-to-storage"];
/** Between two GPUs, whose drivers import what no bio can carry. */
export const BETWEEN_GPUS: readonly WorkloadName[] = ["gpu-to-gpu", "gpu-to-gpu-pull"];
export const EVERY_WORKLOAD: readonly WorkloadName[] = [
  ...WITH_A_DRIVE,
  ...BETWEEN_GPUS,
  "capture-to-gpu",
  "capture-to-storage",
  "nic-to-gpu",
];

const VERBS = [
  "provide",
  "alloc",
  "expose",
  "resolve",
  "map",
  "access",
  "unmap",
  "release",
  "retract",
  "free",
  "withdraw",
];
/** With a second GPU, where the preset has one only. */
const LEAP_MACHINES = ["one-switch", "client-root-ports", "two-sockets"].map((name) => ({
  name,
  machine: name === "one-switch" ? machineOf(name) : fullMachine(name),
}));
const LEAP_MODES: readonly IommuMode[] = ["off", "lazy", "strict"];
/** A small and a large request, with as many of them as it takes until the state recurs. */
const LEAP_SIZES: readonly Words[] = [
  { size: 4 * KIB, total: 400 * 4 * KIB, depth: 4 },
  { size: 160 * KIB, total: 16 * 160 * KIB + 5000, depth: 2 },
];
/** Lazy mode flushes so seldom that its period is long; a shorter queue recurs within a test's patience. */
const SHORT_FLUSH_QUEUE = { "iommu.flush_queue_entries": 16 };

/** Eight regions of which the BAR holds four. */
export const MORE_THAN_THE_BAR: Words = {
  machine: withAperture("one-switch", MIB),
  size: 256 * KIB,
  total: 2 * MIB,
  depth: 8,
};

const both = (check: (words: Words) => void, { form, workloads }: Candidate): void => {
  for (const workload of workloads) check({ form, workload });
};

/** Requirements of the contract (proposals/proposal.ts), one title each. A deviation names one of them. */
const CASES: Readonly<Record<string, Check>> = {
  "names its form, where it comes from and what it follows": ({ proposal, name, form }) => {
    expect(proposal.contract).toBe(1);
    for (const each of [proposal.name, name]) expect(each).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(proposal.title).not.toBe("");
    expect(form.sources.length).toBeGreaterThan(0);
    expect(["control", "posted", "reconstructed", "hypothetical", "merged"]).toContain(form.provenance);
  },

  "is installed into a booted kernel without doing anything yet": ({ form }) => {
    const bench = new Bench();
    const before = bench.now;
    const mechanism = form.install(bench.kernel);
    bench.world.clock.run();
    expect(typeof mechanism.provide).toBe("function");
    expect([bench.events.length, bench.now]).toEqual([0, before]);
  },

  "goes through every verb once for one request, and back in the opposite order": (candidate) =>
    both((words) => {
      const verbs: string[] = [];
      const outcome = run({
        ...words,
        form: watched(candidate.form, (verb) => verbs.push(verb)),
        size: 64 * KIB,
        total: 64 * KIB,
        depth: 1,
      });
      expect(verbs).toEqual(VERBS);
      expect(["completed", "staged"]).toContain(outcome.status);
    }, candidate),

  "serves what was asked for, the shorter last request included, and moves as many bytes over both devices' links": (
    candidate,
  ) =>
    both((words) => {
      const cell = { ...words, size: 24 * KIB, total: 5 * 24 * KIB + 1000, depth: 2 };
      const events = historyOf(cell);
      const sum = (kind: "submitted" | "served"): number =>
        only(events, kind).reduce((total, { length }) => total + length, 0);
      expect([sum("submitted"), sum("served")]).toEqual([cell.total, cell.total]);
      expect(only(events, "served").map(({ error }) => error)).toEqual(new Array(6).fill(""));
      const outcome = run(cell);
      const { from, to } = endsOf(cell);
      expect([`${from} up`, `${to} down`].map((link) => measured(outcome, "link_payload_bytes", "", link))).toEqual([
        cell.total,
        cell.total,
      ]);
    }, candidate),

  "gives back every page, mapping, handle, credit and byte of device memory": (candidate) =>
    both((words) => {
      const length = 64 * KIB;
      const left: Record<string, unknown> = {};
      const { exporter } = endsOf(words);
      let firstFree = -1;
      const outcome = run({ ...words, size: length, depth: 3, total: 12 * length }, ({ kernel, history }) => {
        const lowestFree = (): number => {
          const device = kernel.device(exporter);
          const memory = device && kernel.memoryBehind(device);
          const chunk = memory?.alloc(bytes(length));
          if (memory === undefined || chunk === undefined || isRefusal(chunk)) return -1;
          memory.free(chunk);
          return chunk.physical;
        };
        firstFree = lowestFree();
        history.on("ended", () =>
          Object.assign(left, {
            pages: kernel.pages.heldBytes,
            mappings: kernel.dma.live,
            handles: kernel.dmaBufs.live,
            memory: lowestFree(),
          }),
        );
      });
      expect(brokenIn(outcome)).toEqual([]);
      expect(verdictsOf(outcome)).toMatchObject({ "reference-balance": "holds", "credits-restored": "holds" });
      expect(left).toEqual({
        pages: 0,
        mappings: 0,
        handles: { buffers: 0, files: 0, attachments: 0 },
        memory: firstFree,
      });
      expect(firstFree).toBeGreaterThan(0);
    }, candidate),

  "tells the same history twice, byte for byte": (candidate) =>
    both((words) => {
      const cell: Words = { ...words, size: 20 * KIB, total: 30 * 20 * KIB, depth: 3, iommu: "lazy" };
      const told = JSON.stringify(historyOf(cell));
      expect(told.length).toBeGreaterThan(10_000);
      expect(JSON.stringify(historyOf(cell)) === told).toBe(true);
    }, candidate),

  "keeps nothing of its own: with every noun frozen nothing changes": (candidate) =>
    both((words) => {
      const cell: Words = { ...words, size: 200 * KIB, total: 7 * 200 * KIB + 12, depth: 2, iommu: "strict" };
      expect(run({ ...cell, form: watched(candidate.form) })).toEqual(run(cell));
    }, candidate),

  "promises to be stateless, so that it may be leapt over": ({ form }) => {
    expect(form.stateless).toBe(true);
  },

  "refuses more than the BAR holds with ENOSPC, says who, whom, why and what helps, and gives back what it had": (
    candidate,
  ) =>
    both((words) => {
      const refusals: Refusal[] = [];
      const listening = watched(candidate.form, (_verb, answer) => {
        if (typeof answer === "object" && answer !== null && isRefusal(answer)) refusals.push(answer);
      });
      const outcome = run({
        ...words,
        form: listening,
        ...MORE_THAN_THE_BAR,
      });
      expect(outcome.status).toBe("refused");
      // One that takes the memory with the first request refuses every place of the queue that comes too late.
      expect(new Set(refusals.map(({ errno }) => errno))).toEqual(new Set(["ENOSPC"]));
      for (const refusal of refusals) expectComplete(refusal, outcome.reason);
      expect(brokenIn(outcome)).toEqual([]);
    }, candidate),

  "refuses memory that it cannot export with ENODEV": ({ form }) => {
    const bench = new Bench();
    const mechanism = form.install(bench.kernel);
    const answer = bench.done(mechanism.provide({ exporter: bench.nvme, importer: bench.gpu }));
    const refusal = refused(answer);
    expect(refusal).toMatchObject({ errno: "ENODEV", whom: bench.nvme.name });
    expectComplete(refusal);
  },

  "moves every byte from device to device behind one switch, with none of it in the root complex": (candidate) =>
    both((words) => {
      const outcome = run(words);
      expect(outcome.status).toBe("completed");
      expect(measured(outcome, "root_complex_payload_bytes")).toBe(0);
      expect(measured(outcome, "root_complex_control_bytes")).toBeGreaterThan(0);
      expect(measured(outcome, "dram_write_bytes")).toBeLessThan(64 * 4 * KIB);
    }, candidate),

  "holds no page once a request has been served": (candidate) =>
    both((words) => {
      const held: number[] = [];
      run({ ...words, depth: 1 }, ({ kernel, history }) =>
        history.on("served", () => held.push(kernel.pages.heldBytes)),
      );
      expect(held).toEqual(new Array(64).fill(0));
    }, candidate),
};

/** Every form that is not said to differ serves a drive and a GPU. */
const DEFAULT: Service = { workloads: WITH_A_DRIVE };

/**
 * The suite that every form of every proposal passes, on workloads that it can serve. Where one cannot pass a case, the deviation says
 * why, what the form does instead, and tests that; and the case itself must then fail, so that no deviation outlives its reason. Forms
 * that deviate differently are named apart.
 */
export function describeProposal(
  proposal: Proposal,
  deviations: Readonly<Record<string, Deviation>> = {},
  services: Readonly<Record<string, Service>> = {},
  names: readonly string[] = Object.keys(proposal.forms),
): void {
  for (const title of Object.keys(deviations)) if (!(title in CASES)) throw new Error(`no case is called: ${title}`);
  for (const name of Object.keys(services))
    if (!(name in proposal.forms)) throw new Error(`no form is called: ${name}`);
  const forms = Object.entries(proposal.forms).filter(([name]) => names.includes(name));
  describe.each(forms)(`${proposal.name}/%s`, (name, form) => {
    const { workloads, refused: by = {}, elsewhere = [] } = services[name] ?? DEFAULT;
    const candidate: Candidate = { proposal, name, form, workloads };
    for (const [title, check] of Object.entries(CASES)) {
      const deviation = deviations[title];
      if (deviation === undefined) test(title, () => check(candidate));
      else
        test(`${deviation.instead}, for ${deviation.reason} (deviates from: ${title})`, () => {
          deviation.check(candidate);
          expect(() => check(candidate)).toThrow();
        });
    }
    for (const workload of EVERY_WORKLOAD)
      if (!elsewhere.includes(workload)) describeService(candidate, workload, by[workload]);
    describeLeaps(candidate);
  });
}

/** What it takes to ask for a workload in small: a stream's requests are its frames, and what is registered once stays so. */
function small(workload: WorkloadName): Words {
  const { formats, registration } = workloadOf(workload);
  const frame = formats?.[0]?.bytes;
  const reuse = registration === "once" ? Number.POSITIVE_INFINITY : 1;
  const size = frame ?? 64 * KIB;
  return { workload, size, total: (frame ? 3 : 12) * size, depth: 3, reuse, machine: fullMachine("one-switch") };
}

function describeService({ form }: Candidate, workload: WorkloadName, subsystem: string | undefined): void {
  if (subsystem === undefined)
    test(`serves ${workload} behind one switch`, () => {
      const outcome = run({ ...small(workload), form });
      expect([["completed", "staged"].includes(outcome.status), brokenIn(outcome)]).toEqual([true, []]);
    });
  else
    test(`is refused ${workload} by the ${subsystem}, with nothing sent and nothing left behind`, () => {
      const words = { ...small(workload), form };
      const outcome = run(words);
      expect(outcome.status).toBe("refused");
      expect(outcome.reason).toContain(`EINVAL from ${subsystem} for ${endsOf(words).importer}: `);
      expect([brokenIn(outcome), verdictsOf(outcome)["reference-balance"]]).toEqual([[], "holds"]);
      expect(only(historyOf(words), "dma-began").filter(({ payload }) => payload)).toEqual([]);
    });
}

function describeLeaps({ form, workloads }: Candidate): void {
  describe.each(LEAP_MACHINES)("is leapt over exactly on $name", ({ machine }) => {
    test.each(LEAP_MODES)("with the IOMMU %s", (iommu) => {
      const seen = workloads.flatMap((workload) =>
        LEAP_SIZES.map((sizes) => {
          const cell = { form, machine, workload, iommu, constants: SHORT_FLUSH_QUEUE, ...sizes };
          const leapt = run({ ...cell, leap: true });
          expect(result(leapt)).toEqual(result(run(cell)));
          return leapt;
        }),
      );
      // What is refused before its first request has nothing to leap over.
      if (seen.some(({ status }) => status !== "refused")) expect(seen.map(({ method }) => method)).toContain("leapt");
    });
  });
}

/** A refusal is for a person to act on: nothing of it is empty, and the outcome tells all of it. */
function expectComplete(refusal: Refusal, reason?: string): void {
  const { errno, who, whom, why, remedy } = refusal;
  for (const part of [errno, who, whom, why, remedy]) {
    expect(part.trim()).not.toBe("");
    if (reason !== undefined) expect(reason).toContain(part);
  }
}
