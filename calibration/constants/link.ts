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
  "dllp.size": {
    unit: "By",
    low: 8,
    typical: 8,
    high: 8,
    kind: "spec",
    what: "An Ack or a flow control update on the wire: 6 B and 2 B of framing",
    source: "PCIe Base Specification, DLLP format; Ack_Size and FC_Size of pcie-bench/pcie-model",
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
