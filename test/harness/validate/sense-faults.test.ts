import { describe, expect, it } from "vitest";
import type { Case } from "../../../calibration/cases/case.ts";
import { PUBLISHED_CASES } from "../../../calibration/cases/published.ts";
import { predict } from "../../../harness/validate/predict.ts";
import { senseFaults } from "../../../harness/validate/sense-faults.ts";
import { parametersOf } from "../../../harness/validate/sharing.ts";
import { staging } from "../../../proposals/staging.ts";
import { published } from "./cases.ts";

const faultsOf = (subject: Case): readonly string[] => [...senseFaults(subject, [])].map(({ what }) => what);
const changed = (id: string, operation: object, more: object = {}): Case =>
  ({ ...published(id), ...more, operation: { ...published(id).operation, ...operation } }) as Case;

describe("A case that no machine could have been", () => {
  it("is none of those that ship", () => {
    expect(PUBLISHED_CASES.flatMap(faultsOf)).toEqual([]);
  });

  it.each([
    ["between a device and itself", changed("CANYON-002", { to: "gpu0" }), /^gpu0 and gpu0 are not 2 things$/],
    ["with one drive twice", changed("GDS-001", { drives: ["nvme0", "nvme0"] }), /nvme0 and nvme0/],
    ["with a GPU for a drive", changed("DONARD-001", { drives: ["gpu0"] }), /^gpu0 is no nvme but "gpu"$/],
    ["with a window smaller than a read", changed("PB-hsw-012", { window: 64 }), /no room for 2048 B/],
    ["of a fault of no device", changed("XESVM-001", { device: undefined }), /^no device faults$/],
    [
      "measured between ends that are upside down",
      changed("CANYON-002", {}, { measured: { value: 5, unit: "By/s", low: 9, high: 1 } }),
      /not in ascending order/,
    ],
  ])("is said to be one: %s", (_, subject, what) => {
    expect(faultsOf(subject)).toEqual([expect.stringMatching(what)]);
  });

  it("is no prediction where a double cannot tell what it comes to", () => {
    const subject = changed("MEMCPY-001", { size: 2 ** 45 });
    const platform = { title: "a machine", year: 2020, root_complex: "xeon-sp" } as const;
    expect(predict(subject, platform, parametersOf(platform), { staging })).toMatchObject({
      inexpressible: expect.stringMatching(/^beyond what the model can tell: /),
    });
  });
});
