import type { Recurrent, StateWriter } from "../../sim/recurrent.ts";
import type { TlpEngine } from "./engine.ts";

/** Fields of a packet that its future depends on; where it is stored is not one of them. */
function writePacket(engine: TlpEngine, packet: number, now: number, out: StateWriter): void {
  const { packets, transfers } = engine;
  const transfer = packets.transfer[packet]!;
  out.put(packets.kind[packet]! + 4 * packets.flags[packet]!);
  out.put(packets.length[packet]!);
  out.put(packets.address[packet]!);
  out.put(packets.physical[packet]!);
  out.put(packets.target[packet]!);
  out.put(packets.sender[packet]!);
  out.put(packets.input[packet]!);
  out.put(Math.max(0, packets.time[packet]! - now));
  out.put(transfers.address[transfer]!);
  out.put(transfers.requester[transfer]!);
  out.put(transfers.unlanded[transfer]!);
}

function writePackets(engine: TlpEngine, first: number, now: number, out: StateWriter): void {
  let count = 0;
  for (let packet = first; packet >= 0; packet = engine.packets.next[packet]!) {
    writePacket(engine, packet, now, out);
    count += 1;
  }
  out.put(count);
}

function writeQueues(engine: TlpEngine, channel: number, now: number, out: StateWriter): void {
  const base = engine.queueBase[channel]! * 3;
  const { packets } = engine;
  for (let queue = 0; queue < engine.inputCount[channel]! * 3; queue += 1) {
    const first = engine.queueHead[base + queue]!;
    if (first < 0) continue;
    out.put(queue);
    for (let packet = first; packet >= 0; packet = packets.next[packet]!)
      out.put(packets.sequence[packet]! - engine.sequence[channel]!);
    writePackets(engine, first, now, out);
  }
}

/** What a receiver has not told of yet; it tells of all of it when nothing has come for the latency limit. */
function writeUntold(engine: TlpEngine, channel: number, now: number, out: StateWriter): void {
  const silence = now - engine.cameAt[channel]!;
  const told = silence >= engine.wiring.dllpLimit;
  const waiting = [engine.unacknowledged[channel]!, ...engine.untold.subarray(channel * 3, channel * 3 + 3)];
  for (const count of waiting) out.put(told ? 0 : count);
  out.put(told || waiting.every((count) => count === 0) ? 0 : silence);
}

/** An error on a link that is not over, and how many wait for it. */
function writeRetry(engine: TlpEngine, channel: number, now: number, out: StateWriter): void {
  const retry = engine.retries[channel];
  out.put(engine.upset[channel]! + engine.errors[channel]!.length);
  if (retry === undefined) return;
  out.put(retry.error === "bad LCRC" ? 0 : 1);
  out.put(["armed", "coming", "refused"].indexOf(retry.phase));
  out.put(retry.phase === "armed" ? 0 : retry.at - now);
  out.put(Math.max(0, retry.comes - now));
  out.put(retry.acks);
  for (const packet of retry.packets) {
    writePacket(engine, packet, now, out);
    out.put(engine.packets.time[packet]!);
  }
  for (const { wire, busy } of retry.arrived) {
    out.put(wire);
    out.put(busy);
  }
}

function writeChannel(engine: TlpEngine, channel: number, now: number, out: StateWriter): void {
  engine.applyReturns(channel, now);
  out.put(Math.max(0, engine.freeAt[channel]! - now));
  out.put(engine.wakeAt[channel]! === Number.POSITIVE_INFINITY ? -1 : engine.wakeAt[channel]! - now);
  out.put(engine.robin[channel]!);
  writeUntold(engine, channel, now, out);
  writeRetry(engine, channel, now, out);
  for (let place = 0; place < 5; place += 1) {
    const credit = engine.credit[channel * 5 + place]!;
    out.put(credit === Number.POSITIVE_INFINITY ? -1 : credit);
  }
  for (let kind = 0; kind < 3; kind += 1) {
    const pending = engine.returnCount[channel * 3 + kind]!;
    out.put(pending);
    for (let place = 0; place < pending; place += 1) {
      const { time, units } = engine.pendingReturn(channel, kind, place);
      out.put(time - now);
      out.put(units);
    }
  }
  writePackets(engine, engine.flyHead[channel]!, now, out);
  writePackets(engine, engine.heldHead[channel]!, now, out);
  writeQueues(engine, channel, now, out);
}

function writeNode(engine: TlpEngine, node: number, now: number, out: StateWriter): void {
  out.put(engine.tags[node]!);
  out.put(Math.max(0, engine.readFreeAt[node]! - now));
  out.put(Math.max(0, engine.writeFreeAt[node]! - now));
  writePackets(engine, engine.answerHead[node]!, now, out);
  for (let key = node * 4; key < node * 4 + 4; key += 1)
    for (let job = engine.jobHead[key]!; job >= 0; job = engine.transfers.next[job]!) {
      out.put(key);
      out.put(engine.transfers.address[job]!);
      out.put(engine.transfers.requester[job]!);
      out.put(engine.transfers.marks[job]! + 256 * engine.transfers.cached[job]!);
      out.put(engine.transfers.cursor[job]!);
      out.put(engine.transfers.uncut[job]!);
    }
}

/** The data plane's state relative to `now()`: what is queued, in flight, held and owed, by content. */
export function dataPlaneState(engine: TlpEngine, now: () => number): Recurrent {
  return {
    writeState(out: StateWriter): void {
      const at = now();
      out.put(engine.disturbed);
      for (let channel = 0; channel < engine.channelCount; channel += 1) {
        if (!engine.used(channel)) continue;
        out.put(channel);
        writeChannel(engine, channel, at, out);
        if (out.differs) return;
      }
      for (let node = 0; node < engine.nodeCount; node += 1) writeNode(engine, node, at, out);
    },
  };
}
