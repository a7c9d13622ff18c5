/** A task goes on and on. What it has seen is its state, and no task that ends has seen that much. */
export class Endless extends Error {
  constructor(name: string, operations: number) {
    super(`${name} has gone on for ${operations} operations and answers without an end`);
    this.name = "Endless";
  }
}
