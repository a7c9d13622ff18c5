import type { Topology } from "../../fabric/topology.ts";
import type { Preset } from "../machine.ts";
import { build, gpu, nvme, rootPort } from "./build.ts";

const MIB = 2 ** 20;

/**
 * A Skylake desktop of 2016 (host bridge 8086:191f): the machine of many on the 2016 thread. No switch, and a GPU whose window
 * is the 256 MiB that 32-bit firmware could place.
 *
 *   0000:00 ─┬─ 00:01.0 ══ 01:00.0 GPU
 *            └─ 00:1d.0 ══ 02:00.0 NVMe
 */
export const CLIENT_ROOT_PORTS: Preset = {
  name: "client-root-ports",
  title: "Intel desktop, 2016: NVMe and GPU (256 MiB BAR) below two root ports",
  topology: (): Topology =>
    build({
      name: "client-root-ports",
      platform: "intel-client",
      sockets: 1,
      hostBridges: [{ id: "0000:00", socket: 0, identity: "8086:191f" }],
      functions: [
        rootPort("0000:00:01.0", "0000:00", "processor root port"),
        rootPort("0000:00:1d.0", "0000:00", "second root port"),
        gpu("0000:01:00.0", "0000:00:01.0", { generation: 3, width: 16 }, 256 * MIB),
        nvme("0000:02:00.0", "0000:00:1d.0", { generation: 3, width: 4 }),
      ],
    }),
};
