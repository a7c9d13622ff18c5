import type { InputFault } from "../machine.ts";
import { readRegions } from "./bars.ts";
import type { LspciRecord } from "./record.ts";

type Finding = Omit<InputFault, "column">;

/** Addresses that a function answers to; those of another domain are others. */
interface Claim {
  readonly id: string;
  readonly domain: number;
  readonly line: number;
  readonly first: number;
  readonly last: number;
}

/**
 * Two functions that answer to the same address: no machine runs like that, so the text is of two machines, or was edited. What a bridge
 * forwards is no claim of its own; disabled and unassigned BARs claim nothing; those of virtual functions do.
 */
export function* overlaps(records: readonly LspciRecord[]): Generator<Finding> {
  const claims = records
    .flatMap(claimsOf)
    .sort((left, right) => left.domain - right.domain || left.first - right.first);
  let widest: Claim | undefined;
  for (const claim of claims) {
    if (widest?.domain !== claim.domain) widest = undefined;
    if (widest && widest.last >= claim.first && widest.id !== claim.id) yield told(widest, claim);
    if (widest === undefined || claim.last > widest.last) widest = claim;
  }
}

function claimsOf(record: LspciRecord): readonly Claim[] {
  const { id, address } = record;
  return readRegions(record).flatMap(({ line, base, size }) =>
    base !== undefined && size ? [{ id, domain: address.domain, line, first: base, last: base + size - 1 }] : [],
  );
}

const told = (one: Claim, other: Claim): Finding => ({
  line: other.line,
  what: `${other.id} has a BAR at ${range(other)}, within reach of ${one.id}'s at ${range(one)} (line ${one.line})`,
  remedy: "give one machine, captured once and as it runs",
});

const range = ({ first, last }: Claim): string => `0x${first.toString(16)}-0x${last.toString(16)}`;
