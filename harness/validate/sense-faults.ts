import type { Case } from "../../calibration/cases/case.ts";
import type { Path, SuiteFault } from "./issue-words.ts";

/** What a case says that no machine could have done: ends that are one, devices of another kind, ranges upside down. */
export function* senseFaults(subject: Case, path: Path): Generator<SuiteFault> {
  yield* sameFaults(subject, [...path, "operation"]);
  yield* roleFaults(subject, [...path, "operation"]);
  yield* rangeFaults(subject, [...path, "measured"]);
  yield* nameFaults(subject, [...path, "machine", "devices"]);
  const { operation } = subject;
  if (operation.kind === "migrate" && operation.by === "device fault" && operation.device === undefined)
    yield { path: [...path, "operation"], what: "no device faults", remedy: "name one: device: gpu0" };
  if (operation.kind === "dma" && operation.window < operation.size)
    yield {
      path: [...path, "operation", "window"],
      what: `a window of ${operation.window} B has no room for ${operation.size} B`,
      remedy: "the bytes over which the addresses are spread, at least one operation's",
    };
}

/** Two ends, or two of a list, that are the same thing. */
function* sameFaults({ operation }: Case, path: Path): Generator<SuiteFault> {
  for (const [place, names] of pairsOf(operation))
    if (new Set(names).size < names.length)
      yield {
        path: [...path, ...place],
        what: `${names.join(" and ")} are not ${names.length} things`,
        remedy: "name each once",
      };
}

function pairsOf(operation: Case["operation"]): readonly (readonly [Path, readonly string[]])[] {
  switch (operation.kind) {
    case "flows":
      return operation.flows.map(({ from, to }, index) => [
        ["flows", index],
        [from, to],
      ]);
    case "staged copy":
      return [[["to"], [operation.from, operation.to]]];
    case "ping-pong":
      return [[["between"], operation.between]];
    case "storage":
      return [[["drives"], operation.drives]];
    case "rdma":
      // The machine may stand for two hosts, so both memories may have one name.
      return [[["adapters"], operation.adapters]];
    default:
      return [];
  }
}

/** Drives that are none, and network adapters. */
function* roleFaults({ operation, machine }: Case, path: Path): Generator<SuiteFault> {
  const wanted: readonly (readonly [Path, string, "nvme" | "nic"])[] =
    operation.kind === "storage"
      ? operation.drives.map((name, index) => [["drives", index], name, "nvme"] as const)
      : operation.kind === "per-I/O"
        ? [[["device"], operation.device, "nvme"]]
        : operation.kind === "rdma"
          ? operation.adapters.map((name, index) => [["adapters", index], name, "nic"] as const)
          : [];
  for (const [place, name, role] of wanted) {
    const found = machine?.devices[name]?.role;
    if (found !== undefined && found !== role)
      yield {
        path: [...path, ...place],
        what: `${name} is no ${role} but "${found}"`,
        remedy: `a device with role: ${role}`,
      };
  }
}

function* rangeFaults({ measured }: Case, path: Path): Generator<SuiteFault> {
  const { value, low = value, high = value } = measured;
  if (low > value || value > high)
    yield {
      path,
      what: `low ${low}, value ${value}, high ${high} are not in ascending order`,
      remedy: "the ends of what was published, and its middle",
    };
  if (value > 0 && value < SMALLEST)
    yield {
      path: [...path, "value"],
      what: `${value} is smaller than anything measured`,
      remedy: "0, or the value in base units",
    };
}

const SMALLEST = 1e-9;

/** A switch and a device of one name. */
function* nameFaults({ machine }: Case, path: Path): Generator<SuiteFault> {
  for (const name of Object.keys(machine?.switches ?? {}))
    if (machine?.devices[name] !== undefined)
      yield { path: [...path, name], what: `${name} is a switch, too`, remedy: "give it a name of its own" };
}
