/** Which side of a column its texts stand on. */
export type Align = "left" | "right";

/** Rows as lines of aligned columns, two blanks apart; the last column runs free. */
export function columnLines(rows: readonly (readonly string[])[], aligns: readonly Align[]): readonly string[] {
  const widths = aligns.map((_, column) => Math.max(0, ...rows.map((row) => [...(row[column] ?? "")].length)));
  return rows.map((row) =>
    aligns
      .map((align, column) => padded(row[column] ?? "", widths[column] ?? 0, align))
      .join("  ")
      .trimEnd(),
  );
}

function padded(text: string, width: number, align: Align): string {
  const space = " ".repeat(Math.max(0, width - [...text].length));
  return align === "right" ? space + text : text + space;
}
