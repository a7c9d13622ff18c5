import type { Topology } from "../../fabric/topology.ts";
import type { Preset } from "../machine.ts";
import { build, gpu, nvme, rootPort } from "./build.ts";

const GIB = 2 ** 30;

/**
 * A first-generation EPYC server of 2017 (root complex 1022:1450), whose root complex forwards both reads and writes.
 *
 *   0000:00 ─┬─ 00:01.1 ══ 01:00.0 NVMe
 *            └─ 00:03.1 ══ 02:00.0 GPU
 */
export const ZEN_ROOT_PORTS: Preset = {
  name: "zen-root-ports",
  title: "AMD Zen server, 2017: NVMe and GPU below two root ports",
  topology: (): Topology =>
    build({
      name: "zen-root-ports",
      platform: "amd-zen",
      sockets: 1,
      hostBridges: [{ id: "0000:00", socket: 0, identity: "1022:1450" }],
      functions: [
        rootPort("0000:00:01.1", "0000:00", "root port 1"),
        rootPort("0000:00:03.1", "0000:00", "root port 3"),
        nvme("0000:01:00.0", "0000:00:01.1", { generation: 3, width: 4 }),
        gpu("0000:02:00.0", "0000:00:03.1", { generation: 3, width: 16 }, 16 * GIB),
      ],
    }),
};
