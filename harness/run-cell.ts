import { isRefusal } from "../kernel/refusal.ts";
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
import type { CellPlan } from "./cell-plan.ts";
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
  readonly #patience: Patience;
  readonly #leaper: Leaper | undefined;
  #atStart: Readings | undefined;
  #atEnd: Readings | undefined;

  constructor(plan: CellPlan, listen: Listener) {
    const { cell, topology, form, workload, parameters } = plan;
    this.#plan = plan;
    this.#world = boot(topology, [cell.from, cell.to], cell.iommu, parameters);
    const { clock, history, tally, kernel } = this.#world;
    countLosses(history, tally);
    this.#judges = plan.invariants.map(({ name, watch }) => ({ name, judge: watch(history) }));
    listen(this.#world);
    const [from, to] = [kernel.device(cell.from), kernel.device(cell.to)];
    if (from === undefined || to === undefined) throw new Bug("a cell names a device that its world lacks");
    const parties = workload.exporter === "to" ? { exporter: to, importer: from } : { exporter: from, importer: to };
    const contract = new Contract(`${cell.proposal}/${cell.form}`);
    const mechanism = Object.freeze(contract.mechanism(form.install(kernel)));
    this.#course = new Course(this.#world, mechanism, contract, parties, workload, cell);
    this.#patience = new Patience(clock, () => this.#course.progress);
    this.#course.onStage = (stage) => {
      if (stage === "ready") this.#atStart = read(this.#world);
      else this.#atEnd = read(this.#world);
    };
    this.#leaper =
      plan.leap && form.stateless ? new Leaper(clock, this.#states(), this.#sums(), this.#course) : undefined;
    clock.atRest = () => this.#leaper?.sample();
  }

  #states(): readonly Recurrent[] {
    const { fabric, kernel, clock } = this.#world;
    return [clock, fabric, fabric.iommu, ...kernel.states(), this.#course, ...this.#judges.map(({ judge }) => judge)];
  }

  #sums(): readonly Cumulative[] {
    const { fabric, tally } = this.#world;
    return [fabric.engine, fabric.iommu, tally, this.#course.latencies];
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
      return { status: "refused", reason: `${errno} from ${who} for ${whom}: ${why}; ${remedy}` };
    }
    if (!finished) return { status: "hung", reason: this.#stuck() };
    const spent = this.#spent();
    const delivery = verdicts.find(({ invariant }) => invariant === "sound-delivery");
    if (delivery?.verdict === "broken" || (spent?.lost ?? 0) > 0)
      return { status: "corrupt", reason: delivery?.because ?? "bytes were lost without an error" };
    if (spent && spent.failed > 0) return { status: "failed", reason: this.#failure(spent.failed) };
    const carried = this.#carriedByExporter();
    if (spent && spent.served > carried)
      return {
        status: "corrupt",
        reason: `user space was told of ${spent.served} bytes, but only ${carried} crossed the link of the device that has the memory`,
      };
    if (this.#touchedMemory()) return { status: "staged", reason: "every byte went through system memory" };
    return { status: "completed", reason: "every byte went from device to device" };
  }

  #failure(failed: number): string {
    const requests = this.#course.latencies.count;
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
   * Payload on the link of the device whose memory is read or written: what a mechanism says it moved must have passed there, by the
   * time that nothing is under way any more. A completion in system memory may overtake the last of it.
   */
  #carriedByExporter(): number {
    if (this.#atStart === undefined) return 0;
    const { links } = between(this.#atStart, read(this.#world));
    const { cell, workload } = this.#plan;
    const exporter = workload.exporter === "to" ? cell.to : cell.from;
    return links.reduce((sum, { label, payload }) => (label.startsWith(`${exporter} `) ? sum + payload : sum), 0);
  }

  /** How the payload went: what ACS sent up from a switch was turned at the root port, however near the two devices are. */
  #pathTaken(): PathClass {
    const nearest = this.#world.fabric.pathClass(this.#plan.cell.from, this.#plan.cell.to);
    const across = this.#spent()?.rootComplexPayload ?? 0;
    return nearest === "same-switch" && across > 0 ? "same-root-port" : nearest;
  }

  /**
   * Whether payload crossed into or out of system memory while requests were served: that is what staged means. What a mechanism moves
   * to set itself up is not what was asked for.
   */
  #touchedMemory(): boolean {
    return this.#spent()?.links.some(({ label, payload }) => label.startsWith("memory") && payload > 0) ?? false;
  }

  #spent(): Readings | undefined {
    return this.#atStart && this.#atEnd ? between(this.#atStart, this.#atEnd) : undefined;
  }

  #measures(path: PathClass): Outcome["measures"] {
    const spent = this.#spent();
    if (spent === undefined || this.#course.latencies.count === 0) return [];
    const { cell, workload, parameters } = this.#plan;
    return measuresOf(this.#world, this.#course, spent, cell.totalBytes, basisFor(path, workload, parameters));
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

const isError = (event: Event): event is EventOf<"dma-landed"> => event.kind === "dma-landed" && event.told !== "ok";
