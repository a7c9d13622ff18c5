import type { Preset } from "./machine.ts";
import { ACS_REDIRECT } from "./presets/acs-redirect.ts";
import { CLIENT_ROOT_PORTS } from "./presets/client-root-ports.ts";
import { ONE_SWITCH } from "./presets/one-switch.ts";
import { TWO_SOCKETS } from "./presets/two-sockets.ts";
import { ZEN_ROOT_PORTS } from "./presets/zen-root-ports.ts";

/** Every machine that ships with p2peval, by the name that the command line calls it; the first is the one to begin with. */
export const PRESETS: ReadonlyMap<string, Preset> = new Map(
  [ONE_SWITCH, CLIENT_ROOT_PORTS, ZEN_ROOT_PORTS, ACS_REDIRECT, TWO_SOCKETS].map((each) => [each.name, each]),
);
