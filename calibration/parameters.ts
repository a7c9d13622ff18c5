import { hashText } from "../sim/hash.ts";
import { Chance } from "../sim/random.ts";
import { TICKS_PER_NS, type Ticks, ticksOfNs } from "../sim/units.ts";
import type { Constant, SourceKind } from "./constant.ts";
import { constantFaults, isWholeUnit } from "./constant-faults.ts";
import { CONSTANTS, type ConstantName } from "./constants.ts";

/** A constant of a plugin's own table, "my-proposal/lock": the stroke keeps it apart from ours, which have none. */
export type PluginConstantName = `${string}/${string}`;
export type ParameterName = ConstantName | PluginConstantName;
/** Constants that a plugin brings, by name. */
export type ConstantTable = Readonly<Record<string, Constant>>;

type Draw = (name: string, constant: Constant) => number;
const NS_PER_S = 1e9;

/**
 * One value for every constant, as one repetition sees them, in the units that the model counts in. It remembers which were read, so
 * that a report can say what a number rests on. The value itself never changes: `with` and `extend` make another one.
 */
export class Parameters {
  readonly #constants: ReadonlyMap<string, Constant>;
  readonly #values: ReadonlyMap<string, number>;
  readonly #draw: Draw;
  readonly #used = new Set<string>();

  private constructor(constants: ReadonlyMap<string, Constant>, values: ReadonlyMap<string, number>, draw: Draw) {
    this.#constants = constants;
    this.#values = values;
    this.#draw = draw;
  }

  /** Every constant at its typical value. */
  static typical(extra: ConstantTable = {}): Parameters {
    return Parameters.#of((_name, constant) => constant.typical, extra);
  }

  /** Repetition 0 is typical; the others draw every constant that no specification fixes, each from a stream of its own name. */
  static drawn(seed: number, rep: number, extra: ConstantTable = {}): Parameters {
    if (!Number.isSafeInteger(rep) || rep < 0) throw new RangeError(`${rep} is not a repetition: 0, 1, 2, ...`);
    if (rep === 0) return Parameters.typical(extra);
    const chance = new Chance(seed).split(`repetition ${rep}`);
    return Parameters.#of((name, constant) => drawOne(chance, name, constant), extra);
  }

  static #of(draw: Draw, extra: ConstantTable): Parameters {
    const constants = new Map<string, Constant>(Object.entries(CONSTANTS));
    const values = new Map<string, number>();
    for (const [name, constant] of constants) values.set(name, draw(name, constant));
    return new Parameters(constants, values, draw).extend(extra);
  }

  /** These and a plugin's own constants, drawn in the same way. Nothing is read yet in the new one. */
  extend(table: ConstantTable): Parameters {
    const faults = Object.entries(table).flatMap(([name, constant]) => [
      ...this.#nameFaults(name),
      ...constantFaults(name, constant),
    ]);
    if (faults.length > 0) throw new RangeError(faults.join("\n"));
    const constants = new Map([...this.#constants, ...Object.entries(table)]);
    const values = new Map(this.#values);
    for (const [name, constant] of Object.entries(table)) values.set(name, this.#draw(name, constant));
    return new Parameters(constants, values, this.#draw);
  }

  /** These with some values replaced: what if one constant were twice as large? Nothing is read yet in the new one. */
  with(overrides: Readonly<Record<string, number>>): Parameters {
    const values = new Map(this.#values);
    for (const [name, value] of Object.entries(overrides)) {
      const { unit } = this.constant(name);
      const faults = constantFaults(name, { ...this.constant(name), low: value, typical: value, high: value });
      if (faults.length > 0) throw new RangeError(`${faults.join("\n")} (in ${unit})`);
      values.set(name, value);
    }
    return new Parameters(this.#constants, values, this.#draw);
  }

  /** A span of time, rounded once to a tick; of one page or one entry where the unit says so. */
  span(name: ParameterName): Ticks {
    return ticksOfNs(this.#read(name, ["ns", "ns/page", "ns/entry"], "span"));
  }

  /** Whole ticks for each byte, at least 1, rounded once: of a rate or of a cost per byte. */
  spanPerByte(name: ParameterName): number {
    const value = this.#read(name, ["By/s", "ns/By"], "spanPerByte");
    const ns = this.constant(name).unit === "By/s" ? NS_PER_S / value : value;
    return Math.max(1, Math.round(ns * TICKS_PER_NS));
  }

  /** A size or a count: a whole number. */
  amount(name: ParameterName): number {
    return this.#read(name, ["By", "1", "By/page"], "amount");
  }

  /** A part of a whole, from 0 to 1. */
  share(name: ParameterName): number {
    return this.#read(name, ["share"], "share");
  }

  /** How many times as large as what stands for 1. */
  ratio(name: ParameterName): number {
    return this.#read(name, ["ratio"], "ratio");
  }

  /** The bare number, in the unit that the table gives. */
  value(name: ParameterName): number {
    return this.#read(name, [this.constant(name).unit], "value");
  }

  /** The entry behind a name; asking for it is not reading its value. */
  constant(name: string): Constant {
    const constant = this.#constants.get(name);
    if (constant === undefined) throw new RangeError(`${name} is not a constant; p2peval list constants names them`);
    return constant;
  }

  /** The names whose values were read, sorted; of one kind of source where one is given. */
  used(kind?: SourceKind): readonly ParameterName[] {
    const names = [...this.#used].filter((name) => kind === undefined || this.constant(name).kind === kind);
    return names.sort() as ParameterName[];
  }

  /** Fingerprint of all values: it changes with any of them and with nothing else. */
  hash(): string {
    const lines = [...this.#values].map(([name, value]) => `${name}=${value}`);
    return hashText(lines.sort().join("\n"));
  }

  #read(name: string, units: readonly string[], method: string): number {
    const { unit } = this.constant(name);
    if (!units.includes(unit)) throw new TypeError(`${name} is in ${unit}: ${method}() reads ${units.join(", ")}`);
    this.#used.add(name);
    return this.#values.get(name) ?? Number.NaN;
  }

  *#nameFaults(name: string): Generator<string> {
    if (!name.includes("/"))
      yield `${name}: a plugin's constant is named "plugin/constant", so that it cannot be one of ours`;
    if (this.#constants.has(name)) yield `${name}: there is a constant of that name already`;
  }
}

/** A drawn count is whole; a drawn size is a multiple of whatever its three values are multiples of: stripes stay whole pages. */
function drawOne(chance: Chance, name: string, { kind, unit, low, typical, high }: Constant): number {
  if (kind === "spec") return typical;
  const value = chance.split(name).triangular(low, typical, high);
  if (!isWholeUnit(unit)) return value;
  const step = unit === "By" ? commonDivisor(low, commonDivisor(typical, high)) : 1;
  return step === 0 ? 0 : Math.round(value / step) * step;
}

const commonDivisor = (one: number, other: number): number => (other === 0 ? one : commonDivisor(other, one % other));
