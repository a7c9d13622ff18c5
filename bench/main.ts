import { Bench } from "tinybench";
import { cellOf } from "./cells.ts";
import { pump } from "./engine.ts";

/**
 * Speed and memory of the simulator. Figures are CPU seconds (user + system) and depend on the host; the ratios between rows do not.
 * Nothing is asserted: a timed test would only tell how busy the machine was.
 */
const REQUESTS = 262_144;
const PUMPED = 2 ** 30;

interface Figure {
  readonly cpuSeconds: number;
  readonly unit: string;
  readonly perSecond: number;
}

const figures = new Map<string, Figure[]>();

function measured(name: string, unit: string, work: () => number): () => void {
  return () => {
    const before = process.cpuUsage();
    const amount = work();
    const spent = process.cpuUsage(before);
    const cpuSeconds = (spent.user + spent.system) / 1e6;
    const known = figures.get(name) ?? [];
    known.push({ cpuSeconds, unit, perSecond: amount / cpuSeconds });
    figures.set(name, known);
  };
}

const bench = new Bench({ iterations: 3, time: 0, warmup: false });
const add = (name: string, unit: string, work: () => number): void => void bench.add(name, measured(name, unit, work));

add("TLP engine: 1 GiB of posted writes through one switch", "TLP", () => pump(PUMPED));
for (const iommu of ["off", "lazy", "strict"] as const) {
  add(`${REQUESTS} x 4 KiB, queue depth 32, IOMMU ${iommu}, leaping`, "requests", () =>
    served(cellOf(4096, REQUESTS, true, iommu)),
  );
}
add(`${REQUESTS} x 4 KiB, queue depth 32, IOMMU off, every request`, "requests", () =>
  served(cellOf(4096, REQUESTS, false)),
);
add("1 TiB in requests of 1 MiB, leaping", "requests", () => served(cellOf(2 ** 20, 2 ** 20, true)));

function served(cell: ReturnType<typeof cellOf>): number {
  const outcome = cell.run();
  if (outcome.status !== "completed") throw new Error(`${outcome.status}: ${outcome.reason}`);
  return cell.cell.totalBytes / cell.cell.requestBytes;
}

await bench.run();
for (const task of bench.tasks) {
  if (task.result.state === "errored") throw task.result.error;
  const runs = [...(figures.get(task.name) ?? [])].sort((a, b) => a.cpuSeconds - b.cpuSeconds);
  const median = runs[Math.floor(runs.length / 2)];
  if (median)
    process.stdout.write(
      `${task.name.padEnd(62)} ${median.cpuSeconds.toFixed(3).padStart(8)} s CPU  ${(median.perSecond / 1e6).toFixed(3).padStart(8)} M ${median.unit}/s\n`,
    );
}
process.stdout.write(`peak memory of all of it: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\n`);
