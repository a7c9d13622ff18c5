import { describe, expect, it } from "vitest";
import { hashText, mix32 } from "../../sim/hash.ts";

describe("hashText", () => {
  it("gives the same 16 hex digits on every machine and in every version", () => {
    expect(hashText("")).toBe("985e3ebb52b51580");
    expect(hashText("p2peval")).toBe("f672609fffbc6711");
    expect(hashText("∂ 🙂")).toBe("a9ede358f6fb5064");
  });

  it("always gives 16 lower-case hex digits", () => {
    for (let n = 0; n < 2000; n += 1) expect(hashText("x".repeat(n % 37) + n)).toMatch(/^[0-9a-f]{16}$/);
  });

  it("tells apart 200,000 texts that differ in a digit, and so do both of its halves nearly always", () => {
    const whole = new Set<string>();
    const left = new Set<string>();
    const right = new Set<string>();
    const texts = 200_000;
    for (let n = 0; n < texts; n += 1) {
      const hash = hashText(`link.port_delay=${n}`);
      whole.add(hash);
      left.add(hash.slice(0, 8));
      right.add(hash.slice(8));
    }
    expect(whole.size).toBe(texts);
    // n^2 / 2^33 = 4.7 collisions are expected of 32 random bits.
    expect(texts - left.size).toBeLessThan(25);
    expect(texts - right.size).toBeLessThan(25);
  });

  it("tells apart order, length and repetition", () => {
    const texts = ["ab", "ba", "a", "aa", "aaa", "a\0", "\0a", "\0", "\0\0", ""];
    expect(new Set(texts.map(hashText)).size).toBe(texts.length);
  });

  it("changes about half of its bits when one character changes", () => {
    let changed = 0;
    const pairs = 500;
    for (let n = 0; n < pairs; n += 1) {
      const one = BigInt(`0x${hashText(`cell ${n} a`)}`);
      const other = BigInt(`0x${hashText(`cell ${n} b`)}`);
      changed += (one ^ other).toString(2).replaceAll("0", "").length;
    }
    expect(changed / pairs).toBeGreaterThan(30);
    expect(changed / pairs).toBeLessThan(34);
  });
});

describe("mix32", () => {
  it("maps 32 bits to 32 bits without losing any", () => {
    const seen = new Set<number>();
    for (let n = -50_000; n < 50_000; n += 1) seen.add(mix32(n));
    expect(seen.size).toBe(100_000);
    expect([...seen].every((value) => value >>> 0 === value)).toBe(true);
  });
});
