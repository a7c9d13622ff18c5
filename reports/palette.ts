import { sortedBy } from "./order.ts";

/** How one series looks. */
export interface Look {
  readonly color: string;
  readonly shape: string;
  readonly dash: readonly number[];
}

interface Drawn {
  readonly proposal: string;
  readonly form: string;
}

/** Okabe and Ito's colours for the seven proposals of the house (grey for the control); the order is that of every legend. */
const PROPOSALS: ReadonlyMap<string, string> = new Map([
  ["staging", "#4d4d4d"],
  ["map-peer-resource", "#0072b2"],
  ["zone-device", "#d55e00"],
  ["rdma-dma-buf", "#009e73"],
  ["iopmem", "#e69f00"],
  ["hmm", "#cc79a7"],
  ["userptr-dma-buf", "#56b4e9"],
]);
/** For plugins: the colours found farthest from those above and from each other, to eyes with and without colour blindness. */
const OTHERS = ["#7800f0", "#000048", "#603000", "#c0a860", "#3030a8"] as const;

const FORMS = ["naive", "pipelined", "as-posted", "intended", "upstream"];
const STYLES: readonly Omit<Look, "color">[] = [
  { shape: "square", dash: [2, 3] },
  { shape: "circle", dash: [1, 0] },
  { shape: "circle", dash: [1, 0] },
  { shape: "triangle-up", dash: [7, 3] },
  { shape: "diamond", dash: [9, 3, 2, 3] },
  { shape: "triangle-down", dash: [4, 2] },
  { shape: "square", dash: [12, 3] },
  { shape: "triangle-right", dash: [2, 2, 6, 2] },
];

/** The colour of a proposal: the same in every chart, whatever else is drawn, for unknown names too. */
export function colorOf(proposal: string): string {
  return PROPOSALS.get(proposal) ?? OTHERS[hash(proposal) % OTHERS.length] ?? OTHERS[0];
}

/** The order of proposals and forms in legends and tables: the house's own first, then by name. */
export function rankOf({ proposal, form }: Drawn): readonly [number, string, number, string] {
  const place = [...PROPOSALS.keys()].indexOf(proposal);
  const formPlace = FORMS.indexOf(form);
  return [place < 0 ? PROPOSALS.size : place, proposal, formPlace < 0 ? FORMS.length : formPlace, form];
}

/** Looks for a set of series: forms keep their shape and dash unless another series of the same colour has them already. */
export function looksOf(series: readonly Drawn[]): readonly Look[] {
  const taken = new Set<string>();
  const looks = new Map<Drawn, Look>();
  for (const item of sortedBy(series, rankOf)) {
    const color = colorOf(item.proposal);
    const style = freeStyle(item, (candidate) => !taken.has(`${color} ${candidate.shape}`));
    taken.add(`${color} ${style.shape}`);
    looks.set(item, { color, ...style });
  }
  return series.map((item) => looks.get(item) as Look);
}

function freeStyle({ form }: Drawn, free: (style: Omit<Look, "color">) => boolean): Omit<Look, "color"> {
  const known = FORMS.indexOf(form);
  const first = known < 0 ? hash(form) % STYLES.length : known;
  const inTurn = STYLES.map((_, step) => STYLES[(first + step) % STYLES.length] as Omit<Look, "color">);
  return inTurn.find(free) ?? (inTurn[0] as Omit<Look, "color">);
}

/** FNV-1a over code points. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return state;
}
