import { FirstBreach, type Invariant } from "./invariant.ts";

export const noCpuCopyOfDevicePages: Invariant = {
  contract: 1,
  name: "no-cpu-copy-of-device-pages",
  statement: "No CPU copies to or from pages of a device: code that knows nothing of them would take them for memory.",
  watch: (history) => {
    const breach = new FirstBreach();
    history.on("submitted", () => breach.saw());
    history.on("cpu-copied", ({ first, count, device }) => {
      breach.saw();
      if (device) breach.breach(`a CPU copied through ${count} device pages from page ${first.toString(16)} on`);
    });
    return {
      verdict: () => breach.finding("no CPU copied to or from a device's pages", "nothing was ever asked for"),
      writeState: (out) => breach.writeState(out),
    };
  },
};
