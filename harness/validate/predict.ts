import type { Case, CasePlatform } from "../../calibration/cases/case.ts";
import type { Parameters } from "../../calibration/parameters.ts";
import { type Sketch, topologyOf } from "../../machines/sketch.ts";
import type { Prediction } from "../../record/validation.ts";
import { Overflow } from "../../sim/overflow.ts";
import { Bench, Inexpressible } from "./bench.ts";
import { cpuCopy } from "./cpu-copy.ts";
import { cpuPingPong } from "./cpu-ping-pong.ts";
import { dma } from "./dma.ts";
import { flows } from "./flows.ts";
import { mapUnmap } from "./map-unmap.ts";
import { memoryCopy } from "./memory-copy.ts";
import { memoryFor } from "./memory-need.ts";
import { migrate } from "./migrate.ts";
import { perIo } from "./per-io.ts";
import { pingPong } from "./ping-pong.ts";
import { pin, register } from "./pinning.ts";
import type { Kit, Outturn } from "./prediction.ts";
import { rdma } from "./rdma.ts";
import { type Attempt, predictionOn } from "./root-complex.ts";
import { stagedCopy } from "./staged-copy.ts";
import { storage } from "./storage.ts";

/** A machine for cases in which no device takes part. */
const BARE: Sketch = { devices: {}, sockets: 1 };

/** Runs a case on a fresh machine; or says why it cannot be run. */
export function predict(subject: Case, platform: CasePlatform, parameters: Parameters, kit: Kit): Prediction {
  return predictionOn(platform.root_complex, subject.metric, (rootComplex) =>
    attempt(subject, rootComplex, parameters, kit),
  );
}

function attempt(subject: Case, rootComplex: CasePlatform["root_complex"], parameters: Parameters, kit: Kit): Attempt {
  const { configuration = {}, machine = BARE } = subject;
  const sketch = { ...machine, memory: memoryFor(subject) };
  let bench: Bench | undefined;
  const ended = (prediction: Prediction): Attempt => ({
    prediction,
    crossed: bench?.crossed ?? false,
    lost: (bench?.lost ?? 0) > 0,
  });
  try {
    bench = new Bench(topologyOf(sketch, subject.platform, rootComplex, configuration.acs), configuration, parameters);
    const outturn = conduct(bench, subject, kit);
    return ended(Number.isFinite(outturn.value) ? outturn : { inexpressible: "nothing of it came to an end" });
  } catch (error) {
    if (error instanceof Inexpressible) return ended({ inexpressible: error.message });
    // Sizes and spans that a double cannot tell exactly are refused, never rounded.
    if (error instanceof RangeError || error instanceof Overflow)
      return ended({ inexpressible: `beyond what the model can tell: ${error.message}` });
    throw error;
  }
}

/** The experiment for an operation's kind. */
function conduct(bench: Bench, subject: Case, kit: Kit): Outturn {
  const { operation } = subject;
  switch (operation.kind) {
    case "dma":
      return dma(bench, { ...subject, operation });
    case "flows":
      return flows(bench, { ...subject, operation });
    case "ping-pong":
      return pingPong(bench, { ...subject, operation });
    case "staged copy":
      return stagedCopy(bench, { ...subject, operation }, kit);
    case "storage":
      return storage(bench, { ...subject, operation }, kit);
    case "cpu copy":
      return cpuCopy(bench, { ...subject, operation });
    case "cpu ping-pong":
      return cpuPingPong(bench, { ...subject, operation });
    case "memory copy":
      return memoryCopy(bench, { ...subject, operation });
    case "rdma":
      return rdma(bench, { ...subject, operation });
    case "per-I/O":
      return perIo(bench, { ...subject, operation });
    case "map and unmap":
      return mapUnmap(bench, { ...subject, operation });
    case "pin":
      return pin(bench, { ...subject, operation });
    case "register":
      return register(bench, { ...subject, operation });
    case "migrate":
      return migrate(bench, { ...subject, operation });
    case "pin device memory":
      throw new Inexpressible(
        "pinning a GPU's memory is its own driver's work (nvidia_p2p_get_pages), which is closed: 43 to 1346 us are published for the same 64 KiB",
      );
  }
}
