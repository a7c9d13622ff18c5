import type { Case } from "../../calibration/cases/case.ts";
import type { Parameters } from "../../calibration/parameters.ts";
import { DmaEngine } from "../../fabric/dma-engine.ts";
import type { DmaAddress, Transfer } from "../../fabric/fabric.ts";
import type { Topology } from "../../fabric/topology.ts";
import type { Device } from "../../kernel/device.ts";
import { isRefusal, type Refusal } from "../../kernel/refusal.ts";
import type { Task } from "../../sim/activity.ts";
import { busAddr, bytes, nsOfTicks, PAGE_BYTES, type PhysAddr } from "../../sim/units.ts";
import { boot, type World } from "../world.ts";

/** A case that the model has no words for, or an end that its machine does not reach; the reason is a line of the report. */
export class Inexpressible extends Error {}

export const NO_MEMORY = "the machine has no memory left: give it more under machine.memory";

type Configuration = NonNullable<Case["configuration"]>;

/** A machine on the work bench: booted, its drivers bound, nothing running but what a case asks for. */
export class Bench {
  readonly world: World;
  /** Transfers of data of which not every byte arrived. */
  lost: number = 0;
  readonly parameters: Parameters;
  readonly #topology: Topology;

  constructor(topology: Topology, { iommu = "off", iommu_page }: Configuration, parameters: Parameters) {
    this.#topology = topology;
    this.parameters = parameters;
    const devices = topology.functions.flatMap(({ id, kind }) => (kind === "endpoint" ? [id] : []));
    this.world = boot(topology, devices, iommu, parameters);
    const { kernel, history, fabric } = this.world;
    if (iommu_page) fabric.iommu.largestPage = iommu_page;
    history.on("dma-landed", ({ payload, told, delivered, length }) => {
      if (payload && (told !== "ok" || delivered < length)) this.lost += 1;
    });
    const refusal = this.done(kernel.boot());
    if (refusal) throw new Inexpressible(refusal.why);
    // Who has no driver of ours is still behind the IOMMU.
    for (const name of devices) {
      const device = this.device(name);
      if (kernel.drivers.driverOf(device) === undefined) kernel.dma.attach(device);
    }
  }

  get now(): number {
    return this.world.clock.now;
  }

  /** Whether data of a device has climbed to a root complex and gone to another device from there. */
  get crossed(): boolean {
    const { fabric } = this.world;
    return this.#topology.functions.some(({ id, kind }) => {
      if (kind !== "endpoint") return false;
      const { climbed, toMemory } = fabric.payloadOf(id);
      return climbed > toMemory;
    });
  }

  device(name: string): Device {
    const device = this.world.kernel.device(name);
    if (device === undefined) throw new Inexpressible(`the machine has no ${name}`);
    return device;
  }

  /** The engine between a device's program and its link. */
  dmaEngine(name: string, inFlight: number): DmaEngine {
    const { clock, fabric } = this.world;
    return new DmaEngine(clock, fabric, this.parameters, this.device(name).node, inFlight);
  }

  /** Runs a task to its end and gives its answer. */
  done<T>(task: Task<T>): T {
    const { clock, kernel } = this.world;
    let ended: { readonly value: T } | undefined;
    clock.spawn(
      "validation",
      (function* (): Task<void> {
        ended = { value: yield* task };
        kernel.cpu.leave();
      })(),
    );
    clock.run();
    if (ended === undefined) throw new Inexpressible("what was asked never ended");
    return ended.value;
  }

  /** Nanoseconds from the first to the last step of a task. */
  timed(task: Task<unknown>): number {
    const bench = this;
    return this.done(
      (function* (): Task<number> {
        const began = bench.now;
        yield* task;
        return nsOfTicks(bench.now - began);
      })(),
    );
  }

  /** Where `initiator` reaches `length` bytes of an end: a device's memory behind its BAR, or system memory, mapped for it. */
  reach(initiator: Device, end: string, length: number): DmaAddress {
    const { kernel } = this.world;
    const socket = /^memory (\d)$/.exec(end)?.[1];
    const mapping =
      socket === undefined
        ? this.done(kernel.dma.mapPhysical(initiator, this.window(end, length), length, "resource"))
        : this.done(kernel.dma.mapPages(initiator, this.#pages(Number(socket), length), 0, length));
    const [segment] = granted(mapping).segments;
    if (segment === undefined) throw new Inexpressible(`nothing of ${end} was mapped`);
    return segment.address;
  }

  /** Device memory behind a BAR, as the CPU addresses it. */
  window(name: string, length: number): PhysAddr {
    const memory = this.world.kernel.memoryBehind(this.device(name));
    if (memory === undefined) throw new Inexpressible(`no BAR of ${name} shows memory`);
    return granted(memory.alloc(bytes(Math.max(length, PAGE_BYTES)))).physical;
  }

  #pages(socket: number, length: number) {
    if (!this.#topology.sockets.some(({ id }) => id === socket))
      throw new Inexpressible(`the machine has no socket ${socket}`);
    const pages = this.world.kernel.memory.alloc(socket, length);
    if (pages === undefined) throw new Inexpressible(NO_MEMORY);
    return pages;
  }

  /** One transfer by a device, and the wait until it is told. */
  *transfer(
    initiator: Device,
    reads: boolean,
    address: number,
    length: number,
    until: "told" | "landed",
  ): Task<string> {
    const transfer: Transfer = {
      initiator: initiator.node,
      reads,
      // A bus address or an IOVA: on the wire they look alike.
      address: busAddr(address),
      length,
      payload: true,
    };
    return yield* this.world.fabric.transfer(transfer, until);
  }
}

/** An answer that is no refusal. */
export function granted<T extends object>(answer: T | Refusal): T {
  if (isRefusal(answer)) throw new Inexpressible(`${answer.errno} from ${answer.who}: ${answer.why}`);
  return answer;
}

/** A request that the kernel refuses is none. */
export function* served(request: Task<"" | "EIO" | Refusal>): Task<void> {
  const answer = yield* request;
  if (typeof answer === "object") granted(answer);
}
