import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Clock } from "../../sim/clock.ts";
import { StateRecord } from "../../sim/recurrent.ts";
import { Server } from "../../sim/server.ts";

describe("A server", () => {
  test("works off spans one after the other, in the order of booking, and idles in between", () => {
    const bookings = fc.array(fc.record({ pause: fc.nat(10), span: fc.nat(10) }), { maxLength: 20 });
    fc.assert(
      fc.property(bookings, (each) => {
        const clock = new Clock();
        const server = new Server(clock);
        const ends: number[] = [];
        clock.spawn(
          "customer",
          (function* () {
            for (const { pause, span } of each) {
              yield pause;
              ends.push(clock.now + server.book(span));
            }
          })(),
        );
        clock.run();
        let now = 0;
        let freeAt = 0;
        const expected = each.map(({ pause, span }) => {
          now += pause;
          freeAt = Math.max(freeAt, now) + span;
          return freeAt;
        });
        expect(ends).toEqual(expected);
      }),
    );
  });

  test("has the work that is left as its state", () => {
    const clock = new Clock();
    const server = new Server(clock);
    const states: number[] = [];
    clock.spawn(
      "customer",
      (function* () {
        server.book(7);
        for (const span of [3, 4, 5]) {
          yield span;
          const state = new StateRecord();
          server.writeState(state);
          states.push(...state.values);
        }
      })(),
    );
    clock.run();
    expect(states).toEqual([4, 0, 0]);
  });
});
