const MOST = 3;

/** The names that differ from the wanted one by at most a third of its letters, nearest first; equals keep their order. */
export function nearest(wanted: string, names: readonly string[]): readonly string[] {
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  return names
    .map((name) => ({ name, edits: editDistance(wanted, name) }))
    .filter(({ edits }) => edits <= limit)
    .sort((left, right) => left.edits - right.edits)
    .slice(0, MOST)
    .map(({ name }) => name);
}

/** Insertions, deletions and substitutions from one text to the other (Levenshtein), row by row. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [row, letter] of [...from].entries()) {
    const here = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const kept = (above[column] ?? 0) + (letter === other ? 0 : 1);
      here.push(Math.min(kept, (above[column + 1] ?? 0) + 1, (here[column] ?? 0) + 1));
    }
    above = here;
  }
  return above.at(-1) ?? 0;
}
