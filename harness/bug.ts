/** Somebody's code, ours or a plugin's, broke the rules of the house: not a result. */
export class Bug extends Error {
  constructor(what: string) {
    super(what);
    this.name = "Bug";
  }
}
