import { describe, expect, it } from "vitest";
import { readProposalName } from "../../cli/proposal-name.ts";

describe("The name of a proposal", () => {
  it.each([
    ["staging", { kind: "built-in", name: "staging", form: undefined }],
    ["staging/naive", { kind: "built-in", name: "staging", form: "naive" }],
    ["./mine.mjs", { kind: "plugin", path: "./mine.mjs", form: undefined }],
    ["mine.js/intended", { kind: "plugin", path: "mine.js", form: "intended" }],
    ["/a/node.js/mine.mjs/b", { kind: "plugin", path: "/a/node.js/mine.mjs", form: "b" }],
    ["/a/node.js/mine.mjs", { kind: "plugin", path: "/a/node.js/mine.mjs", form: undefined }],
  ])("%s is read", (text, read) => {
    expect(readProposalName(text)).toEqual(read);
  });

  it.each([
    ["staging/naive/x", "goes on after a form"],
    ["./mine.mjs/form/x", "goes on after a form"],
    ["./mine.mjs//x", "goes on after a form"],
    ["./mine.ts", "ends in .mjs or .js"],
    ["../mine/form", "ends in .mjs or .js"],
    ["/", "ends in .mjs or .js"],
    ["", "ends in .mjs or .js"],
  ])("%j is refused, with what would be right", (text, words) => {
    expect(readProposalName(text)).toContain(words);
  });
});
