import { Parameters } from "../../calibration/parameters.ts";
import type { Topology } from "../../fabric/topology.ts";
import { boot, type World } from "../../harness/world.ts";
import { CPU_TICKS } from "../../kernel/cpu.ts";
import type { Device } from "../../kernel/device.ts";
import type { GpuDriver } from "../../kernel/gpu-driver.ts";
import type { PageRange } from "../../kernel/pages.ts";
import { isRefusal, type Refusal } from "../../kernel/refusal.ts";
import type { IommuMode } from "../../record/cell.ts";
import type { Event } from "../../record/event.ts";
import type { Task } from "../../sim/activity.ts";
import { type Bytes, bytes, PAGE_BYTES } from "../../sim/units.ts";
import { endpointOf, machineOf } from "../harness/cells.ts";

export interface BenchWords {
  readonly machine?: string | Topology;
  readonly iommu?: IommuMode;
  /** Devices of the machine that take part beside the first drive and the first GPU. */
  readonly also?: readonly string[];
  readonly constants?: Readonly<Record<string, number>>;
}

/** A task, or a call that gives one. */
export type Work<T> = Task<T> | (() => Task<T>);

/** A booted machine on the work bench: an NVMe drive and a GPU with their drivers bound, and everything that has happened since. */
export class Bench {
  readonly world: World;
  readonly parameters: Parameters;
  readonly events: Event[] = [];
  readonly nvme: Device;
  readonly gpu: Device;

  constructor({ machine = "one-switch", iommu = "off", also = [], constants = {} }: BenchWords = {}) {
    const topology = machineOf(machine);
    const names = [endpointOf(topology, "nvme").id, endpointOf(topology, "gpu").id];
    this.parameters = Parameters.typical().with(constants);
    this.world = boot(topology, [...names, ...also], iommu, this.parameters);
    const [nvme, gpu] = names.map((name) => this.kernel.device(name));
    if (nvme === undefined || gpu === undefined) throw new Error("the bench lacks a device");
    [this.nvme, this.gpu] = [nvme, gpu];
    const refusal = this.done(this.kernel.boot());
    if (refusal) throw new Error(refusal.why);
    this.world.history.onAny((event) => this.events.push(event));
  }

  get kernel(): World["kernel"] {
    return this.world.kernel;
  }
  get now(): number {
    return this.world.clock.now;
  }
  get driver(): GpuDriver {
    const driver = this.kernel.gpu(this.gpu);
    if (driver === undefined) throw new Error("the GPU has no driver");
    return driver;
  }

  /** Runs a task until nothing is left to happen, and gives its result. Some primitives begin when they are called: hand those in as a call. */
  done<T>(task: Work<T>): T {
    const started = this.start(task);
    this.world.clock.run();
    return started.result();
  }

  /** Starts a task; its result may be asked for once it has ended. */
  start<T>(task: Work<T>): { readonly result: () => T } {
    const { clock, kernel } = this.world;
    let ended: { readonly value: T } | undefined;
    clock.spawn(
      "a test",
      (function* (): Task<void> {
        ended = { value: yield* typeof task === "function" ? task() : task };
        kernel.cpu.leave();
      })(),
    );
    return {
      result: () => {
        if (ended === undefined) throw new Error("the task has not ended");
        return ended.value;
      },
    };
  }

  /** Ticks that passed, and ticks that the CPU was charged, while a task ran. */
  cost(task: Work<unknown>): { readonly passed: number; readonly charged: number } {
    const { clock, tally } = this.world;
    const charged = tally.get(CPU_TICKS);
    const began = clock.now;
    let ended = began;
    this.done(
      (function* (): Task<void> {
        yield* typeof task === "function" ? task() : task;
        ended = clock.now;
      })(),
    );
    return { passed: ended - began, charged: tally.get(CPU_TICKS) - charged };
  }

  /** How often an operation has been done since the machine was switched on. */
  count(operation: string): number {
    return this.world.tally.get(`operation ${operation}`);
  }

  /** Pages of the first socket's memory. */
  memory(count: number): PageRange {
    const pages = this.kernel.memory.alloc(0, count * PAGE_BYTES);
    if (pages === undefined) throw new Error("the machine has no memory left");
    return pages;
  }

  eventsOf(kind: Event["kind"]): readonly Event[] {
    return this.events.filter((event) => event.kind === kind);
  }
}

/** An answer that is not a refusal. */
export function granted<T extends object>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Error(`refused: ${answer.errno}, ${answer.why}`);
  return answer;
}

/** An answer that is one. */
export function refused(answer: object): Refusal {
  if (!isRefusal(answer)) throw new Error("nothing was refused");
  return answer;
}

export const pagesOf = (count: number): Bytes => bytes(count * PAGE_BYTES);
