import { type PciDev, pciDevsOf } from "../../fabric/hierarchy.ts";
import { type Passage, passageBetween } from "../../kernel/p2pdma/passage.ts";
import { isP2pdmaKernel, P2PDMA_RULES, type P2pdmaKernel, type P2pdmaRules } from "../../kernel/p2pdma/rules.ts";
import type { ExplainedHostBridge } from "../../record/explanation.ts";
import type { Scenario } from "./scenario.ts";

/** The host bridges above two devices, and what the kernel thinks of each. */
export function hostBridgesOf({ topology, kernel, from, to }: Scenario): readonly ExplainedHostBridge[] {
  const devs = pciDevsOf(topology);
  const above = [from, to].flatMap((id) => {
    const dev = devs.get(id);
    return dev ? [dev] : [];
  });
  const byBridge = new Map(above.map((dev) => [dev.hostBridge.id, dev]));
  return [...byBridge].map(([id, dev]) => {
    const bridge = topology.hostBridges.find((each) => each.id === id);
    const told = isP2pdmaKernel(kernel)
      ? opinionOn(dev, kernel, topology.platform === "amd-zen")
      : { listed: null, words: `${kernel} has no list` };
    return { id, socket: bridge?.socket ?? 0, identity: bridge?.identity ?? null, ...told };
  });
}

type Opinion = Pick<ExplainedHostBridge, "listed" | "words">;

function opinionOn(dev: PciDev, kernel: P2pdmaKernel, cpuIsZen: boolean): Opinion {
  const passage = passageBetween(dev, dev, { kernel, cpuIsZen });
  if (passage.by === "kernel") return { listed: false, words: `Linux ${kernel} has no list: it trusts no host bridge` };
  if (passage.by === "cpu") return { listed: false, words: "not asked for: the CPU is a Zen or later, which forwards" };
  return { listed: passage.open, words: inWords(passage, kernel, dev.hostBridge.first?.identity) };
}

function inWords(passage: Passage & { readonly by: "host-bridge" }, kernel: P2pdmaKernel, identity = ""): string {
  const list = `Linux ${kernel}'s list`;
  if (!passage.open) return `not on ${list}${REASONS[passage.fault]}`;
  const rules: P2pdmaRules = P2PDMA_RULES[kernel];
  const entry =
    rules.hostBridges === "never" ? undefined : rules.hostBridges.find((each) => each.identity === identity);
  return entry?.sameHostBridge ? `on ${list}, for devices below it alone` : `on ${list}`;
}

const REASONS: Readonly<Record<(Passage & { readonly open: false; readonly by: "host-bridge" })["fault"], string>> = {
  "no-ids": ": it shows no ids",
  "not-at-00.0": ": it shows its ids elsewhere than at 00.0",
  "not-listed": "",
  "same-host-bridge-only": "",
};
