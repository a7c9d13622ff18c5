import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addressOf,
  busAddr,
  bytes,
  iova,
  nsOfTicks,
  PAGE_BYTES,
  pagesSpanned,
  parseBytes,
  parseRate,
  pfn,
  pfnOf,
  physAddr,
  printBytes,
  printRate,
  ticks,
  ticksOfNs,
  virtAddr,
} from "../../sim/units.ts";

const UNITS = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40, kB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12 };

describe("A size in words", () => {
  test("is read back as it was printed, whatever it is", () => {
    const size = fc.oneof(
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.nat(40)).map(([value, power]) => value * 2 ** power),
    );
    fc.assert(
      fc.property(size, (value) => {
        expect(parseBytes(printBytes(value))).toBe(value);
      }),
    );
  });

  test.each(Object.entries(UNITS))("in %s is that many times as many bytes", (suffix, multiple) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8000 }), (value) => {
        expect(parseBytes(`${value}${suffix}`)).toBe(value * multiple);
        expect(parseBytes(` ${value} ${suffix} `)).toBe(value * multiple);
      }),
      { numRuns: 20 },
    );
  });

  test("may have a point, where it is still a whole number of bytes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), fc.constantFrom(3, 6, 9), (value, digits) => {
        const suffix = { 3: "kB", 6: "MB", 9: "GB" }[digits];
        const text = value.toString().padStart(digits + 1, "0");
        expect(parseBytes(`${text.slice(0, -digits)}.${text.slice(-digits)}${suffix}`)).toBe(value);
      }),
    );
    expect([parseBytes("1.5KiB"), parseBytes("0.5MiB"), parseBytes("1.001KiB")]).toEqual([1536, 524288, undefined]);
  });

  test("takes K, M, G and T alone as binary, and a bare number as bytes", () => {
    expect(["4k", "4K", "1M", "2G", "1T", "512"].map(parseBytes)).toEqual([4096, 4096, 2 ** 20, 2 ** 31, 2 ** 40, 512]);
  });

  test.each([
    "",
    "0",
    "0KiB",
    "-4k",
    "4x",
    "KiB",
    "1e3",
    "1.5",
    "0x10",
    "4 k b",
    "9007199254740993",
    "9000000TiB",
    "1,5k",
  ])("is not %j", (text) => {
    expect(parseBytes(text)).toBeUndefined();
  });

  test.each([
    [1, "1B"],
    [1000, "1000B"],
    [4096, "4KiB"],
    [1536, "1536B"],
    [2 ** 20, "1MiB"],
    [3 * 2 ** 40, "3TiB"],
  ])("%i is printed in the largest binary unit that divides it", (value, text) => {
    expect(printBytes(value)).toBe(text);
  });
});

describe("A quantity", () => {
  test.each([ticks, bytes, physAddr, busAddr, iova, virtAddr, pfn])(
    "is a whole number that a double holds exactly",
    (make) => {
      expect([make(0), make(Number.MAX_SAFE_INTEGER)]).toEqual([0, Number.MAX_SAFE_INTEGER]);
      for (const wrong of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) expect(() => make(wrong)).toThrow(RangeError);
    },
  );

  test("of nanoseconds is rounded to the nearest tick, and ticks are nanoseconds exactly", () => {
    expect([ticksOfNs(1), ticksOfNs(0.00013), ticksOfNs(0.00012)]).toEqual([4096, 1, 0]);
    fc.assert(
      fc.property(fc.nat(), (span) => {
        expect(ticksOfNs(nsOfTicks(span))).toBe(span);
      }),
    );
  });
});

describe("Pages", () => {
  test("spanned by a range are those that hold one of its bytes", () => {
    fc.assert(
      fc.property(fc.nat(5 * PAGE_BYTES), fc.nat(5 * PAGE_BYTES), (address, length) => {
        const pages = new Set<number>();
        for (let at = address; at < address + length; at += 1) pages.add(Math.floor(at / PAGE_BYTES));
        expect(pagesSpanned(address, length)).toBe(pages.size);
      }),
    );
  });

  test("and addresses are two names of one thing", () => {
    expect(pfnOf(physAddr(5 * PAGE_BYTES + 17))).toBe(5);
    expect(addressOf(pfn(5))).toBe(5 * PAGE_BYTES);
    expect(pfnOf(physAddr(2 ** 52))).toBe(2 ** 40);
  });
});

describe("A rate in words", () => {
  test("is read back as it was printed, whatever it is", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer({ min: 0, max: 200e9 }),
          fc.nat(200_000).map((mega) => mega * 1e6),
        ),
        (value) => {
          expect(parseRate(printRate(value))).toBe(value);
        },
      ),
    );
  });

  test.each(["40", "40GB", "-1GB/s", "GB/s", "1.5.5GB/s", "4G/s", "40 barns/s", ""])("is none in %j", (text) => {
    expect(parseRate(text)).toBeUndefined();
  });

  test("may be nothing, with a unit or without", () => {
    expect(["0", "0GB/s", "0.0 MB/s"].map(parseRate)).toEqual([0, 0, 0]);
  });
});
