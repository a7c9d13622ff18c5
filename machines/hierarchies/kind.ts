/** What a node is, by one letter. */
export type Kind = keyof typeof KINDS;

interface KindRule {
  readonly title: string;
  /** What it may hang below. */
  readonly below: readonly (Kind | "host bridge")[];
  /** It may provide or use memory. */
  readonly endpoint: boolean;
}

/** Ports hang as PCIe 1.3 draws them; a PCIe-to-PCI bridge begins a world of its own, with further bridges in it. */
export const KINDS = {
  H: { title: "host bridge's own function", below: ["host bridge"], endpoint: false },
  R: { title: "root port", below: ["host bridge"], endpoint: false },
  U: { title: "switch upstream port", below: ["R", "D"], endpoint: false },
  D: { title: "switch downstream port", below: ["U"], endpoint: false },
  E: { title: "PCIe endpoint", below: ["host bridge", "R", "D"], endpoint: true },
  I: { title: "root-complex integrated endpoint", below: ["host bridge"], endpoint: true },
  B: { title: "PCIe-to-PCI bridge", below: ["host bridge", "R", "D", "B"], endpoint: false },
  C: { title: "conventional device", below: ["host bridge", "B"], endpoint: true },
} as const satisfies Readonly<Record<string, { title: string; below: readonly string[]; endpoint: boolean }>>;

export const isKind = (letter: string): letter is Kind => Object.hasOwn(KINDS, letter);

export const ruleOf = (kind: Kind): KindRule => KINDS[kind];
