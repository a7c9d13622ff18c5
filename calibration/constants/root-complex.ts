import type { Constant } from "../constant.ts";

/**
 * The root complex. Its three inner spans are a split of one measured round trip (typical values, gen3 x8, 65/512 ns a byte):
 *
 *   endpoint ═ link ═ root port ─ request ─ memory controller (DRAM) ─ response ─ root port ═ link ═ endpoint      490 ns
 *              13.0 ns            183.14             90                  183.14             20.7 ns
 *     (24 B: 3.05 ns, two ports 10 ns)                                        (84 B: 10.66 ns, two ports 10 ns)
 */
export const ROOT_COMPLEX = {
  "rc.forward_latency": {
    unit: "ns",
    low: 165,
    typical: 210,
    high: 260,
    kind: "measured",
    what: "From one root port to another that the packet is forwarded to, one way",
    source:
      "derived from 128 B peer reads in voipmonitor/rtx6kpro: Turin direct (840 - 720) / 2 + 105 = 165; WRX90 (1425 - 720) / 2 - 105 = 248; from its ping-pong 1065 - 680 - 105 - 20 = 260",
  },
  "rc.request_latency": {
    unit: "ns",
    low: 163.14,
    typical: 183.14,
    high: 209.14,
    kind: "assumed",
    what: "From a root port to the memory controller or the forwarder, one way",
    source:
      "derived: 64 B DMA reads of DRAM take 480/490/527 ns on gen3 x8 (pcie-bench/data). Less four port delays (20), 24 B + 84 B serialised (13.71) and DRAM (90), half of what is left: 183.14. Low with DRAM at 120, high at 75. The sum is measured, the split is not",
  },
  "rc.response_latency": {
    unit: "ns",
    low: 163.14,
    typical: 183.14,
    high: 209.14,
    kind: "assumed",
    what: "From the memory controller back to the root port, one way",
    source:
      "derived with rc.request_latency: the other half of the same remainder (pcie-bench/data, 64 B DMA reads of DRAM)",
  },
  "rc.xeon-snb.posted_rate": {
    unit: "By/s",
    low: 4.7e9,
    typical: 5.2e9,
    high: 6.4e9,
    kind: "assumed",
    what: "Peer writes that a Sandy Bridge-EP root complex forwards",
    source:
      "5.2 GB/s on E5-2670 in OSU's MVAPICH2-GDR slides of 2013-14, from memory; range assumed: a tenth less, and what Ivy Bridge-EP forwards",
  },
  "rc.xeon-snb.read_rate": {
    unit: "By/s",
    low: 0.25e9,
    typical: 0.8e9,
    high: 1e9,
    kind: "assumed",
    what: "Peer reads that a Sandy Bridge-EP root complex forwards",
    source: "less than 1 GB/s on E5-2670 in OSU's MVAPICH2-GDR slides of 2013-14, from memory",
  },
  "rc.xeon-ivb.posted_rate": {
    unit: "By/s",
    low: 6.4e9,
    typical: 6.4e9,
    high: 7.1e9,
    kind: "assumed",
    what: "Peer writes that an Ivy Bridge-EP root complex forwards",
    source:
      "6.4 GB/s on E5-2680 v2 in OSU's MVAPICH2-GDR slides of 2013-14, from memory; high: 7.1 GB/s measured on Broadwell-EP",
  },
  "rc.xeon-ivb.read_rate": {
    unit: "By/s",
    low: 3e9,
    typical: 3.5e9,
    high: 3.5e9,
    kind: "assumed",
    what: "Peer reads that an Ivy Bridge-EP root complex forwards",
    source: "3.5 GB/s on Ivy Bridge-EP in OSU's MVAPICH2-GDR slides of 2013-14, from memory",
  },
  "rc.xeon-bdw.posted_rate": {
    unit: "By/s",
    low: 6.4e9,
    typical: 7.1e9,
    high: 7.1e9,
    kind: "measured",
    what: "Peer writes that a Xeon E5 v3 or v4 root complex forwards",
    source:
      "7.1 GB/s on Broadwell-EP, of drives that read into memory at 9.4 (NVIDIA forum thread 55564); low: Ivy Bridge-EP's 6.4",
  },
  "rc.xeon-bdw.read_rate": {
    unit: "By/s",
    low: 3e9,
    typical: 3.5e9,
    high: 7.1e9,
    kind: "assumed",
    what: "Peer reads that a Xeon E5 v3 or v4 root complex forwards",
    source: "assumed: as Ivy Bridge-EP's, nobody is known to have published it; high: what it forwards of writes",
  },
  "rc.socket_latency": {
    unit: "ns",
    low: 25,
    typical: 27.5,
    high: 62,
    kind: "measured",
    what: "The link between two sockets, one way",
    source:
      "half of what remote memory adds to a DMA read round trip in pcie-bench/data: DRAM 50/55/59 ns; high: half of the 124 ns that a remote cache hit adds",
  },
  "rc.socket_rate": {
    unit: "By/s",
    low: 34.4e9,
    typical: 34.4e9,
    high: 51e9,
    kind: "measured",
    what: "The link between two sockets, each way",
    source:
      "Intel MLC on a 2018 Xeon, remote node, reads only: 34.4 GB/s (cncf/cnf-testbed issue 129); high: 51 GB/s peer writes between Turin sockets (voipmonitor/rtx6kpro)",
  },
  "rc.amd-zen.socket_rate": {
    unit: "By/s",
    low: 36e9,
    typical: 39e9,
    high: 51e9,
    kind: "measured",
    what: "The link between two sockets of AMD Zen, each way, as devices use it",
    source:
      "peer writes and reads between sockets in voipmonitor/rtx6kpro: Turin 51, Genoa 39, Turin behind switches 36 and 40 GB/s. Some 0.79 of one xGMI link of 16 lanes at 32 and at 25 GT/s, so that a machine's setting is likely to decide",
  },
  "rc.amd-zen.bridge_rate": {
    unit: "By/s",
    low: 64e9,
    typical: 73e9,
    high: 80e9,
    kind: "measured",
    what: "What all root ports of one host bridge of AMD Zen, a quadrant of its I/O die, exchange with memory, each way",
    source:
      "eight GPUs on one host bridge read 73.1 and write 72.9 GB/s, on two 114 and 113, all that two links carry (voipmonitor/rtx6kpro); range assumed: a tenth, as the clock of the fabric is set",
  },
  "rc.cpu_tags": {
    unit: "1",
    low: 256,
    typical: 256,
    high: 256,
    kind: "assumed",
    what: "Loads of cores that one socket's root complex may have outstanding",
    source: "assumed: eight-bit tags (PCIe Base Specification, Extended Tag); never the limit of a single core",
  },
  "rc.completion_timeout": {
    unit: "ns",
    low: 50e3,
    typical: 50e6,
    high: 210e6,
    kind: "spec",
    what: "How long a requester waits for a completion before it gives the read up",
    source:
      "PCIe Base Specification, Completion Timeout Ranges: 50 us to 50 ms where nothing is configured; Xeon hosts in pcie-bench/data configure 65-210 ms",
  },
} as const satisfies Readonly<Record<string, Constant>>;
