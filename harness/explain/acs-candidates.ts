import { ACS_OFF, type Acs, type PciFunction, type Topology } from "../../fabric/topology.ts";
import { ACS_BITS } from "./acs-words.ts";
import type { AsGood, Candidate } from "./candidate.ts";
import { ancestry, meetingPort } from "./path.ts";
import type { Scenario } from "./scenario.ts";

/** What pci=disable_acs_redir clears (pci_disable_acs_redir in drivers/pci/pci.c), and what the kernel's verdict asks for. */
const REDIRECTING: readonly (keyof Acs)[] = ["requestRedirect", "completionRedirect", "egressControl"];

/** Clearing redirection on as few of the functions up to the common bridge as will do. */
export function clearingRedirection(scenario: Scenario, asGood: AsGood): readonly Candidate[] {
  const ids = waysUp(scenario)
    .filter(redirects)
    .map(({ id }) => id);
  if (ids.length === 0) return [];
  const cleared = (of: readonly string[]): Scenario => ({ ...scenario, topology: withCleared(scenario.topology, of) });
  const all = cleared(ids);
  const needed = ids.reduce<readonly string[]>((kept, id) => {
    const fewer = kept.filter((each) => each !== id);
    return asGood(cleared(fewer), all) ? fewer : kept;
  }, ids);
  return needed.length === 0 ? [] : [clearing(scenario, needed)];
}

/** Clearing the root port alone, which is what one tries first where the root port is what one sees. */
export function clearingRootPort(scenario: Scenario): readonly Candidate[] {
  const { topology, from, to } = scenario;
  if (meetingPort(topology, from, to) === undefined) return [];
  const root = ancestry(topology, from).at(-1);
  return root?.kind === "root-port" && redirects(root) ? [clearing(scenario, [root.id])] : [];
}

/** Upstream Forwarding on the root port that both are below: without it nothing that was redirected comes back. */
export function settingUpstreamForwarding(scenario: Scenario): readonly Candidate[] {
  const { topology, from, to } = scenario;
  const root = meetingPort(topology, from, to) && ancestry(topology, from).at(-1);
  if (!root?.acs || root.acs.upstreamForwarding || root.acsOffered?.upstreamForwarding === false) return [];
  const changed = amended(topology, [root.id], (acs) => ({ ...acs, upstreamForwarding: true }));
  const how = [`setpci -s ${root.id} ECAP_ACS+6.w=${masked(["upstreamForwarding"], true)}`];
  return [
    {
      what: `set UpstreamFwd on root port ${root.id}`,
      how,
      scenario: { ...scenario, topology: changed },
      gives_up: [],
    },
  ];
}

function clearing(scenario: Scenario, ids: readonly string[]): Candidate {
  const { topology } = scenario;
  const bits = new Set(
    topology.functions.flatMap(({ id, acs }) => (ids.includes(id) ? REDIRECTING.filter((bit) => acs?.[bit]) : [])),
  );
  const names = ACS_BITS.filter(([bit]) => bits.has(bit)).map(([, name]) => name);
  return {
    what: `clear ${names.join(", ")} on ${ids.join(" and ")}`,
    how: [
      `at boot: pci=disable_acs_redir=${ids.join(";")}`,
      ...ids.map((id) => `now, before pci_p2pdma is asked: setpci -s ${id} ECAP_ACS+6.w=${masked(REDIRECTING, false)}`),
    ],
    scenario: { ...scenario, topology: withCleared(topology, ids) },
    gives_up: [],
  };
}

/** Functions from both devices up to where their ways meet, that port included: those whose bits the kernel asks for. */
function waysUp({ topology, from, to }: Scenario): readonly PciFunction[] {
  const meeting = meetingPort(topology, from, to);
  if (meeting === undefined) return [];
  const upTo = (chain: readonly PciFunction[]): readonly PciFunction[] =>
    chain.slice(0, chain.findIndex(({ id }) => id === meeting.id) + 1);
  const found = [...upTo(ancestry(topology, from)), ...upTo(ancestry(topology, to))];
  return [...new Map(found.map((each) => [each.id, each])).values()];
}

const redirects = ({ acs }: PciFunction): boolean => acs !== undefined && REDIRECTING.some((bit) => acs[bit]);

const withCleared = (topology: Topology, ids: readonly string[]): Topology =>
  amended(topology, ids, (acs) => ({
    ...acs,
    requestRedirect: false,
    completionRedirect: false,
    egressControl: false,
  }));

const amended = (topology: Topology, ids: readonly string[], change: (acs: Acs) => Acs): Topology => ({
  ...topology,
  functions: topology.functions.map((each) =>
    ids.includes(each.id) ? { ...each, acs: change(each.acs ?? ACS_OFF) } : each,
  ),
});

/** setpci's "value:mask" for some bits of the control register, 6 bytes into the capability. */
function masked(bits: readonly (keyof Acs)[], on: boolean): string {
  const mask = ACS_BITS.reduce((sum, [bit, , value]) => (bits.includes(bit) ? sum + value : sum), 0);
  const hex = (value: number): string => value.toString(16).padStart(4, "0");
  return `${hex(on ? mask : 0)}:${hex(mask)}`;
}
