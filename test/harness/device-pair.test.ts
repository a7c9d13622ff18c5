import { describe, expect, test } from "vitest";
import type { Endpoint, Port, Topology } from "../../fabric/topology.ts";
import { nearestPair } from "../../harness/device-pair.ts";
import { endpointOf, machineOf, workloadOf } from "./cells.ts";

const STORE = workloadOf("gpu-to-storage");
const LOAD = workloadOf("storage-to-gpu");
const MACHINE = machineOf("one-switch");

const ids = (answer: ReturnType<typeof nearestPair>): readonly string[] =>
  typeof answer === "string" ? [] : [answer.from.id, answer.to.id];

const without = (role: Endpoint["role"]): Topology => ({
  ...MACHINE,
  functions: MACHINE.functions.filter((each) => each.kind !== "endpoint" || each.role !== role),
});

describe("The nearest pair", () => {
  test("is the first of those behind one switch, either way round", () => {
    expect(ids(nearestPair(MACHINE, LOAD, {}))).toEqual(["0000:1a:00.0", "0000:1b:00.0"]);
    expect(ids(nearestPair(MACHINE, STORE, {}))).toEqual(["0000:1b:00.0", "0000:1a:00.0"]);
  });

  test("lies behind the switch also where a drive beside it is listed first", () => {
    const beside = MACHINE.functions.filter(({ id }) => id === "0000:1e:00.0");
    const first = {
      ...MACHINE,
      functions: [...beside, ...MACHINE.functions.filter(({ id }) => id !== "0000:1e:00.0")],
    };
    expect(ids(nearestPair(first, LOAD, {}))).toEqual(["0000:1a:00.0", "0000:1b:00.0"]);
  });

  test("prefers the same socket, even across host bridges", () => {
    const far = machineOf("two-sockets");
    const port = { ...rootPortOf(far), id: "0000:b0:00.0", parent: "0000:b0" };
    const near = { ...endpointOf(far, "nvme"), id: "0000:b1:00.0", parent: port.id };
    const machine = {
      ...far,
      hostBridges: [...far.hostBridges, { id: "0000:b0", socket: 1 }],
      functions: [...far.functions, port, near],
    };
    expect(ids(nearestPair(machine, LOAD, {}))[0]).toBe(near.id);
  });

  test("keeps an end that is named", () => {
    const named = MACHINE.functions.find(
      (each): each is Endpoint => each.id === "0000:1e:00.0" && each.kind === "endpoint",
    );
    expect(ids(nearestPair(MACHINE, LOAD, named ? { from: named } : {}))[0]).toBe("0000:1e:00.0");
  });

  test("is a sentence where the machine lacks an end, or the end has no memory", () => {
    expect(nearestPair(without("gpu"), LOAD, {})).toBe(
      "one-switch has no gpu with memory BARs, which storage-to-gpu needs",
    );
    expect(nearestPair({ ...MACHINE, functions: [] }, STORE, {})).toBe(
      "one-switch has no gpu and no nvme with memory BARs, which gpu-to-storage needs",
    );
    const blind = MACHINE.functions.map((each) =>
      each.kind === "endpoint" && each.role === "gpu" ? { ...each, bars: [] } : each,
    );
    expect(nearestPair({ ...MACHINE, functions: blind }, LOAD, {})).toMatch(/has no gpu with memory BARs/);
  });
});

function rootPortOf(machine: Topology): Port {
  const found = machine.functions.find((each): each is Port => each.kind === "root-port");
  if (found === undefined) throw new Error(`${machine.name} has no root port`);
  return found;
}
