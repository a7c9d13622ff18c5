import type { Result } from "../../record/result.ts";
import { median, numeral, plain, readableBytes } from "../numeral.ts";
import { groupBy } from "../order.ts";
import { measureOf, moved, ordered, payloadOf } from "../point.ts";
import { phrases, settingsOf } from "../setting.ts";
import { type Content, html, type Markup } from "./html.ts";
import { badge } from "./mechanism.ts";
import { shortTable } from "./table.ts";

/** A number of the table: its heading, and what it is of one result. */
type Column = readonly [string, (result: Result) => number | undefined, (value: number) => string];

const MOST_ROWS = 300;

const scaled =
  (metric: string, stat: string, factor: (result: Result) => number) =>
  (result: Result): number | undefined => {
    const found = measureOf(result, metric, stat);
    return found && found.value * factor(result);
  };
const perPayload = (result: Result): number => 1 / payloadOf(result);
const once = (): number => 1;

const COLUMNS: readonly Column[] = [
  ["GB/s", scaled("throughput", "mean", () => 1e-9), numeral],
  ["GB/s of all initiators", scaled("aggregate_throughput", "mean", () => 1e-9), numeral],
  ["GB/s of the DRAM load", scaled("dram_load_throughput", "mean", () => 1e-9), numeral],
  ["p50 \u00b5s", scaled("latency", "p50", () => 1e-3), numeral],
  ["p99 \u00b5s", scaled("latency", "p99", () => 1e-3), numeral],
  ["CPU ns/KiB", scaled("cpu_time_per_byte", "mean", () => 1024), numeral],
  ["DRAM read By/By", scaled("dram_read_per_byte", "mean", once), numeral],
  ["DRAM written By/By", scaled("dram_write_per_byte", "mean", once), numeral],
  ["root complex payload By/By", scaled("root_complex_payload_bytes", "total", perPayload), numeral],
  ["root complex control By/By", scaled("root_complex_control_bytes", "total", perPayload), numeral],
  ["struct pages", scaled("struct_page_bytes", "peak", once), readable],
  ["BAR window", scaled("bar_window_bytes", "peak", once), readable],
  ["pinned", scaled("pinned_bytes", "peak", once), readable],
  ["late frames", scaled("late_frames", "total", once), numeral],
];

/** The numbers of every cell whose data moved: medians where it ran several times. A column that no cell has is left out. */
export function numberTable(results: readonly Result[]): Markup {
  const lines = [...groupBy(ordered(results).filter(moved), ({ cell }) => cell.id).values()];
  if (lines.length === 0) return html`<p>No cell moved data, so there are no numbers.</p>\n`;
  const columns = COLUMNS.filter(([, quantity]) => lines.flat().some((result) => quantity(result) !== undefined));
  const { apart } = settingsOf(lines.flat().map(({ cell }) => cell));
  const place = ["use case", "machine", ...(apart.length > 0 ? ["settings"] : []), "request", "proposal / form"];
  const head = [...place, ...columns.map(([name]) => name)];
  const rows = lines.map((line): readonly Content[] => {
    const [first] = line;
    if (!first) return [];
    const { cell } = first;
    const where = [plain(cell.workload), plain(cell.machine), ...(apart.length > 0 ? [phrases(apart, cell)] : [])];
    return [...where, readable(cell.requestBytes), badge(cell), ...columns.map((column) => medianOf(line, column))];
  });
  return shortTable("Numbers of every cell whose data moved", head, rows, MOST_ROWS, place.length);
}

function medianOf(line: readonly Result[], [, quantity, print]: Column): string {
  const values = line.map(quantity).filter((value) => value !== undefined);
  return values.length === 0 ? "-" : print(median(values));
}

/** Large odd counts of bytes are easier read rounded. */
function readable(bytes: number): string {
  const exact = readableBytes(bytes);
  if (exact.length <= 8 || bytes < 1024) return exact;
  const mebi = bytes / 2 ** 20;
  return mebi >= 1 ? `${numeral(Number(mebi.toPrecision(3)))}\u00a0MiB` : `${numeral(bytes / 1024)}\u00a0KiB`;
}
