import { type Topology, withAcs } from "../../fabric/topology.ts";
import type { Preset } from "../machine.ts";
import { ONE_SWITCH } from "./one-switch.ts";

/**
 * The same server as Linux boots it with an IOMMU on: source validation, request and completion redirect and upstream
 * forwarding on every port that has ACS, so the switch sends peer traffic up to the root complex.
 */
export const ACS_REDIRECT: Preset = {
  name: "acs-redirect",
  title: "Xeon Scalable server, 2017: as one-switch, with ACS redirect on as Linux sets it when an IOMMU is on",
  topology: (): Topology => ({ ...withAcs(ONE_SWITCH.topology(), "on"), name: "acs-redirect" }),
};
