import { FRAMING, HEADER_3DW, HEADER_4DW, type Hop, type OneFlow } from "./one-flow.ts";

/**
 * How long a single flow takes through one switch, without simulating it (docs: model A.8). Two ideas carry both formulas:
 *
 *   A pipeline of first-in-first-out stages passes n equal items in (time of one alone) + (n - 1) x (its slowest stage).
 *   A window that admits k items per loop of the time `loop` passes item i at floor(i / k) x loop + (i mod k) x (slowest stage):
 *   the first k leave at the pipeline's pace, then the sender stands still until the first of them has come round.
 *
 * The window is the limit where loop / k exceeds the slowest stage; else what comes round is always there in time.
 *
 * It holds, to the tick, under these conditions, and only these are tested:
 *   - whole units: a write of whole Max_Payload_Size, a read of whole Max_Read_Request_Size, the address aligned to 4 KiB. A ragged
 *     last packet is shorter than the stage it follows, so it catches up or not depending on where the queue stands;
 *   - of all credits only the posted ones of the switch's receive buffer bind. A second finite buffer makes two coupled windows;
 *   - no packet of the link layer (Ack, UpdateFC, SKP) takes a turn on the wire: this version of the engine has none.
 */
export const closedForm = (flow: OneFlow, reads: boolean, length: number): number =>
  reads ? readTime(flow, length) : writeTime(flow, length);

/** Fewest posted packets that the switch's buffer holds at once: each takes a header, and a unit per 16 B of payload. */
export const postedWindow = ({ postedHeaders, postedData, maxPayload }: OneFlow): number =>
  Math.min(postedHeaders, Math.floor((16 * postedData) / maxPayload));

/**
 * From the first bit of a packet of `wire` bytes on the incoming link until its head may start on the outgoing one, apart from the
 * flight and the switch itself. A switch forwards once `cutThroughBytes` are in, but must not run dry: where the outgoing link is
 * faster, it starts so late that both ends come out together (wire x in - wire x out). It never needs more than the whole packet.
 */
function cutThrough({ cutThroughBytes }: OneFlow, wire: number, incoming: Hop, outgoing: Hop): number {
  const whole = wire * incoming.ticksPerByte;
  const least = cutThroughBytes * incoming.ticksPerByte;
  return Math.min(whole, Math.max(least, whole - wire * outgoing.ticksPerByte));
}

/** One packet alone from one end to the other: flight, cut through, switch, flight, and all its bytes on the last link. */
const alone = (flow: OneFlow, wire: number, incoming: Hop, outgoing: Hop): number =>
  incoming.flight +
  cutThrough(flow, wire, incoming, outgoing) +
  flow.residence +
  outgoing.flight +
  wire * outgoing.ticksPerByte;

/** Item `last` (counted from 0) through a pipeline of pace `stage` behind a window of `window` items that each take `loop` to come round. */
const behindWindow = (last: number, stage: number, window: number, loop: number): number =>
  loop > window * stage ? Math.floor(last / window) * loop + (last % window) * stage : last * stage;

const header = ({ address }: OneFlow): number => FRAMING + (address < 2 ** 32 ? HEADER_3DW : HEADER_4DW);

/**
 * n packets through two links: the slower one sets the pace. A credit comes round in the time that a packet needs to the switch and
 * onto the next link (it frees its buffer when it starts there), and then `creditLatency`.
 */
function writeTime(flow: OneFlow, length: number): number {
  const { first, second, maxPayload } = flow;
  const wire = maxPayload + header(flow);
  const packets = length / maxPayload;
  const stage = wire * Math.max(first.ticksPerByte, second.ticksPerByte);
  const loop = first.flight + flow.residence + cutThrough(flow, wire, first, second) + flow.creditLatency;
  return alone(flow, wire, first, second) + behindWindow(packets - 1, stage, postedWindow(flow), loop);
}

/**
 * R requests of m completions each. The stages are both links with the requests, both links with the completions, and the target;
 * the window is the tags, and a tag comes round in one round trip: request there, the target's latency, m completions back (the
 * first of m takes the way, the others follow at the pace of the slower link).
 */
function readTime(flow: OneFlow, length: number): number {
  const { first, second, maxPayload, maxReadRequest } = flow;
  const requests = length / maxReadRequest;
  const payload = Math.min(maxReadRequest, maxPayload);
  const each = maxReadRequest / payload;
  const request = header(flow);
  const completion = payload + FRAMING + HEADER_3DW;
  const slower = Math.max(first.ticksPerByte, second.ticksPerByte);
  const stage = Math.max(request * slower, each * completion * slower, maxReadRequest * flow.readTicksPerByte);
  const roundTrip =
    alone(flow, request, first, second) +
    flow.readLatency +
    (each - 1) * completion * slower +
    alone(flow, completion, second, first);
  return roundTrip + behindWindow(requests - 1, stage, flow.tags, roundTrip);
}
