/** What was assumed or looked odd, and which functions it concerns. */
export type Remarks = Map<RemarkKind, string[]>;

/** Adds a function to those that a remark concerns. */
export function note(remarks: Remarks, kind: RemarkKind, who = ""): void {
  const concerned = remarks.get(kind) ?? [];
  remarks.set(kind, concerned);
  concerned.push(who);
}

/** One sentence for each kind of remark, in the order of the table below. */
export function sentencesOf(remarks: Remarks): readonly string[] {
  return KINDS.flatMap((kind) => {
    const concerned = remarks.get(kind);
    return concerned ? [SENTENCES[kind](listed(concerned), concerned.length)] : [];
  });
}

const NAMED = 4;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(", ");
  return names.length > NAMED ? `${shown} and ${names.length - NAMED} more` : shown;
}

const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Everything that an import may remark on: how the machine was completed first, what was left out last. */
const SENTENCES = {
  memory: () => "lspci does not say how much memory there is: 64 GiB for each socket is assumed",
  "open-end": (who) => `the text lacks lspci's closing empty line: if it was cut, what ${who} says may be incomplete`,
  "virtual-machine": (who) =>
    `this is a virtual machine (${who}): its links, its ACS bits and its root complex are the hypervisor's, not the host's`,
  "platform-unknown": (who) =>
    `the root complex (${who}) is not one that p2peval knows: the platform is unknown, writes are assumed to pass it and reads not`,
  "numa-silent": () => "no function names its NUMA node: one socket is assumed",
  "numa-partial": (who) => `no function below ${who} names its NUMA node: socket 0 is assumed`,
  "numa-many": (who) => `each NUMA node is taken to be a socket (${who}), although a socket may have several`,
  nvlink: (who) => `${who}: these GPUs also have NVLink, which real GPU to GPU traffic would use instead of PCIe`,
  "link-idle": (who) =>
    `${who}: idle GPUs lower their link's speed, so the speed that both ends are capable of is taken instead of the present one`,
  "link-clamped": (who) =>
    `${who}: a link of this generation and width is not modelled (generations 1 to 5, x1 to x16); the next lower one is taken`,
  "link-untrained": (who) =>
    `${who}: an end of the link says that it is not trained; what the other end says is taken, else what both are capable of`,
  "link-capable": (who) => `${who}: no link state, so what the link is capable of is taken`,
  "link-assumed": (who) => `${who}: no link state, so generation 3 at the width usual for its class is assumed`,
  "size-impossible": (who) =>
    `no power of two from 128 to 4096, so what a reset leaves is assumed (MaxPayload 128, MaxReadReq 512): ${who}`,
  "bar-size-assumed": (who) =>
    `${who}: no BAR sizes; 16 KiB for an NVMe and 256 MiB for a GPU's first prefetchable BAR are assumed`,
  "bar-unusable": (who) =>
    `${who}: a memory BAR is disabled, or has no legal address or size, so peers cannot reach it`,
  "bar-none": (who) => `${who}: no memory BAR is decoded, so peers cannot reach anything in it`,
  "dead-end": (who) => `${who}: the link below is active but nothing on it is described; was the text cut?`,
  "bus-claimed-twice": (who) => `${who}: another bridge claims the same bus, and comes first`,
  orphan: (who, count) =>
    `${plural(count, "function")} left out because the bridge that leads there is not in the text (${who})`,
  misplaced: (who) => `left out with all below because PCI Express does not allow them there: ${who}`,
  unreadable: (who) => `left out because it does not answer (lspci reads only ones): ${who}`,
  "virtual-function": (_, count) => `${plural(count, "SR-IOV virtual function")} left out`,
  conventional: (who, count) =>
    `${plural(count, "conventional PCI function")} behind a PCIe-to-PCI bridge left out (${who})`,
} satisfies Record<string, (who: string, count: number) => string>;

/** The key of a sentence; the reasons of lspci/tree.ts for leaving a function out are among them. */
export type RemarkKind = keyof typeof SENTENCES;

const KINDS = Object.keys(SENTENCES) as RemarkKind[];
