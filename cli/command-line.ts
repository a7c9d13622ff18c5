import { printAttachment } from "../machines/attach.ts";
import { printBytes, printRate } from "../sim/units.ts";
import type { RunRequest } from "./request.ts";

/** The command line that asks for a comparison again, every setting said, whatever the defaults become; quoted for a shell. */
export function commandLine(request: RunRequest): string {
  const { machines, proposals, workloads, attachments, from, to, leap } = request;
  const options: readonly (readonly [string, readonly (string | number)[]])[] = [
    ...machines.map((machine) => ["-m", ["preset" in machine ? machine.preset : machine.label]] as const),
    ...proposals.map((proposal) => ["-p", [proposal]] as const),
    ...workloads.map((workload) => ["-w", [workload]] as const),
    ...attachments.map((each) => ["--attach", [printAttachment(each)]] as const),
    ["--from", from === undefined ? [] : [from]],
    ["--to", to === undefined ? [] : [to]],
    ["--request-size", request.requestBytes.map(printBytes)],
    ["--total", [printBytes(request.totalBytes)]],
    ["--queue-depth", request.queueDepths],
    ["--reuse", request.reuses.map((reuse) => (Number.isFinite(reuse) ? reuse : "inf"))],
    ["--iommu", request.iommus],
    ["--acs", request.acs],
    ["--initiators", request.initiators],
    ["--dram-load", request.dramLoads.map(printRate)],
    ["--bar", request.bars.map((bar) => (bar === "as-found" ? bar : printBytes(bar)))],
    ["--kernel", [request.kernel]],
    ["--seed", [request.seed]],
    ["--seeds", [request.reps]],
  ];
  const words = options.flatMap(([option, values]) => (values.length === 0 ? [] : [option, quoted(values.join(","))]));
  return ["p2peval", "run", ...words, ...(leap ? [] : ["--no-leap"])].join(" ");
}

/** A word that a POSIX shell takes as it stands. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
