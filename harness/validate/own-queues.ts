import type { OperationOf } from "../../calibration/cases/operation.ts";
import type { NvmeCommand } from "../../fabric/nvme.ts";
import type { Task } from "../../sim/activity.ts";
import { busAddr, PAGE_BYTES } from "../../sim/units.ts";
import { type Bench, Inexpressible } from "./bench.ts";

/**
 * One place of a queue that a device drives itself: entries, completions and PRP lists lie in its own memory, its cores ring the drive's
 * doorbell across the fabric and poll for the completion. Each command has threads of its own, so that issuing one keeps none waiting.
 */
export function ownPlace(
  bench: Bench,
  drive: string,
  { with: owner, through, access }: OperationOf<"storage">,
  size: number,
): () => Task<void> {
  if (through === "memory" || owner.startsWith("memory "))
    throw new Inexpressible("who drives the queues itself moves data to and from its own memory");
  const { device, controller } = driven(bench, drive);
  const largest = bench.parameters.amount("nvme.max_transfer");
  if (size > largest) throw new Inexpressible(`a command of this drive moves ${largest} B at most`);
  const { node } = bench.device(owner);
  const data = bench.reach(device, owner, size);
  const queues = bench.reach(device, owner, 2 * PAGE_BYTES);
  const command: NvmeCommand = {
    kind: access,
    segments: [{ address: data, length: size }],
    entry: busAddr(queues),
    completion: busAddr(queues + PAGE_BYTES / 2),
    prpList: busAddr(queues + PAGE_BYTES),
    interrupt: undefined,
  };
  return function* (): Task<void> {
    const status = yield* controller.execute(command, node);
    if (status !== "success") throw new Inexpressible(`${drive} could not serve ${owner}: ${status}`);
  };
}

function driven(bench: Bench, name: string) {
  const device = bench.device(name);
  if (device.nvme === undefined) throw new Inexpressible(`${name} is no drive`);
  return { device, controller: device.nvme };
}
