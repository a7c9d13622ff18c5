import { expect, test } from "vitest";
import { columnLines } from "../../reports/columns.ts";

test("Columns are as wide as their widest text, two blanks apart, with nothing behind the last", () => {
  const rows = [
    ["a", "1", "x"],
    ["long", "100", ""],
    ["é", "", "y"],
  ];
  expect(columnLines(rows, ["left", "right", "left"])).toEqual(["a       1  x", "long  100", "é          y"]);
  expect(columnLines([], ["left"])).toEqual([]);
});
