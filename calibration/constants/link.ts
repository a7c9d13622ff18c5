import type { Constant } from "../constant.ts";

/** Links, packets, flow control and switches. */
export const LINK = {
  "link.port_delay": {
    unit: "ns",
    low: 5,
    typical: 5,
    high: 20,
    kind: "assumed",
    what: "What one port adds to each crossing of its link: PHY, trace and connector, apart from serialisation",
    source:
      "alexforencich/cocotbext-pcie SimPort.port_delay (5 ns), a simulator's default; the high end allows for a retimer",
  },
  "link.credit_latency": {
    unit: "ns",
    low: 20,
    typical: 60,
    high: 115,
    kind: "assumed",
    what: "From a packet leaving the receive buffer until the UpdateFC that returns its credits is sent",
    source:
      "assumed, below the internal delay in PCIe's UpdateFC latency formula: 115 symbol times from gen3 on, so 115 ns at 8 GT/s and 29 ns at 32 GT/s (table in cocotbext-pcie port.py)",
  },
  "link.cut_through_bytes": {
    unit: "By",
    low: 32,
    typical: 32,
    high: 32,
    kind: "assumed",
    what: "The least part of a packet that must be in before a switch may send it on",
    source:
      "assumed: one internal word of a wide switch core; a 4DW header with its framing is 24 B, so less cannot be routed",
  },
  "link.skp_share": {
    unit: "share",
    low: 4 / 1538,
    typical: 4 / 1538,
    high: 4 / 1538,
    kind: "spec",
    what: "The part of a link's time that SKP ordered sets take, which keep the two clocks together",
    source:
      "PCIe Base Specification: one ordered set at least every 1538 symbol times up to gen2, every 375 blocks from gen3 on; pcie-bench/pcie-model takes 4 / 1538 for all",
  },
  "link.efficiency": {
    unit: "share",
    low: 0.9175,
    typical: 0.9625,
    high: 0.98,
    kind: "measured",
    what: "The part of a link's remaining time that a saturated sender fills with packets",
    source:
      "0.948 of writes and 0.950 of reads on five Xeons, gen3 x8 (pcie-bench/data, 512 B to 2 KiB, less SKP); 0.979 on gen5 x16 (voipmonitor/rtx6kpro, 56.26 GB/s in packets of 256 B); the middle of the two; low: 0.9175 on gen4 x16, if its packets are of 256 B (dev-canyon1). Nobody says what fills the gap: it is the same in both directions",
  },
  "tlp.framing": {
    unit: "By",
    low: 8,
    typical: 8,
    high: 8,
    kind: "spec",
    what: "Start token, sequence number and LCRC of every packet on a link without FLIT mode",
    source:
      "PCIe Base Specification, data link and physical layer; the same 8 B in cocotbext-pcie and pcie-bench/pcie-model",
  },
  "tlp.header_3dw": {
    unit: "By",
    low: 12,
    typical: 12,
    high: 12,
    kind: "spec",
    what: "Header of a completion, or of a request below 4 GiB",
    source: "PCIe Base Specification, TLP formats (3 DW header); cocotbext-pcie tlp.py agrees",
  },
  "tlp.header_4dw": {
    unit: "By",
    low: 16,
    typical: 16,
    high: 16,
    kind: "spec",
    what: "Header of a memory request at or above 4 GiB",
    source: "PCIe Base Specification, TLP formats (4 DW header); cocotbext-pcie tlp.py agrees",
  },
  "tlp.ecrc": {
    unit: "By",
    low: 4,
    typical: 4,
    high: 4,
    kind: "spec",
    what: "End-to-end CRC at the end of a packet, where its maker adds one",
    source: "PCIe Base Specification, TLP Digest rules (2.7.1): one double word",
  },
  "dllp.size": {
    unit: "By",
    low: 8,
    typical: 8,
    high: 8,
    kind: "spec",
    what: "An Ack or a flow control update on the wire: 6 B and 2 B of framing",
    source: "PCIe Base Specification, DLLP format; Ack_Size and FC_Size of pcie-bench/pcie-model",
  },
  "dllp.ack_every": {
    unit: "1",
    low: 1,
    typical: 4,
    high: 6,
    kind: "assumed",
    what: "Packets that a receiver acknowledges with one Ack",
    source:
      "assumed: a receiver may wait for its ack timer, 203 symbol times on gen3 x8 with packets of 256 B, in which 5.8 of them arrive (PCIe Base Specification, table of Ack latency limits); counted, not timed, so that a steady stream recurs",
  },
  "dllp.latency_limit": {
    unit: "ns",
    low: 50,
    typical: 206,
    high: 1000,
    kind: "spec",
    what: "How long a receiver may keep an Ack or an UpdateFC back, waiting for more packets to tell of",
    source:
      "PCIe Base Specification, Ack and UpdateFC latency limits: 203 symbol times on gen3 x8 with packets of 256 B; other links have others, of which one value stands for all",
  },
  "link.replay_timer": {
    unit: "ns",
    low: 150,
    typical: 618,
    high: 3000,
    kind: "spec",
    what: "How long a sender waits for an Ack after a packet until it sends again; only injected errors make it expire",
    source:
      "PCIe Base Specification, REPLAY_TIMER limits (3.6.2.1): three times the Ack latency limit, 609 symbol times on gen3 x8 with packets of 256 B; three times dllp.latency_limit at each end",
  },
  "dllp.update_every": {
    unit: "1",
    low: 1,
    typical: 4,
    high: 6,
    kind: "assumed",
    what: "Packets with data whose credits a receiver returns with one UpdateFC",
    source:
      "assumed, as dllp.ack_every: the UpdateFC latency limit is the same 203 symbol times on gen3 x8 with packets of 256 B (PCIe Base Specification, 2.6.1.2)",
  },
  "dllp.update_every_request": {
    unit: "1",
    low: 4,
    typical: 32,
    high: 67,
    kind: "assumed",
    what: "Read requests whose credits a receiver returns with one UpdateFC",
    source:
      "assumed: in the 203 symbol times of the UpdateFC latency limit, gen3 x8 carries 67 requests of 24 B back to back; with data between them fewer",
  },
  "rcb.root": {
    unit: "By",
    low: 64,
    typical: 64,
    high: 128,
    kind: "spec",
    what: "Read Completion Boundary of a root port",
    source:
      "PCIe Base Specification, Link Control RCB: 64 B or 128 B; 64 B on all 291 ports in the lspci dumps of pcie-bench/data",
  },
  "rcb.other": {
    unit: "By",
    low: 128,
    typical: 128,
    high: 128,
    kind: "spec",
    what: "Read Completion Boundary of every completer that is not a root port",
    source: "PCIe Base Specification: endpoints complete on 128 B boundaries",
  },
  "credits.posted_header": {
    unit: "1",
    low: 16,
    typical: 64,
    high: 128,
    kind: "assumed",
    what: "Posted packets that one receiver takes before it returns a credit",
    source:
      "default of cocotbext-pcie (64); a recent Intel R-tile advertises 784 (user guide 683501), older ports fewer",
  },
  "credits.posted_data": {
    unit: "1",
    low: 64,
    typical: 1024,
    high: 1456,
    kind: "assumed",
    what: "Posted payload that one receiver takes, in units of 16 B; never less than its Max_Payload_Size",
    source:
      "default of cocotbext-pcie (1024); Intel R-tile advertises 1456 (user guide 683501), small ports as few as 64",
  },
  "credits.nonposted_header": {
    unit: "1",
    low: 16,
    typical: 64,
    high: 256,
    kind: "assumed",
    what: "Read requests that one receiver takes before it returns a credit",
    source: "default of cocotbext-pcie (64); no published figure for switches of 2016",
  },
  "credits.completion_header": {
    unit: "1",
    low: 64,
    typical: 64,
    high: 64,
    kind: "assumed",
    what: "Completions that a switch port takes; endpoints and root ports advertise no limit",
    source:
      "default of cocotbext-pcie's switch ports (bridge.py); the specification only exempts endpoints and root ports",
  },
  "credits.completion_data": {
    unit: "1",
    low: 1024,
    typical: 1024,
    high: 1024,
    kind: "assumed",
    what: "Completion payload that a switch port takes, in units of 16 B",
    source:
      "default of cocotbext-pcie's switch ports (bridge.py); the specification only exempts endpoints and root ports",
  },
  "switch.latency": {
    unit: "ns",
    low: 85,
    typical: 110,
    high: 150,
    kind: "paper",
    what: "From a packet's head at the ingress of a switch until it may leave, cut through",
    source:
      "PLX PEX8747 product brief (at most 100 ns, x16 to x16); Microsemi Switchtec 85-140 ns (andre-richter/pcie-lat issue 4); 105 ns a hop follows from peer reads of voipmonitor/rtx6kpro",
  },
} as const satisfies Readonly<Record<string, Constant>>;
