import { describe, expect, test } from "vitest";
import { endpoints, endpointsByOrdinal, findEndpoint, isFound } from "../../machines/endpoints.ts";
import { ONE_SWITCH } from "../../machines/presets/one-switch.ts";

const machine = ONE_SWITCH.topology();
const idOf = (name: string): string | undefined => {
  const answer = findEndpoint(machine, name);
  return isFound(answer) ? answer.id : undefined;
};
const nearTo = (name: string): readonly string[] => {
  const answer = findEndpoint(machine, name);
  return isFound(answer) ? [] : answer.near;
};

describe("The endpoints of a machine", () => {
  test("are listed in its order, ports left out", () => {
    expect(endpoints(machine).map(({ id }) => id.slice(5))).toEqual([
      "1a:00.0",
      "1b:00.0",
      "1c:00.0",
      "1d:00.0",
      "1e:00.0",
      "1f:00.0",
      "20:00.0",
    ]);
  });

  test("are counted per role", () => {
    expect([...endpointsByOrdinal(machine).keys()]).toEqual([
      "nvme0",
      "gpu0",
      "nvme1",
      "gpu1",
      "nvme2",
      "capture0",
      "nic0",
    ]);
  });
});

describe("A name", () => {
  test.each([
    ["0000:1b:00.0", "0000:1b:00.0"],
    ["1b:00.0", "0000:1b:00.0"],
    ["1B:00.0", "0000:1b:00.0"],
    ["gpu0", "0000:1b:00.0"],
    [" GPU1 ", "0000:1d:00.0"],
    ["nvme2", "0000:1e:00.0"],
  ])("%s finds %s", (name, id) => {
    expect(idOf(name)).toBe(id);
  });

  test("without a domain finds nothing in other domains", () => {
    const functions = machine.functions.map((each) => ({ ...each, id: each.id.replace("0000:", "10000:") }));
    const moved = { ...machine, functions };
    expect(isFound(findEndpoint(moved, "1b:00.0"))).toBe(false);
    expect(isFound(findEndpoint(moved, "10000:1b:00.0"))).toBe(true);
  });

  test("that is mistyped gets the nearest names, likeliest first", () => {
    expect(nearTo("gpu")).toEqual(["gpu0", "gpu1"]);
    expect(nearTo("nvm1")[0]).toBe("nvme1");
    expect(nearTo("0000:1b:0.0")[0]).toBe("0000:1b:00.0");
  });

  test("of a port is no endpoint's", () => {
    expect(idOf("0000:19:00.0")).toBeUndefined();
  });

  test("unlike any other gets no suggestion", () => {
    expect(nearTo("the-fast-one")).toEqual([]);
    expect(nearTo("")).toEqual([]);
  });
});
