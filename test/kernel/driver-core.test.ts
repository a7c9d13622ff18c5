import { expect, test } from "vitest";
import { bytes } from "../../sim/units.ts";
import { GIB, MIB } from "../harness/cells.ts";
import { Bench, granted, refused } from "./bench.ts";

test("A PCI function has one driver, which another cannot take it from", () => {
  const bench = new Bench();
  const { kernel, gpu } = bench;
  expect(kernel.drivers.driverOf(gpu)).toBe("gpu");
  expect(refused(bench.done(kernel.drivers.claim(gpu, "another")) ?? {})).toMatchObject({
    errno: "EBUSY",
    who: "PCI driver core",
    whom: gpu.name,
  });
  bench.done(kernel.unbind(gpu));
  expect(kernel.drivers.driverOf(gpu)).toBeUndefined();
  expect(bench.done(kernel.drivers.claim(gpu, "another"))).toBeUndefined();
  expect(kernel.drivers.driverOf(gpu)).toBe("another");
  bench.done(kernel.drivers.unclaim(gpu));
  expect(kernel.drivers.driverOf(gpu)).toBeUndefined();
  bench.done(kernel.unbind(gpu));
});

test("Unused physical addresses are handed out from the top, each range once, and never where something answers", () => {
  const { kernel, world } = new Bench();
  const [one, other] = ["a", "b"].map((owner) => granted(kernel.space.reserve(owner, bytes(16 * GIB), 128 * MIB)));
  expect([one?.base, other?.base]).toEqual([2 ** 46 - 16 * GIB, 2 ** 46 - 32 * GIB]);
  for (const range of [one, other]) expect(world.fabric.addresses.claim(range?.base ?? 0)).toBe(-1);
  if (one) kernel.space.release(one);
  expect(granted(kernel.space.reserve("c", bytes(16 * GIB), 128 * MIB)).base).toBe(one?.base);
  expect(granted(kernel.space.reserve("d", bytes(1), 128 * MIB)).size).toBe(128 * MIB);
  expect(refused(kernel.space.reserve("e", bytes(2 ** 45), 128 * MIB))).toMatchObject({ errno: "ENOMEM", whom: "e" });
});
