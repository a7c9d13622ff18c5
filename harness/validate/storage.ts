import type { OperationOf } from "../../calibration/cases/operation.ts";
import type { Device } from "../../kernel/device.ts";
import type { DmaMapping } from "../../kernel/dma-api.ts";
import type { Task } from "../../sim/activity.ts";
import { bytes } from "../../sim/units.ts";
import { type Bench, granted, Inexpressible, served } from "./bench.ts";
import { type Loop, rateOf } from "./closed-loop.ts";
import type { CaseOf, Kit, Outturn } from "./prediction.ts";
import { copier } from "./staged-copy.ts";

/** A longer request is told as requests of this size: each is many commands already. */
const LONGEST = 2 ** 20;
const LEFT_OUT =
  "the drive: its latencies are those of an Optane P4800X, and so are rates that the platform does not state";

/** Drives that fill or drain memory, of a peer or the system's. */
export function storage(bench: Bench, { operation }: CaseOf<"storage">, kit: Kit): Outturn {
  if (operation.issued_by === "device")
    throw new Inexpressible(
      "the peer drives the queues itself, from many cores at once: the model's kernel has one, and drives them all",
    );
  const size = Math.min(operation.size, LONGEST);
  const loops = operation.drives.map((drive): Loop => {
    const places = Array.from({ length: operation.in_flight }, () => placeOf(bench, drive, operation, size, kit));
    return {
      inFlight: operation.in_flight,
      weight: size,
      step: (index) => (places[index % places.length] ?? nowhere)(),
    };
  });
  return { value: rateOf(bench, loops), leftOut: [LEFT_OUT] };
}

function nowhere(): Task<unknown> {
  throw new Inexpressible("no request is under way");
}

/** One place of a drive's queue: its buffer, mapped for good. */
function placeOf(
  bench: Bench,
  drive: string,
  { with: end, through, access, legs }: OperationOf<"storage">,
  size: number,
  { staging }: Kit,
): () => Task<unknown> {
  const device = bench.device(drive);
  const { kernel } = bench.world;
  if (through === "memory" && legs === "in turn") return inTurn(bench, device, bench.device(end), size, access);
  if (through === "memory") {
    const copy = copier(bench, staging, device, bench.device(end), size, access);
    return () => copy(size);
  }
  const mapping = mappingOf(bench, drive, end, size);
  return () => served(kernel.io.transfer(device, access, mapping));
}

/** One thread, one buffer: filled by whose data it is, then emptied by the other. */
function inTurn(bench: Bench, drive: Device, peer: Device, size: number, access: "read" | "write"): () => Task<void> {
  const { kernel } = bench.world;
  const pages = kernel.memory.alloc(drive.socket, size);
  if (pages === undefined) throw new Inexpressible("the machine has no memory left");
  const mapped = (device: Device): DmaMapping => granted(bench.done(kernel.dma.mapPages(device, pages, 0, size)));
  const [source, sink] = access === "read" ? [drive, peer] : [peer, drive];
  const [filled, emptied] = [mapped(source), mapped(sink)];
  return function* (): Task<void> {
    yield* kernel.cpu.run("cpu.syscall", 1);
    yield* served(kernel.io.transfer(source, "read", filled));
    yield* kernel.cpu.run("cpu.syscall", 1);
    yield* served(kernel.io.transfer(sink, "write", emptied));
  };
}

function mappingOf(bench: Bench, drive: string, end: string, size: number): DmaMapping {
  const { kernel } = bench.world;
  const device = bench.device(drive);
  const socket = /^memory (\d)$/.exec(end)?.[1];
  if (socket !== undefined) {
    const pages = kernel.memory.alloc(Number(socket), size);
    if (pages === undefined) throw new Inexpressible("the machine has no memory left");
    return granted(bench.done(kernel.dma.mapPages(device, pages, 0, size)));
  }
  const memory = kernel.memoryBehind(bench.device(end));
  if (memory === undefined) throw new Inexpressible(`no BAR of ${end} shows memory`);
  const chunk = granted(memory.alloc(bytes(size)));
  // How the block layer came by bus addresses is a proposal's affair; here it takes them.
  kernel.io.subsystem(device)?.learn("resource");
  return granted(bench.done(kernel.dma.mapPhysical(device, chunk.physical, size, "resource")));
}
