import fc from "fast-check";
import type { Finding, Invariant } from "../../invariants/invariant.ts";
import type { DmaSpan, Event, EventOf } from "../../record/event.ts";
import { StateRecord } from "../../sim/recurrent.ts";
import { Stream } from "../../sim/stream.ts";
import { bytes, ticks } from "../../sim/units.ts";

/** Hand-written events in few words. What a rule does not look at is filled in. */
const at = ticks(0);
export const submitted = (request: number, length = 4096): Event => ({
  kind: "submitted",
  at,
  request,
  length: bytes(length),
});
export const served = (request: number, length = 4096, error = ""): Event => ({
  kind: "served",
  at,
  request,
  length: bytes(length),
  error,
});
export const refused = (request: number): Event => ({
  kind: "refused",
  at,
  request,
  errno: "ENOMEM",
  why: "no memory",
});
export const mapped = (mapping: number, initiator: string, ...spans: readonly DmaSpan[]): Event => ({
  kind: "mapped",
  at,
  mapping,
  initiator,
  spans,
});
export const unmapped = (mapping: number): Event => ({ kind: "unmapped", at, mapping });
export const began = (transfer: number, initiator: string, { address, length }: DmaSpan): Event => ({
  kind: "dma-began",
  at,
  transfer,
  initiator,
  address,
  length,
  payload: true,
});
export const landed = (
  transfer: number,
  initiator: string,
  { address, length }: DmaSpan,
  end: Partial<EventOf<"dma-landed">> = {},
): Event => ({
  kind: "dma-landed",
  at,
  transfer,
  initiator,
  address,
  length,
  delivered: length,
  told: "ok",
  fault: "",
  payload: true,
  ...end,
});
export const got = (first: number, count: number): Event => ({ kind: "page-get", at, first, count, device: false });
export const put = (first: number, count: number): Event => ({ kind: "page-put", at, first, count, device: false });
export const idle = (link: string, missing: number): Event => ({ kind: "credits-idle", at, link, missing });
export const ended: Event = { kind: "ended", at };

/** Lets a judge hear a history, and gives its finding. */
export function judge({ watch }: Invariant, history: readonly Event[]): Finding {
  const stream = new Stream<Event>();
  const { verdict } = watch(stream);
  for (const event of history) stream.note(event);
  return verdict();
}

/** The state of a judge that has heard a history so far. */
export function stateAfter({ watch }: Invariant, history: readonly Event[]): readonly number[] {
  const stream = new Stream<Event>();
  const watching = watch(stream);
  for (const event of history) stream.note(event);
  const state = new StateRecord();
  watching.writeState(state);
  return state.values;
}

const DEVICES = ["0000:1a:00.0", "0000:1b:00.0"] as const;
const LINKS = ["0000:1a:00.0 up", "0000:1b:00.0 down"] as const;
/** Lawful addresses, pages and ids stay below; breaches are planted above. */
export const BEYOND = 2 ** 40;

interface Step {
  readonly what: "submit" | "answer" | "map" | "unmap" | "begin" | "land" | "get" | "put";
  readonly pick: number;
  readonly size: number;
  readonly how: number;
}

const STEPS: readonly Step["what"][] = ["submit", "answer", "map", "unmap", "begin", "land", "get", "put"];
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...STEPS),
  pick: fc.nat(20),
  size: fc.integer({ min: 1, max: 64 }),
  how: fc.nat(2),
});

/** A period of a lawful history: everything that begins in it also ends in it. */
export const lawfulPeriod: fc.Arbitrary<readonly Event[]> = fc
  .array(step, { maxLength: 60, size: "max" })
  .map((steps) => new Story().tell(steps));

/** A whole lawful history, to the last event. */
export const lawfulHistory: fc.Arbitrary<readonly Event[]> = lawfulPeriod.map((period) => [
  ...period,
  ...LINKS.map((link) => idle(link, 0)),
  ended,
]);

/** The same period once more, as its n-th repetition: later, and with fresh ids. */
export const again = (period: readonly Event[], n: number): readonly Event[] =>
  period.map((event) => ({
    ...event,
    at: ticks(n * 1000),
    ...("request" in event ? { request: event.request + n * 1000 } : {}),
    ...("mapping" in event ? { mapping: event.mapping + n * 1000 } : {}),
    ...("transfer" in event ? { transfer: event.transfer + n * 1000 } : {}),
  }));

/** Writes events so that every rule is kept: only what is open is closed, only what is mapped is used. */
class Story {
  readonly #events: Event[] = [];
  readonly #requests: { readonly id: number; readonly length: number }[] = [];
  readonly #mappings: { readonly id: number; readonly initiator: string; readonly span: DmaSpan; flights: number }[] =
    [];
  readonly #flights: { readonly id: number; readonly of: number; readonly span: DmaSpan }[] = [];
  readonly #pages: { readonly first: number; readonly count: number }[] = [];
  #ids = 0;

  tell(steps: readonly Step[]): readonly Event[] {
    for (const each of steps) this.#step(each);
    while (this.#flights.length > 0) this.#land(0, 0);
    while (this.#mappings.length > 0) this.#unmap(0);
    while (this.#requests.length > 0) this.#answer(0, 0);
    while (this.#pages.length > 0) this.#put(0, 0);
    return this.#events;
  }

  #step({ what, pick, size, how }: Step): void {
    if (what === "submit") this.#submit(size);
    else if (what === "answer") this.#answer(pick, how);
    else if (what === "map") this.#map(pick, size);
    else if (what === "unmap") this.#unmap(pick);
    else if (what === "begin") this.#begin(pick, how);
    else if (what === "land") this.#land(pick, how);
    else if (what === "get") this.#get(pick, size);
    else this.#put(pick, how);
  }

  #id(): number {
    this.#ids += 1;
    return this.#ids;
  }

  #submit(size: number): void {
    const request = { id: this.#id(), length: size * 512 };
    this.#requests.push(request);
    this.#events.push(submitted(request.id, request.length));
  }

  #answer(pick: number, how: number): void {
    const [request] = this.#requests.splice(pick % Math.max(1, this.#requests.length), 1);
    if (request === undefined) return;
    const answers = [served(request.id, request.length), served(request.id, 0, "EIO"), refused(request.id)];
    this.#events.push(...answers.slice(how, how + 1));
  }

  #map(pick: number, size: number): void {
    const initiator = DEVICES[pick % 2] ?? "";
    const mapping = { id: this.#id(), initiator, span: { address: pick * 65536, length: size * 512 }, flights: 0 };
    this.#mappings.push(mapping);
    this.#events.push(mapped(mapping.id, initiator, mapping.span));
  }

  #unmap(pick: number): void {
    const mapping = this.#mappings[pick % Math.max(1, this.#mappings.length)];
    if (mapping === undefined || mapping.flights > 0) return;
    this.#mappings.splice(this.#mappings.indexOf(mapping), 1);
    this.#events.push(unmapped(mapping.id));
  }

  #begin(pick: number, how: number): void {
    const mapping = this.#mappings[pick % Math.max(1, this.#mappings.length)];
    if (mapping === undefined) return;
    const { address, length } = mapping.span;
    const part = Math.floor(length / (how + 1));
    const flight = { id: this.#id(), of: mapping.id, span: { address: address + length - part, length: part } };
    mapping.flights += 1;
    this.#flights.push(flight);
    this.#events.push(began(flight.id, mapping.initiator, flight.span));
  }

  #land(pick: number, how: number): void {
    const [flight] = this.#flights.splice(pick % Math.max(1, this.#flights.length), 1);
    const mapping = this.#mappings.find(({ id }) => id === flight?.of);
    if (flight === undefined || mapping === undefined) return;
    mapping.flights -= 1;
    const lost = {
      delivered: Math.floor(flight.span.length / 2),
      told: "unsupported-request",
      fault: "no route",
    } as const;
    this.#events.push(landed(flight.id, mapping.initiator, flight.span, how === 2 ? lost : {}));
  }

  #get(pick: number, size: number): void {
    const pages = { first: pick * 16, count: size };
    this.#pages.push(pages);
    this.#events.push(got(pages.first, pages.count));
  }

  /** References are given back in one piece or in two, as an interrupted span does. */
  #put(pick: number, how: number): void {
    const [pages] = this.#pages.splice(pick % Math.max(1, this.#pages.length), 1);
    if (pages === undefined) return;
    const { first, count } = pages;
    const part = how === 1 && count > 1 ? Math.floor(count / 2) : count;
    this.#events.push(put(first, part));
    if (part < count) this.#pages.push({ first: first + part, count: count - part });
  }
}
