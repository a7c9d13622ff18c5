import type { Endpoint, PciFunction, Topology } from "../../fabric/topology.ts";
import { busAddr, bytes } from "../../sim/units.ts";
import { endpointOf, machineOf } from "./cells.ts";

const MIB = 2 ** 20;
const TIB = 2 ** 40;

/** A capture card that shows 256 MiB of frame store, a network adapter, and another GPU: what some workloads need besides a preset. */
const CARDS: readonly Pick<Endpoint, "role" | "label" | "bars">[] = [
  {
    role: "capture",
    label: "capture card",
    bars: [
      { index: 0, base: busAddr(3.5 * 2 ** 30), size: bytes(MIB), prefetchable: false },
      { index: 1, base: busAddr(2 * TIB), size: bytes(256 * MIB), prefetchable: true },
    ],
  },
  {
    role: "nic",
    label: "network adapter",
    bars: [{ index: 0, base: busAddr(3.5 * 2 ** 30 + 16 * MIB), size: bytes(MIB), prefetchable: false }],
  },
  {
    role: "gpu",
    label: "another GPU",
    bars: [
      { index: 0, base: busAddr(3.5 * 2 ** 30 + 32 * MIB), size: bytes(16 * MIB), prefetchable: false },
      { index: 1, base: busAddr(3 * TIB), size: bytes(256 * MIB), prefetchable: true },
    ],
  },
];

/** A preset with those three added, each behind a port like the one above its first GPU and beside it. Every workload has its two ends there. */
export function fullMachine(name: string): Topology {
  const machine = machineOf(name);
  const gpu = endpointOf(machine, "gpu");
  const port = machine.functions.find(({ id }) => id === gpu.parent);
  if (port === undefined) throw new Error(`${name} has no port above its GPU`);
  const added = CARDS.flatMap((card, place): PciFunction[] => {
    const above = port.id.replace(/[0-9a-f]+\.\d$/, `${(16 + place).toString(16)}.0`);
    return [
      { ...port, id: above },
      { ...gpu, ...card, id: `0000:f${place}:00.0`, parent: above },
    ];
  });
  return { ...machine, functions: [...machine.functions, ...added] };
}
