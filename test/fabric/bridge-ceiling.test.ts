import { describe, expect, test } from "vitest";
import type { CaseMachine } from "../../calibration/cases/case.ts";
import { twoSwitches, X16_GEN4, X16_GEN5 } from "../../calibration/cases/machines.ts";
import { Parameters } from "../../calibration/parameters.ts";
import type { Platform } from "../../calibration/platforms.ts";
import { type Graph, graphOf } from "../../fabric/graph.ts";
import { treeOf } from "../../fabric/tree.ts";
import { topologyOf } from "../../machines/sketch.ts";

function graphFor(machine: CaseMachine, platform: Platform, parameters: Parameters = Parameters.typical()): Graph {
  return graphOf(treeOf(topologyOf(machine, "a sketch", platform), Object.keys(machine.devices)), parameters);
}

const bridgesIn = ({ nodes }: Graph): readonly string[] =>
  nodes.flatMap(({ name }) => (name.startsWith("bridge ") ? [name] : []));

describe("The ceiling of a host bridge towards memory", () => {
  test("stands where its ports together are faster: two gen5 links of 63 GB/s and 73 GB/s", () => {
    expect(bridgesIn(graphFor(twoSwitches(X16_GEN5, 1), "amd-zen"))).toEqual([
      "bridge bridge 0.0 up",
      "bridge bridge 0.0 down",
    ]);
  });

  test("stands nowhere where they are not: one link each, or two of gen4", () => {
    expect(bridgesIn(graphFor(twoSwitches(X16_GEN5, 2), "amd-zen"))).toEqual([]);
    expect(bridgesIn(graphFor(twoSwitches(X16_GEN4, 1), "amd-zen"))).toEqual([]);
  });

  test("belongs to a platform that somebody measured it on", () => {
    expect(bridgesIn(graphFor(twoSwitches(X16_GEN5, 1), "xeon-sp"))).toEqual([]);
  });

  test("rises with its constant until it is none", () => {
    const wide = Parameters.typical().with({ "rc.amd-zen.bridge_rate": 200e9 });
    expect(bridgesIn(graphFor(twoSwitches(X16_GEN5, 1), "amd-zen", wide))).toEqual([]);
  });

  test("lies on the way of interrupts, too, which may not overtake what they announce", () => {
    const graph = graphFor(twoSwitches(X16_GEN5, 1), "amd-zen");
    const node = (name: string): number => graph.nodeOf.get(name) ?? -1;
    expect(graph.channelBetween(node("bridge bridge 0.0 up"), node("interrupts 0"))).toBeDefined();
    expect(graph.channelBetween(node("bridge bridge 0.0 up"), node("memory 0"))).toBeDefined();
  });
});
