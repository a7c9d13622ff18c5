import { describe, expect, it } from "vitest";
import { visible, visibleLines } from "../../cli/visible.ts";
import { scratch } from "../scratch.ts";
import { p2peval, SMALL } from "./command.ts";

describe("What is printed", () => {
  it("has nothing in it that acts on a terminal", () => {
    expect(visible("a\nb\r\t\u001b[31m\u007f\u009b\u2028\u202e")).toBe(
      "a\\nb\\r\\t\\u001b[31m\\u007f\\u009b\\u2028\\u202e",
    );
  });

  it("keeps every letter", () => {
    expect(visible("größe \u{1f600} 日本")).toBe("größe \u{1f600} 日本");
  });

  it("keeps its lines where it has some", () => {
    expect(visibleLines("a\u0007\nb\n")).toBe("a\\u0007\nb\n");
  });

  const RED = "\n\u001b[31m";
  it.each([
    ["-m", `-m=${RED}`],
    ["-p", `-p=${RED}`],
    ["-p of a plugin", `-p=./${RED}.mjs`],
    ["-w", `-w=${RED}`],
    ["--from", `--from=x${RED}x`],
    ["--total", `--total=x${RED}x`],
    ["an option", `--x${RED}x`],
  ])("is one line with %s of control characters", (_, option) => {
    const { stderr } = p2peval(["run", ...SMALL, option, "-o", scratch()]);
    expect(stderr).toContain("\\n\\u001b[31m");
    expect(stderr).not.toContain("\u001b");
  });
});
