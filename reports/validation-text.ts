import type { Decision, NapkinScore, Score, ValidationReport, ValidationRow } from "../record/validation.ts";
import { type Align, columnLines } from "./columns.ts";
import { plain } from "./numeral.ts";
import { quantity } from "./quantity.ts";

/** The report of a validation: rows by class, what cannot be expressed, platforms, scores, sweeps, decisions. */
export function validationText(report: ValidationReport): string {
  const sections = [
    rowLines(report.rows),
    missingLines(report.rows),
    leftOutLines(report.rows),
    unexpressedLines(report.unexpressed),
    sharedLines(report.rows),
    platformLines(report),
    scoreLines(report.scores),
    sweepLines(report),
    decisionLines(report.decisions),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

const ROW_HEAD = [
  "case",
  "metric",
  "measured",
  "predicted",
  "error",
  "0.9 link",
  "pcie-model",
  "standing",
  "platform",
  "parameters",
  "source",
];
const ROW_ALIGN: readonly Align[] = [
  "left",
  "left",
  "right",
  "right",
  "right",
  "right",
  "right",
  "left",
  "left",
  "right",
  "left",
];

function rowLines(rows: readonly ValidationRow[]): readonly string[] {
  const classes = [...new Set(rows.map((row) => row.class))];
  const ordered = classes.flatMap((each) => rows.filter((row) => row.class === each && row.predicted !== null));
  const lines = columnLines([ROW_HEAD, ...ordered.map(cellsOf)], ROW_ALIGN);
  const [head = "", ...rest] = lines;
  return [
    head,
    ...rest.flatMap((line, place) =>
      ordered[place]?.class === ordered[place - 1]?.class ? [line] : [`-- ${ordered[place]?.class}`, line],
    ),
  ];
}

const cellsOf = (row: ValidationRow): readonly string[] => [
  row.id,
  row.metric,
  quantity(row.measured, row.unit),
  row.predicted === null ? "-" : quantity(row.predicted, row.unit),
  row.unit === "1" ? verdictOf(row) : percent(row.error),
  percent(row.napkin_link_error),
  percent(row.napkin_pcie_model_error),
  row.standing === "held out" ? `held out: ${percent(row.held_out_error)}` : row.standing,
  row.platform,
  row.parameters.length === 0 ? "-" : String(row.parameters.length),
  plain(row.origin),
];

const verdictOf = ({ error }: ValidationRow): string => (error === 0 ? "right" : "wrong");

function percent(error: number | null): string {
  if (error === null) return "-";
  const sign = error > 0 ? "+" : "";
  return `${sign}${(100 * error).toFixed(Math.abs(error) < 0.1 ? 1 : 0)} %`;
}

const size = (error: number | null): string => (error === null ? "-" : percent(error).replace("+", ""));

function missingLines(rows: readonly ValidationRow[]): readonly string[] {
  const missing = rows.filter(({ inexpressible }) => inexpressible !== null);
  if (missing.length === 0) return [];
  const reasons = [...new Set(missing.map(({ inexpressible }) => inexpressible ?? ""))];
  return [
    `Cannot be expressed (${missing.length} rows):`,
    ...reasons.map((reason) => {
      const ids = missing.filter(({ inexpressible }) => inexpressible === reason).map(({ id }) => id);
      return `  ${ids.join(", ")}: ${plain(reason)}`;
    }),
  ];
}

/** As many ids as a line names. */
const NAMED = 8;

/** What a prediction leaves out, with the rows that it is left out of. */
function leftOutLines(rows: readonly ValidationRow[]): readonly string[] {
  const predicted = rows.filter(({ predicted: value }) => value !== null);
  const reasons = [...new Set(predicted.flatMap(({ left_out }) => left_out))];
  if (reasons.length === 0) return [];
  return [
    "Left out where these were predicted:",
    ...reasons.map((reason) => {
      const ids = predicted.filter(({ left_out }) => left_out.includes(reason)).map(({ id }) => id);
      const more = ids.length > NAMED ? ` and ${ids.length - NAMED} more` : "";
      return `  ${plain(reason)}: ${ids.slice(0, NAMED).join(", ")}${more}`;
    }),
  ];
}

/** What was published and is no case at all. */
function unexpressedLines(rows: ValidationReport["unexpressed"]): readonly string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ id, what, reason, source }) => [id, plain(what), `${plain(reason)} (${plain(source)})`]);
  return [
    `Published and no case (${rows.length}):`,
    ...columnLines(lines, ["left", "left", "left"]).map((line) => `  ${line}`),
  ];
}

/** Rows by the constants that they share their source with. */
function sharedLines(rows: readonly ValidationRow[]): readonly string[] {
  const shared = rows.filter(({ standing }) => standing === "shared" || standing === "held out");
  if (shared.length === 0) return [];
  const keys = [
    ...new Set(shared.map(({ standing, shared_constants }) => `${standing}: ${shared_constants.join(", ")}`)),
  ];
  return [
    "Decided by constants that rest on the row's own source (shared: left out of the scores; held out: fitted anew without it):",
    ...keys.map((key) => {
      const count = shared.filter((row) => `${row.standing}: ${row.shared_constants.join(", ")}` === key).length;
      return `  ${key}: ${count === 1 ? "1 row" : `${count} rows`}`;
    }),
  ];
}

function platformLines({ platforms }: ValidationReport): readonly string[] {
  const rows = platforms.map(({ name, title, rows: count, free_parameters, fitted, parameters }) => [
    name,
    `${free_parameters} free`,
    count === 1 ? "1 row" : `${count} rows`,
    fitted ? "fitted: not scored" : "",
    `${plain(title)}${parameters.map(({ constant, value, source }) => `; ${constant} = ${value} (${plain(source)})`).join("")}`,
  ]);
  return ["Platforms: free parameters beside rows", ...columnLines(rows, ["left", "right", "right", "left", "left"])];
}

function scoreLines(scores: readonly Score[]): readonly string[] {
  const sets = [...new Set(scores.map(({ set }) => set))];
  const head = [
    "class",
    "rows",
    "scored",
    "median",
    "worst",
    "of",
    "0.9 link",
    "pcie-model",
    "as calibrated: scored / all",
  ];
  const aligns: readonly Align[] = ["left", "right", "right", "right", "right", "left", "right", "right", "right"];
  return sets.flatMap((set, place) => [
    ...(place === 0 ? [] : [""]),
    `Scores, ${set}: absolute relative errors, napkin models on the same rows (median / worst)`,
    ...columnLines([head, ...scores.filter((score) => score.set === set).map((score) => scoreCells(score))], aligns),
  ]);
}

const scoreCells = (score: Score): readonly string[] => [
  score.class,
  String(score.rows),
  String(score.scored),
  size(score.median),
  size(score.worst),
  score.worst_id ?? "-",
  napkin(score.napkin_link),
  napkin(score.napkin_pcie_model),
  `${size(score.median_scored_as_calibrated)} / ${size(score.median_as_calibrated)}`,
];

const napkin = ({ rows, median, worst }: NapkinScore): string =>
  rows === 0 ? "-" : `${size(median)} / ${size(worst)}`;

function sweepLines({ sweeps }: ValidationReport): readonly string[] {
  if (sweeps.length === 0) return [];
  const rows = sweeps.map(({ host, rows: count, mean, napkin_link, napkin_pcie_model }) => [
    host,
    String(count),
    size(mean),
    size(napkin_link),
    size(napkin_pcie_model),
  ]);
  return [
    "Size sweeps, mean absolute error by host",
    ...columnLines(
      [["host", "rows", "mean", "0.9 link", "pcie-model"], ...rows],
      ["left", "right", "right", "right", "right"],
    ),
  ];
}

function decisionLines(decisions: readonly Decision[]): readonly string[] {
  if (decisions.length === 0) return [];
  const count = (wanted: Decision["verdict"]): number => decisions.filter(({ verdict }) => verdict === wanted).length;
  const judged = decisions.length - count("cannot be expressed");
  const level = decisions.filter(({ verdict, measured_winner: winner }) => verdict === "right" && winner === "level");
  const rest = (["undecided", "missed", "wrong", "confidently wrong", "cannot be expressed"] as const).map(
    (verdict) => `${count(verdict)} ${verdict}`,
  );
  return [
    `Decisions, without the rows' own sources where that can be: ${count("right")} of ${judged} right (${level.length} of them that neither leads), ${rest.join(", ")}`,
    "  A lead below 5 % is none: level. undecided: level where less than 25 % was measured; missed: where more was;",
    "  wrong: the other one leads; confidently wrong: by 25 % or more. (s): a constant that decides a row rests on its source alone.",
    ...columnLines(
      [
        ["verdict", "question", "measured", "predicted"],
        ...decisions.map((each) => [
          each.shared ? `${each.verdict} (s)` : each.verdict,
          plain(each.question),
          outcome(each.measured_winner, each.measured_factor),
          each.predicted_winner === null ? "-" : outcome(each.predicted_winner, each.predicted_factor ?? 1),
        ]),
      ],
      ["left", "left", "left", "left"],
    ),
  ];
}

const outcome = (winner: string, factor: number): string =>
  winner === "level" ? "level" : `${winner} by ${factor < 100 ? factor.toFixed(2) : "far"}`;
