import { isRefusal } from "../kernel/refusal.ts";
import type { Parties } from "../proposals/proposal.ts";
import type { Event, EventOf } from "../record/event.ts";
import type { Outcome, PathClass } from "../record/outcome.ts";
import type { Verdict } from "../record/verdict.ts";
import type { Cumulative } from "../sim/cumulative.ts";
import { Endless } from "../sim/endless.ts";
import { Leaper } from "../sim/leaper.ts";
import { Overflow } from "../sim/overflow.ts";
import type { Recurrent } from "../sim/recurrent.ts";
import { basisFor } from "./basis.ts";
import { Bug } from "./bug.ts";
import type { CellPlan, PairOfNames } from "./cell-plan.ts";
import { Contract } from "./contract.ts";
import { Course } from "./course.ts";
import { countLosses } from "./losses.ts";
import { measuresOf } from "./measures.ts";
import { Patience } from "./patience.ts";
import { between, type Readings, read } from "./readings.ts";
import { boot, type World } from "./world.ts";

/** Listens to a run from the outside: a recording, a ledger. */
export type Listener = (world: World) => void;

/** Runs one cell in a fresh world, from boot to the last credit, and judges it. */
export function runCell(plan: CellPlan, listen: Listener = () => {}): Outcome {
  try {
    return new CellRun(plan, listen).outcome();
  } catch (error) {
    if (error instanceof Overflow)
      return ended(plan, "refused", `the simulator, not the kernel: ${error.message}; ask for less in one cell`);
    throw error;
  }
}

/** A cell that cannot be run on this machine, or whose numbers would not fit. */
export function ended({ workload }: Pick<CellPlan, "workload">, status: Outcome["status"], reason: string): Outcome {
  return {
    status,
    reason,
    path: "none",
    direction: `${workload.from} to ${workload.to}`,
    measures: [],
    verdicts: [],
    method: "full",
    methodReason: "",
  };
}

class CellRun {
  readonly #plan: CellPlan;
  readonly #world: World;
  readonly #judges: readonly {
    readonly name: string;
    readonly judge: ReturnType<CellPlan["invariants"][number]["watch"]>;
  }[];
  readonly #course: Course;
  /** Who reaches for the memory, the first pair's first. */
  readonly #importers: readonly string[];
  readonly #patience: Patience;
  readonly #leaper: Leaper | undefined;
  #atStart: Readings | undefined;
  #atEnd: Readings | undefined;
  /** The others have ended what they were at, too. */
  #atRest: Readings | undefined;

  constructor(plan: CellPlan, listen: Listener) {
    const { cell, topology, form, workload, parameters, others } = plan;
    this.#plan = plan;
    const pairs: readonly [PairOfNames, ...PairOfNames[]] = [cell, ...others];
    const devices = [...new Set(pairs.flatMap(({ from, to }) => [from, to]))];
    this.#world = boot(topology, devices, cell.iommu, parameters);
    const { clock, history, tally, kernel } = this.#world;
    countLosses(history, tally);
    this.#judges = plan.invariants.map(({ name, watch }) => ({ name, judge: watch(history) }));
    listen(this.#world);
    const partiesOf = (pair: PairOfNames): Parties => {
      const [from, to] = [kernel.device(pair.from), kernel.device(pair.to)];
      if (from === undefined || to === undefined) throw new Bug("a cell names a device that its world lacks");
      return workload.exporter === "to" ? { exporter: to, importer: from } : { exporter: from, importer: to };
    };
    const parties = [partiesOf(cell), ...others.map(partiesOf)] as const;
    this.#importers = parties.map(({ importer }) => importer.name);
    const contract = new Contract(`${cell.proposal}/${cell.form}`);
    const mechanism = Object.freeze(contract.mechanism(form.install(kernel)));
    this.#course = new Course(this.#world, mechanism, contract, parties, workload, cell);
    this.#patience = new Patience(clock, () => this.#course.progress);
    this.#course.onStage = (stage) => {
      if (stage !== "drained") this.#load(stage === "ready" ? cell.dramLoad : 0);
      if (stage === "ready") this.#atStart = this.#read();
      else if (stage === "done") this.#atEnd = this.#read();
      else this.#atRest = this.#read();
    };
    this.#leaper =
      plan.leap && form.stateless ? new Leaper(clock, this.#states(), this.#sums(), this.#course.first) : undefined;
    clock.atRest = () => this.#leaper?.sample();
  }

  #read(): Readings {
    return read(this.#world, this.#importers);
  }

  /** What CPUs do on the sockets of the first pair, while it is measured. */
  #load(bytesPerSecond: number): void {
    const { fabric } = this.#world;
    const { from, to } = this.#plan.cell;
    for (const socket of new Set([fabric.socketOf(from), fabric.socketOf(to)]))
      fabric.loadMemory(socket, bytesPerSecond);
  }

  #states(): readonly Recurrent[] {
    const { fabric, kernel, clock } = this.#world;
    const judges = this.#judges.map(({ judge }) => judge);
    return [clock, fabric, fabric.iommu, ...kernel.states(), this.#course, ...judges, ...fabric.caches];
  }

  #sums(): readonly Cumulative[] {
    const { fabric, tally } = this.#world;
    return [
      fabric,
      fabric.engine,
      fabric.iommu,
      ...fabric.graph.memories.values(),
      tally,
      this.#course.first.latencies,
    ];
  }

  outcome(): Outcome {
    const { clock, kernel, history, fabric } = this.#world;
    clock.spawn("course", this.#course.run()).guest = true;
    try {
      clock.run(() => this.#patience.exhausted());
    } catch (error) {
      if (!(error instanceof Endless)) throw error;
      this.#patience.reason = error.message;
    }
    if (this.#course.finished && this.#course.refusal === undefined) {
      for (const { link, missing } of fabric.missingCredits())
        history.note({ kind: "credits-idle", at: clock.now, link, missing });
    }
    history.note({ kind: "ended", at: clock.now });
    if (kernel.forgotten > 0)
      throw new Bug(`${this.#plan.cell.proposal} called ${kernel.forgotten} primitives without yield*`);
    const verdicts = this.#judges.map(({ name, judge }): Verdict => ({ invariant: name, ...judge.verdict() }));
    const { status, reason } = this.#status(verdicts);
    const path = this.#pathTaken();
    const throughMemory = this.#touchedMemory();
    return {
      status,
      reason,
      path: throughMemory ? "through-memory" : path,
      direction: `${this.#plan.workload.from} to ${this.#plan.workload.to}`,
      measures: this.#measures(throughMemory ? "through-memory" : path),
      verdicts,
      method: this.#leaper && this.#leaper.skipped > 0 ? "leapt" : "full",
      methodReason: this.#methodReason(),
    };
  }

  #status(verdicts: readonly Verdict[]): { readonly status: Outcome["status"]; readonly reason: string } {
    const { refusal, finished } = this.#course;
    if (refusal !== undefined && isRefusal(refusal)) {
      const { errno, who, whom, why, remedy } = refusal;
      const beside = this.#course.refusedBeside ? "an initiator beside the measured pair: " : "";
      return { status: "refused", reason: `${beside}${errno} from ${who} for ${whom}: ${why}; ${remedy}` };
    }
    if (!finished) return { status: "hung", reason: this.#stuck() };
    const spent = this.#spent();
    const [failed = 0] = spent?.failed ?? [];
    const delivery = verdicts.find(({ invariant }) => invariant === "sound-delivery");
    if (delivery?.verdict === "broken" || (this.#spentByAll()?.lost ?? 0) > 0)
      return { status: "corrupt", reason: delivery?.because ?? "bytes were lost without an error" };
    if (failed > 0) return { status: "failed", reason: this.#failure(failed) };
    const missing = this.#notCarried();
    if (missing !== "") return { status: "corrupt", reason: missing };
    const beside = this.#failuresBeside();
    if (this.#touchedMemory()) return { status: "staged", reason: `${throughMemory(spent)}${beside}` };
    return { status: "completed", reason: `every byte went from device to device${beside}` };
  }

  /** Requests of the others that failed are no fault of the pair that is measured, but they are no load either. */
  #failuresBeside(): string {
    const failed = (this.#spent()?.failed ?? []).slice(1).reduce((sum, each) => sum + each, 0);
    return failed > 0 ? `; ${failed} requests of the other initiators ended with EIO` : "";
  }

  #failure(failed: number): string {
    const requests = this.#course.first.latencies.count;
    const which = failed === requests ? "every request" : `${failed} of ${requests} requests`;
    const landed = this.#world.history.recent().findLast(isError);
    const how = landed ? `: ${landed.initiator} was answered ${landed.told} (${landed.fault})` : "";
    return `${which} ended with EIO, a data transfer error${how}`;
  }

  /** Who waits for what and who has it, when nothing can happen any more, or nothing that helps. */
  #stuck(): string {
    const doings = this.#world.clock
      .alive()
      .map(({ name, waitsFor, wakesAt }) =>
        wakesAt < Number.POSITIVE_INFINITY
          ? `${name} sleeps and wakes`
          : `${name} waits for ${String(waitsFor) || "nothing that comes"}`,
      );
    const said = this.#patience.reason === "" ? [] : [this.#patience.reason];
    return [...said, ...new Set(doings)].join("; ") || "the course of the run never ended";
  }

  /**
   * Payload on the links of the devices whose memory is read or written: what a mechanism says it moved must have passed there, by the
   * time that nothing is under way any more. A completion in system memory may overtake the last of it. Empty where it did.
   */
  #notCarried(): string {
    if (this.#atStart === undefined) return "";
    const { links, served } = between(this.#atStart, this.#read());
    const { cell, workload, others } = this.#plan;
    const exporters = [cell, ...others].map(({ from, to }) => (workload.exporter === "to" ? to : from));
    for (const exporter of new Set(exporters)) {
      const told = served.reduce((sum, each, job) => (exporters[job] === exporter ? sum + each : sum), 0);
      const carried = links.reduce(
        (sum, { label, payload }) => (label.startsWith(`${exporter} `) ? sum + payload : sum),
        0,
      );
      if (told > carried)
        return `user space was told of ${told} bytes, but only ${carried} crossed the link of the device that has the memory`;
    }
    return "";
  }

  /** How the payload went: what ACS sent up from a switch was turned at the root port, however near the two devices are. */
  #pathTaken(): PathClass {
    const nearest = this.#world.fabric.pathClass(this.#plan.cell.from, this.#plan.cell.to);
    const across = this.#spent()?.climbed ?? 0;
    return nearest === "same-switch" && across > 0 ? "same-root-port" : nearest;
  }

  /**
   * Whether payload crossed into or out of system memory while requests were served: that is what staged means. What a mechanism moves
   * to set itself up is not what was asked for, nor is what others move. The importer takes part in everything that is asked for.
   */
  #touchedMemory(): boolean {
    return (this.#spent()?.toMemory ?? 0) > 0;
  }

  #spent(): Readings | undefined {
    return this.#atStart && this.#atEnd ? between(this.#atStart, this.#atEnd) : undefined;
  }

  #spentByAll(): Readings | undefined {
    return this.#atStart && this.#atRest ? between(this.#atStart, this.#atRest) : undefined;
  }

  #measures(path: PathClass): Outcome["measures"] {
    const spent = this.#spent();
    const byAll = this.#spentByAll();
    if (spent === undefined || byAll === undefined || this.#course.first.latencies.count === 0) return [];
    const { cell, workload, parameters } = this.#plan;
    const basis = basisFor(path, workload, parameters);
    return measuresOf(this.#world, this.#course, spent, byAll, cell, basis);
  }

  #methodReason(): string {
    if (this.#leaper === undefined)
      return this.#plan.leap
        ? "the form does not promise to be stateless, so nothing was leapt over"
        : "leaping was switched off";
    return this.#leaper.skipped > 0
      ? `${this.#leaper.skipped} requests were leapt over`
      : "no state recurred with enough work left";
  }
}

/** How much of what was served the importer moved to or from system memory; once or more is every byte. */
function throughMemory(spent: Readings | undefined): string {
  if (spent === undefined) return "payload went through system memory";
  const percent = (100 * spent.toMemory) / (spent.served[0] ?? 0);
  if (percent >= 100) return "every byte went through system memory";
  const share = percent < 1 ? "less than 1" : `${Math.min(99, Math.round(percent))}`;
  return `${share} % of the payload went through system memory, the rest from device to device`;
}

const isError = (event: Event): event is EventOf<"dma-landed"> => event.kind === "dma-landed" && event.told !== "ok";
