import type { Topology } from "../fabric/topology.ts";
import { resizeBars } from "../machines/resize-bars.ts";
import type { Cell } from "../record/cell.ts";
import { acsInEffect } from "./acs-in-effect.ts";

/** A machine as the settings of its cells have it: each variant is made once, however many cells run on it. */
export class MachineVariants {
  readonly #found: Topology;
  readonly #made = new Map<string, Topology>();

  constructor(found: Topology) {
    this.#found = found;
  }

  /** Throws where a BAR has no room: whoever plans asks before. */
  under(setting: Pick<Cell, "iommu" | "acs" | "bar">): Topology {
    const key = `${setting.iommu} ${setting.acs} ${setting.bar}`;
    const made = this.#made.get(key) ?? this.#make(setting);
    this.#made.set(key, made);
    return made;
  }

  #make({ iommu, acs, bar }: Pick<Cell, "iommu" | "acs" | "bar">): Topology {
    const sized = bar === "as-found" ? this.#found : resizeBars(this.#found, bar);
    if (typeof sized === "string") throw new RangeError(sized);
    return acsInEffect(sized, iommu, acs).topology;
  }
}
