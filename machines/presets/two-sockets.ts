import type { Topology } from "../../fabric/topology.ts";
import type { Preset } from "../machine.ts";
import { build, gpu, nvme, rootPort } from "./build.ts";

const GIB = 2 ** 30;

/**
 * A two-socket Xeon Scalable server of 2017 with its drive and its GPU as far apart as they can be: every byte between them
 * crosses the socket link.
 *
 *   socket 0 ── 0000:17 ── 17:00.0 ══ 18:00.0 NVMe
 *   socket 1 ── 0000:ae ── ae:00.0 ══ af:00.0 GPU
 */
export const TWO_SOCKETS: Preset = {
  name: "two-sockets",
  title: "Xeon Scalable server, 2017, two sockets: NVMe on one, GPU on the other",
  topology: (): Topology =>
    build({
      name: "two-sockets",
      platform: "xeon-sp",
      sockets: 2,
      hostBridges: [
        { id: "0000:17", socket: 0, identity: "8086:2030" },
        { id: "0000:ae", socket: 1, identity: "8086:2030" },
      ],
      functions: [
        rootPort("0000:17:00.0", "0000:17", "root port A, socket 0"),
        nvme("0000:18:00.0", "0000:17:00.0", { generation: 3, width: 4 }),
        rootPort("0000:ae:00.0", "0000:ae", "root port A, socket 1"),
        gpu("0000:af:00.0", "0000:ae:00.0", { generation: 3, width: 16 }, 16 * GIB),
      ],
    }),
};
