import type { Case, CasePlatform, Suite } from "../../calibration/cases/case.ts";
import type { Constant } from "../../calibration/constant.ts";
import { constantFaults } from "../../calibration/constant-faults.ts";
import { CONSTANTS, type ConstantName } from "../../calibration/constants.ts";
import { nearest } from "../../machines/nearest.ts";
import { sketchFaults } from "../../machines/sketch.ts";
import type { Path, SuiteFault } from "./issue-words.ts";
import { senseFaults } from "./sense-faults.ts";

/** What no schema can say: names that lead nowhere, units that do not fit, machines that are none. */
export function suiteFaults(suite: Suite, known: Readonly<Record<string, CasePlatform>>): readonly SuiteFault[] {
  const platforms = { ...known, ...suite.platforms };
  return [
    ...suite.cases.flatMap((each, index) => [
      ...caseFaults(each, ["cases", index], Object.keys(platforms)),
      ...senseFaults(each, ["cases", index]),
    ]),
    ...twice(suite.cases),
    ...contrastFaults(suite),
    ...Object.entries(suite.platforms ?? {}).flatMap(([name, each]) => [
      ...parameterFaults(each, ["platforms", name, "parameters"], suite.cases),
    ]),
  ];
}

function twice(cases: readonly Case[]): readonly SuiteFault[] {
  const seen = new Set<string>();
  return cases.flatMap(({ id }, index) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [
      { path: ["cases", index, "id"], what: `there is a case ${id} already`, remedy: "give it an id of its own" },
    ];
  });
}

function contrastFaults({ cases, contrasts = [] }: Suite): readonly SuiteFault[] {
  const metrics = new Map(cases.map(({ id, metric }) => [id, metric]));
  return contrasts.flatMap(({ between }, index) => {
    const path = ["contrasts", index, "between"];
    if (between[0] === between[1])
      return [{ path, what: `${between[0]} is contrasted with itself`, remedy: "name two cases of this file" }];
    const lost = between.flatMap((id, place) =>
      metrics.has(id)
        ? []
        : [{ path: [...path, place], what: `there is no case ${id}`, remedy: "name two cases of this file" }],
    );
    const alike = metrics.get(between[0]) === metrics.get(between[1]);
    if (lost.length > 0 || alike) return lost;
    return [{ path, what: "the two cases have different metrics", remedy: "two cases with the same metric are right" }];
  });
}

const UNITS: Readonly<Record<Case["metric"], Case["measured"]["unit"]>> = {
  bandwidth: "By/s",
  latency: "ns",
  time: "ns",
  rate: "1/s",
  success: "1",
};

const METRICS: Readonly<Record<Case["operation"]["kind"], readonly Case["metric"][]>> = {
  dma: ["bandwidth", "latency"],
  flows: ["bandwidth", "latency", "success"],
  "ping-pong": ["latency"],
  "staged copy": ["bandwidth", "latency"],
  storage: ["bandwidth", "rate", "latency"],
  "cpu copy": ["bandwidth", "latency"],
  "cpu ping-pong": ["latency"],
  "memory copy": ["bandwidth"],
  rdma: ["bandwidth", "latency"],
  "per-I/O": ["rate"],
  "map and unmap": ["time"],
  pin: ["time"],
  register: ["time"],
  "pin device memory": ["time"],
  migrate: ["time"],
};

function* caseFaults(subject: Case, path: Path, platforms: readonly string[]): Generator<SuiteFault> {
  const { platform, metric, measured, operation, machine } = subject;
  if (!platforms.includes(platform))
    yield {
      path: [...path, "platform"],
      what: `there is no platform "${platform}"`,
      remedy: `describe it under platforms${hint(platform, platforms)}`,
    };
  if (measured.unit !== UNITS[metric])
    yield {
      path: [...path, "measured", "unit"],
      what: `${metric} is not in ${measured.unit}`,
      remedy: `${UNITS[metric]} is right`,
    };
  if (metric !== "success" && measured.value === 0)
    yield {
      path: [...path, "measured", "value"],
      what: "0 leaves no relative error",
      remedy: "a value above 0 is right",
    };
  if (!METRICS[operation.kind].includes(metric))
    yield {
      path: [...path, "metric"],
      what: `${operation.kind} has no ${metric}`,
      remedy: `${METRICS[operation.kind].join(" or ")} is right`,
    };
  for (const { path: place, what } of machine ? sketchFaults(machine) : [])
    yield { path: [...path, "machine", ...place], what, remedy: "name one of its switches" };
  yield* endFaults(subject, path);
  yield* flightFaults(operation, [...path, "operation", "in_flight"]);
}

/** So little under way that what is to go on at the same time could not. */
function* flightFaults(operation: Case["operation"], path: Path): Generator<SuiteFault> {
  if (operation.kind === "dma" && operation.access === "read and write" && operation.in_flight < 2)
    yield {
      path,
      what: "with 1 operation under way reads and writes take turns, and neither direction has a rate of its own",
      remedy: "2 or more is right: one each way at a time",
    };
  if (operation.kind === "per-I/O") {
    const { in_flight, batch = 1, cores = 1 } = operation;
    const least = cores * (cores > 1 ? batch : 1);
    if (in_flight < least)
      yield {
        path,
        what: `${in_flight} under way${batch > 1 ? ` in batches of ${batch}` : ""} are not enough for ${cores} cores`,
        remedy: `${least} or more is right`,
      };
  }
}

/** Devices that an operation names and the machine lacks. */
function* endFaults({ operation, machine }: Case, path: Path): Generator<SuiteFault> {
  const devices = Object.keys(machine?.devices ?? {});
  const sockets = machine === undefined ? 1 : socketsOf(machine);
  for (const [place, name] of endsOf(operation)) {
    const socket = /^memory (\d)$/.exec(name)?.[1];
    if (socket !== undefined && Number(socket) >= sockets)
      yield {
        path: [...path, "operation", ...place],
        what: `the machine has no socket ${socket}`,
        remedy: `it has as many as places name, ${sockets}; machine.sockets says otherwise`,
      };
    if (!/^memory \d$/.test(name) && !devices.includes(name))
      yield {
        path: [...path, "operation", ...place],
        what: `the machine has no device "${name}"`,
        remedy: devices.length === 0 ? "describe it under machine.devices" : `${devices.join(" or ")} is there`,
      };
  }
}

/** As many sockets as a machine says, or as its places name. */
function socketsOf({ sockets = 1, devices, switches = {} }: NonNullable<Case["machine"]>): number {
  const places = [...Object.values(devices), ...Object.values(switches)].map(({ below }) => below);
  return Math.max(sockets, ...places.map((below) => ("socket" in below ? below.socket + 1 : 1)));
}

function endsOf(operation: Case["operation"]): readonly (readonly [Path, string])[] {
  switch (operation.kind) {
    case "flows":
      return operation.flows.flatMap(({ from, to }, index) => [
        [["flows", index, "from"], from] as const,
        [["flows", index, "to"], to] as const,
      ]);
    case "ping-pong":
      return operation.between.map((name, index) => [["between", index], name] as const);
    case "staged copy":
      return [
        [["from"], operation.from],
        [["to"], operation.to],
      ];
    case "rdma":
      return [
        ...operation.adapters.map((name, index) => [["adapters", index], name] as const),
        [["from"], operation.from] as const,
        [["to"], operation.to] as const,
      ];
    case "storage":
      return [
        ...operation.drives.map((name, index) => [["drives", index], name] as const),
        [["with"], operation.with] as const,
      ];
    default:
      return "device" in operation && operation.device !== undefined ? [[["device"], operation.device]] : [];
  }
}

function* parameterFaults(
  { parameters = [] }: CasePlatform,
  path: Path,
  cases: readonly Case[],
): Generator<SuiteFault> {
  const ids = new Set(cases.map(({ id }) => id));
  for (const [index, { constant, value, kind, source, fitted_from = [] }] of parameters.entries()) {
    const known = isConstant(constant) ? CONSTANTS[constant] : undefined;
    if (known === undefined)
      yield {
        path: [...path, index, "constant"],
        what: `there is no constant "${constant}"`,
        remedy: `p2peval list constants names them${hint(constant, Object.keys(CONSTANTS))}`,
      };
    else {
      yield* farFaults(value, known, [...path, index, "value"]);
      for (const fault of constantFaults(constant, { ...known, kind, source, low: value, typical: value, high: value }))
        yield { path: [...path, index, "value"], what: fault, remedy: `a value in ${known.unit} is right` };
    }
    for (const [place, id] of fitted_from.entries())
      if (!ids.has(id))
        yield {
          path: [...path, index, "fitted_from", place],
          what: `there is no case ${id}`,
          remedy: "name cases of this file",
        };
  }
}

/** A thousand times beyond its range a value is likely to be in another unit. */
const FAR = 1000;

function* farFaults(value: number, { low, high, unit }: Constant, path: Path): Generator<SuiteFault> {
  if (value > high * FAR || value < low / FAR)
    yield {
      path,
      what: `${value} ${unit} is far from what is known of it, ${low} to ${high} ${unit}`,
      remedy: `give it in ${unit}`,
    };
}

const isConstant = (name: string): name is ConstantName => name in CONSTANTS;

function hint(wanted: string, names: readonly string[]): string {
  const near = nearest(wanted, names);
  return near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
}
