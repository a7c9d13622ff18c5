import type { Link, Topology } from "../../fabric/topology.ts";
import type { Preset } from "../machine.ts";
import { build, capture, downstreamPort, gpu, nic, nvme, rootPort, upstreamPort } from "./build.ts";

const GIB = 2 ** 30;
const X4: Link = { generation: 3, width: 4 };
const X8: Link = { generation: 3, width: 8 };
/** Room for a ring of frames of 2160p. */
const FRAME_STORE = 128 * 2 ** 20;
const X16: Link = { generation: 3, width: 16 };

/**
 * A Xeon Scalable server of 2017 (Skylake-SP root ports A and C, 8086:2030 and 2032) with what peer to peer was drawn for: a
 * switch above two drives and two GPUs. The third drive, elsewhere, is the pair that has to cross the root complex.
 *
 *   0000:17 ─┬─ 17:00.0 ══ 18:00.0 ─┬─ 19:00.0 ══ 1a:00.0 NVMe
 *            │                      ├─ 19:01.0 ══ 1b:00.0 GPU
 *            │                      ├─ 19:02.0 ══ 1c:00.0 NVMe
 *            │                      ├─ 19:03.0 ══ 1d:00.0 GPU
 *            │                      ├─ 19:04.0 ══ 1f:00.0 capture card, with a frame store that a BAR shows
 *            │                      └─ 19:05.0 ══ 20:00.0 network adapter, 100 Gb/s
 *            └─ 17:02.0 ══ 1e:00.0 NVMe
 */
export const ONE_SWITCH: Preset = {
  name: "one-switch",
  title:
    "Xeon Scalable server, 2017: two NVMe, two GPUs, a capture card and a network adapter behind one gen3 switch, one NVMe beside it; ACS off",
  topology: (): Topology =>
    build({
      name: "one-switch",
      platform: "xeon-sp",
      sockets: 1,
      hostBridges: [{ id: "0000:17", socket: 0, identity: "8086:2030" }],
      functions: [
        rootPort("0000:17:00.0", "0000:17", "root port A"),
        rootPort("0000:17:02.0", "0000:17", "root port C"),
        upstreamPort("0000:18:00.0", "0000:17:00.0", X16, "switch, upstream"),
        downstreamPort("0000:19:00.0", "0000:18:00.0", "switch, downstream 0"),
        downstreamPort("0000:19:01.0", "0000:18:00.0", "switch, downstream 1"),
        downstreamPort("0000:19:02.0", "0000:18:00.0", "switch, downstream 2"),
        downstreamPort("0000:19:03.0", "0000:18:00.0", "switch, downstream 3"),
        downstreamPort("0000:19:04.0", "0000:18:00.0", "switch, downstream 4"),
        downstreamPort("0000:19:05.0", "0000:18:00.0", "switch, downstream 5"),
        nvme("0000:1a:00.0", "0000:19:00.0", X4),
        gpu("0000:1b:00.0", "0000:19:01.0", X16, 16 * GIB),
        nvme("0000:1c:00.0", "0000:19:02.0", X4),
        gpu("0000:1d:00.0", "0000:19:03.0", X16, 16 * GIB),
        nvme("0000:1e:00.0", "0000:17:02.0", X4),
        capture("0000:1f:00.0", "0000:19:04.0", X8, FRAME_STORE),
        nic("0000:20:00.0", "0000:19:05.0", X16),
      ],
    }),
};
