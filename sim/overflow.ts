/** A quantity left the range that doubles hold exactly. The cell is refused: a wrong number is never reported. */
export class Overflow extends Error {
  constructor(what: string) {
    super(`${what} exceeds 2^53 and could not be told exactly`);
    this.name = "Overflow";
  }
}

export const exact = (value: number, what: string): number => {
  if (value > Number.MAX_SAFE_INTEGER) throw new Overflow(what);
  return value;
};
