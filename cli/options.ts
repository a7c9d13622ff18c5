import { CONSTANTS } from "../calibration/constants.ts";
import { nearest } from "../machines/nearest.ts";
import { LARGEST_BAR, LEAST_BAR } from "../machines/resize-bars.ts";
import type { AcsSetting, BarSetting, IommuMode } from "../record/cell.ts";
import { type Bytes, bytes, parseBytes, parseRate, printBytes, printRate } from "../sim/units.ts";
import { type Complaints, EXIT } from "./exit-status.ts";

const IOMMU_MODES: readonly IommuMode[] = ["off", "lazy", "strict", "passthrough"];
const ACS_SETTINGS: readonly AcsSetting[] = ["as-found", "off", "on", "linux"];
/** The largest queue that the driver offers. */
const DEEPEST_QUEUE = 1024;
/** More devices than a machine has ports for. */
const MOST_INITIATORS = 64;

/** What each option takes, as its help and its errors say it. */
export const RANGES = {
  size: "a size like 4KiB, 1MiB or 65536",
  queueDepth: `a whole number from 1 to ${DEEPEST_QUEUE}`,
  reuse: "a whole number from 1 to 2^40, or inf",
  bar: `as-found, or a power of two from ${printBytes(LEAST_BAR)} to ${printBytes(LARGEST_BAR)}`,
  seed: [0, 2 ** 31 - 1],
  seeds: [1, 1000],
  jobs: [1, 256],
} as const;

/** "0 to 2147483647". */
export const rangeWords = ([least, most]: Range): string => `${least} to ${most}`;

type Range = readonly [number, number];

/** Reads the values of options, adding to the complaints what cannot be read. */
export class OptionReader {
  readonly #complaints: Complaints;
  constructor(complaints: Complaints) {
    this.#complaints = complaints;
  }

  sizes(option: string, text: string): readonly Bytes[] {
    return this.#list(option, text, (item) => parseBytes(item), RANGES.size);
  }

  /** One size; where it cannot be read, one that gives no cause for a second complaint. */
  size(option: string, text: string): Bytes {
    return this.#one(option, this.sizes(option, text)) ?? bytes(Number.MAX_SAFE_INTEGER);
  }

  queueDepths(text: string): readonly number[] {
    return this.#list("--queue-depth", text, (item) => wholeWithin(item, 1, DEEPEST_QUEUE), RANGES.queueDepth);
  }

  reuses(text: string): readonly number[] {
    const read = (item: string): number | undefined =>
      item === "inf" ? Number.POSITIVE_INFINITY : wholeWithin(item, 1, 2 ** 40);
    return this.#list("--reuse", text, read, RANGES.reuse);
  }

  initiators(text: string): readonly number[] {
    const read = (item: string): number | undefined => wholeWithin(item, 1, MOST_INITIATORS);
    return this.#list("--initiators", text, read, `a whole number from 1 to ${MOST_INITIATORS}`);
  }

  /** No more than memory has ever done: beyond that the question is a slip of the unit. */
  dramLoads(text: string): readonly number[] {
    const most = CONSTANTS["host.dram_rate"].high;
    const read = (item: string): number | undefined => {
      const rate = parseRate(item);
      return rate !== undefined && rate <= most ? rate : undefined;
    };
    const right = `0 or a rate like 40GB/s, up to the ${printRate(most)} of a socket's memory (host.dram_rate)`;
    return this.#list("--dram-load", text, read, right);
  }

  iommus(text: string): readonly IommuMode[] {
    return this.#choices("--iommu", text, IOMMU_MODES);
  }

  acs(text: string): readonly AcsSetting[] {
    return this.#choices("--acs", text, ACS_SETTINGS);
  }

  bars(text: string): readonly BarSetting[] {
    const read = (item: string): BarSetting | undefined => (item === "as-found" ? item : barSize(item));
    return this.#list("--bar", text, read, RANGES.bar);
  }

  whole(option: string, text: string, range: Range): number {
    const [least, most] = range;
    const right = `a whole number from ${rangeWords(range)}`;
    return (
      this.#one(
        option,
        this.#list(option, text, (item) => wholeWithin(item, least, most), right),
      ) ?? least
    );
  }

  kernel(text: string): string {
    if (text !== "4.9") this.#wrong("--kernel", text, "4.9, the only kernel in this version (6.12 is to come)");
    return text;
  }

  #one<T>(option: string, values: readonly T[]): T | undefined {
    if (values.length <= 1) return values[0];
    this.#complaints.add(`${option}: takes one value, not ${values.length}`, EXIT.usage);
    return undefined;
  }

  #choices<T extends string>(option: string, text: string, choices: readonly T[]): readonly T[] {
    return this.#list(
      option,
      text,
      (item) => choices.find((choice) => choice === item),
      `one of ${choices.join(", ")}`,
      choices,
    );
  }

  #list<T>(
    option: string,
    text: string,
    read: (item: string) => T | undefined,
    right: string,
    choices: readonly string[] = [],
  ): readonly T[] {
    const values: T[] = [];
    for (const item of text.split(",").map((each) => each.trim())) {
      const value = read(item);
      if (value === undefined) this.#wrong(option, item, right, nearest(item, choices));
      else if (!values.includes(value)) values.push(value);
    }
    return values;
  }

  #wrong(option: string, item: string, right: string, near: readonly string[] = []): void {
    const meant = near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
    this.#complaints.add(`${option}: "${item}" is not ${right}${meant}`, EXIT.usage);
  }
}

function barSize(text: string): Bytes | undefined {
  const size = parseBytes(text);
  const isOne = size !== undefined && size >= LEAST_BAR && size <= LARGEST_BAR && Math.log2(size) % 1 === 0;
  return isOne ? size : undefined;
}

function wholeWithin(text: string, least: number, most: number): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
}
