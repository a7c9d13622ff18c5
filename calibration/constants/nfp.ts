import type { Constant } from "../constant.ts";

/**
 * The DMA engine of the adapter that pcie-bench measures with. Times per command follow from bandwidth in one direction, latencies
 * from what DMA takes beyond a single command, whose round trip (constants/root-complex.ts) knows no engine. Typical values are the
 * middle of four machines, calibration/fits.ts has each.
 */
export const NFP = {
  "nfp.command": {
    unit: "ns",
    low: 7.78,
    typical: 7.78,
    high: 7.79,
    kind: "measured",
    what: "What one DMA command takes of a bus of a Netronome NFP-6000, apart from its bytes",
    source:
      "derived from pcie-bench/data: a write takes 24.15 ns at 128 B and 40.52 ns at 256 B, where the link is not full; their line at 0 B",
  },
  "nfp.bus_rate": {
    unit: "By/s",
    low: 7.81e9,
    typical: 7.82e9,
    high: 7.82e9,
    kind: "measured",
    what: "A bus between a Netronome NFP-6000's memory and its link, each way",
    source:
      "derived from pcie-bench/data with nfp.command: 128 B in 16.37 ns. Latency agrees: 0.27 ns a byte from 1 to 2 KiB, of which the link has 0.145",
  },
  "nfp.write_interval": {
    unit: "ns",
    low: 21.1,
    typical: 21.1,
    high: 21.1,
    kind: "measured",
    what: "The least time from one DMA write of a Netronome NFP-6000 to the next",
    source: "pcie-bench/data: 24.269 Gb/s of 64 B writes on every machine, 47.4 million a second",
  },
  "nfp.request": {
    unit: "ns",
    low: 6.07,
    typical: 6.1,
    high: 6.22,
    kind: "measured",
    what: "What one read request takes of a Netronome NFP-6000's bus to its link",
    source:
      "derived from pcie-bench/data: a read and a write of 128 B take 30.2 ns together, a write alone 24.15 ns; reads alone are not held up by it",
  },
  "nfp.read_latency": {
    unit: "ns",
    low: 66.1,
    typical: 75.5,
    high: 78.6,
    kind: "measured",
    what: "From a DMA read command of a Netronome NFP-6000 to its first request",
    source:
      "derived from pcie-bench/data: 64 B by DMA less 64 B by a single command, both from the last-level cache, 114-126 ns; less nfp.request, nfp.command, 64 B of nfp.bus_rate and nfp.signal_latency",
  },
  "nfp.write_latency": {
    unit: "ns",
    low: 187.1,
    typical: 201.1,
    high: 201.1,
    kind: "measured",
    what: "From a DMA write command of a Netronome NFP-6000 until its data go on to the bus",
    source:
      "derived from pcie-bench/data: a write and a read of 8 B less the read, 200-214 ns, less nfp.command and 8 B of bus and link. It holds what the root complex needs to make the write visible, up to 110 ns, which no row of DMA tells apart",
  },
  "nfp.signal_latency": {
    unit: "ns",
    low: 17.3,
    typical: 25.6,
    high: 42.9,
    kind: "measured",
    what: "From the end of a DMA read of a Netronome NFP-6000, whose place is free then, until its program knows",
    source:
      "derived from pcie-bench/data: latency of 64 B reads less 32 over their rate (Little's law), where 32 are under way and neither bus is full",
  },
} as const satisfies Readonly<Record<string, Constant>>;
