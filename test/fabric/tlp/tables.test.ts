import { describe, expect, test } from "vitest";
import { PacketPool, TransferTable } from "../../../fabric/tlp/tables.ts";

describe("The pool of packets", () => {
  test("gives every slot once until it is given back, and keeps what is in them when it grows", () => {
    const pool = new PacketPool();
    const slots = Array.from({ length: 5000 }, (_, place) => {
      const slot = pool.take();
      pool.length[slot] = place;
      pool.time[slot] = 2 ** 52 + place;
      return slot;
    });
    expect(new Set(slots).size).toBe(5000);
    for (const [place, slot] of slots.entries())
      expect([pool.length[slot], pool.time[slot]]).toEqual([place, 2 ** 52 + place]);
  });

  test("uses a slot again once it is back", () => {
    const pool = new PacketPool();
    const [first, second] = [pool.take(), pool.take()];
    pool.give(first);
    expect(pool.take()).toBe(first);
    expect(second).not.toBe(first);
  });
});

describe("The table of transfers", () => {
  test("hands out a slot as if it had never been used", () => {
    const table = new TransferTable();
    const slot = table.take();
    table.delivered[slot] = 7;
    table.status[slot] = 2;
    table.fault[slot] = 3;
    expect(table.live[slot]).toBe(1);
    table.give(slot);
    expect(table.live[slot]).toBe(0);
    expect(table.take()).toBe(slot);
    expect([table.delivered[slot], table.status[slot], table.fault[slot], table.live[slot]]).toEqual([0, 0, 0, 1]);
  });

  test("keeps what is under way when it grows", () => {
    const table = new TransferTable();
    const slots = Array.from({ length: 700 }, (_, place) => {
      const slot = table.take();
      table.address[slot] = place;
      return slot;
    });
    expect(slots.map((slot) => table.address[slot])).toEqual(slots.map((_, place) => place));
    expect(new Set(slots).size).toBe(700);
  });
});
