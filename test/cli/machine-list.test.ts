import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DESKTOP, SERVER } from "../machines/fixture.ts";
import { scratch } from "../scratch.ts";
import { p2peval, SMALL } from "./command.ts";

/** A folder with dumps by name. */
function dumps(contents: Readonly<Record<string, string>>): string {
  const folder = scratch();
  mkdirSync(join(folder, "other"));
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(folder, name), content);
  return folder;
}

const args = (...rest: string[]): readonly string[] => ["run", ...SMALL, "-p", "staging/pipelined", ...rest];

describe("The same dump under two spellings", () => {
  it("is taken once, and a note says so", () => {
    const folder = dumps({ "a.txt": SERVER });
    const [one, other] = [join(folder, "a.txt"), `${folder}/./a.txt`];
    const { status, stdout, stderr } = p2peval(args("-m", one, "-m", other, "--json", "-o", join(folder, "out")));
    expect(status).toBe(0);
    expect(stderr).toContain(`note: ${other}: the same dump as ${one}, taken once\n`);
    const { data } = JSON.parse(stdout);
    const cells = data.invariants.map(({ cell_id, invariant }: Record<string, string>) => `${cell_id} ${invariant}`);
    expect(new Set(cells).size).toBe(cells.length);
  });
});

describe("Two machines that would look alike in every table", () => {
  it.each([
    ["two dumps", "other/a.lspci.txt", "a.txt"],
    ["a dump and a preset", "one-switch", "one-switch.txt"],
  ])("%s are refused, with how to tell them apart", (_, first, second) => {
    const folder = dumps({ "a.txt": SERVER, "other/a.lspci.txt": DESKTOP, "one-switch.txt": SERVER });
    const one = first.includes(".") ? join(folder, first) : first;
    const out = join(folder, "out");
    const { status, stdout, stderr } = p2peval(args("-m", one, "-m", join(folder, second), "-o", out));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^-m: .* and .* would both be called ".*"; rename a file to tell them apart\n$/);
  });
});
