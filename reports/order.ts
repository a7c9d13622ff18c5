/** Orders text by code point, the same in every locale. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const left = a[Symbol.iterator]();
  const right = b[Symbol.iterator]();
  for (;;) {
    const x = left.next();
    const y = right.next();
    if (x.done || y.done) return x.done ? -1 : 1;
    if (x.value !== y.value) return (x.value.codePointAt(0) ?? 0) - (y.value.codePointAt(0) ?? 0);
  }
}

/** What an item is sorted by: a number, text, or text that is worked out only when everything before it is equal. */
export type Key = string | number | (() => string);

/** Sorts a copy by several keys; the order of the input shows only between items whose keys are all equal. */
export function sortedBy<T>(items: readonly T[], keys: (item: T) => readonly Key[]): readonly T[] {
  const keyed = items.map((item) => ({ item, keys: keys(item) }));
  return keyed.sort((a, b) => compareKeys(a.keys, b.keys)).map(({ item }) => item);
}

/** The distinct values of a list, in code point order. */
export function distinct(values: Iterable<string>): readonly string[] {
  return [...new Set(values)].sort(compareText);
}

/** Puts the items that share a key together; the groups come in the order of their first item. */
export function groupBy<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group) group.push(item);
    else groups.set(key(item), [item]);
  }
  return groups;
}

function compareKeys(a: readonly Key[], b: readonly Key[]): number {
  for (const [index, x] of a.entries()) {
    const y = b[index] ?? "";
    const order =
      typeof x === "number" && typeof y === "number" ? compareNumbers(x, y) : compareText(textOf(x), textOf(y));
    if (order !== 0) return order;
  }
  return 0;
}

const textOf = (key: Key): string => (typeof key === "function" ? key() : String(key));

/** A difference would not do: it makes no number of two infinities. */
const compareNumbers = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);
