import { Fabric, Flight } from "../fabric/fabric.ts";
import { PRESETS } from "../machines/presets.ts";
import type { Event } from "../record/event.ts";
import { Clock } from "../sim/clock.ts";
import { Stream } from "../sim/stream.ts";
import type { BusAddr } from "../sim/units.ts";
import { typical } from "./cells.ts";

/** Moves `length` bytes by posted writes from an NVMe drive to a GPU behind one switch; answers how many packets that took. */
export function pump(length: number): number {
  const topology = PRESETS.get("one-switch")?.topology();
  const ends = topology?.functions.filter((each) => each.kind === "endpoint") ?? [];
  const [from, to] = [ends.find(({ role }) => role === "nvme"), ends.find(({ role }) => role === "gpu")];
  if (topology === undefined || from === undefined || to === undefined)
    throw new Error("the benchmark's preset is gone");
  const clock = new Clock();
  const fabric = new Fabric(clock, new Stream<Event>(), topology, [from.id, to.id], typical);
  const window = [...to.bars].sort((a, b) => b.size - a.size)[0];
  fabric.begin(
    { initiator: fabric.node(from.id), reads: false, address: (window?.base ?? 0) as BusAddr, length, payload: true },
    new Flight("landed"),
  );
  clock.run();
  const node = fabric.node(from.id);
  return fabric.graph.channels.reduce(
    (sum, { from: sender }, channel) => sum + (sender === node ? (fabric.engine.packetCount[channel] ?? 0) : 0),
    0,
  );
}
