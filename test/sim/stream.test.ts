import { describe, expect, test } from "vitest";
import { Stream } from "../../sim/stream.ts";

type Told =
  | { readonly kind: "mapped"; readonly id: number }
  | { readonly kind: "landed"; readonly id: number; readonly bytes: number };

const mapped = (id: number): Told => ({ kind: "mapped", id });

/** Ids of what a stream still remembers after so many events. */
function remembered(events: number): readonly number[] {
  const stream = new Stream<Told>();
  for (let id = 0; id < events; id += 1) stream.note(mapped(id));
  return stream.recent().map(({ id }) => id);
}

describe("A stream of events", () => {
  test.each([0, 1, 4095, 4096, 4097, 8191, 8192, 10_000])(
    "remembers the last 4096 of %i, the oldest first",
    (events) => {
      const first = Math.max(0, events - 4096);
      expect(remembered(events)).toEqual(Array.from({ length: Math.min(events, 4096) }, (_, place) => first + place));
    },
  );

  test("passes each event once to those who listen to its kind, in the order in which they came, then to those who listen to all", () => {
    const stream = new Stream<Told>();
    const log: string[] = [];
    stream.onAny(({ kind, id }) => log.push(`all: ${kind} ${id}`));
    stream.on("landed", ({ id, bytes }) => log.push(`first: landed ${id}, ${bytes} B`));
    stream.on("landed", ({ id }) => log.push(`second: landed ${id}`));
    stream.on("mapped", ({ id }) => log.push(`first: mapped ${id}`));
    stream.note(mapped(1));
    stream.note({ kind: "landed", id: 2, bytes: 64 });
    expect(log).toEqual([
      "first: mapped 1",
      "all: mapped 1",
      "first: landed 2, 64 B",
      "second: landed 2",
      "all: landed 2",
    ]);
  });

  test("tells nobody what happened before they listened", () => {
    const stream = new Stream<Told>();
    const log: number[] = [];
    stream.note(mapped(1));
    stream.on("mapped", ({ id }) => log.push(id));
    stream.note(mapped(2));
    expect(log).toEqual([2]);
  });
});
