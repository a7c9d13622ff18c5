import { describe, expect, test } from "vitest";
import { ACS_REDIRECT } from "../../machines/presets/acs-redirect.ts";
import { explanationText } from "../../reports/explanation-text.ts";
import { numeral } from "../../reports/numeral.ts";
import { pathLines } from "../../reports/path-lines.ts";
import { FAR_NVME, GPU0, GPU1, NVME0, oneSwitch, PORT_OF_GPU0, PORT_OF_NVME0, withBits } from "../fabric/machines.ts";
import { explained } from "../harness/explain/question.ts";

const FORMS = ["staging/pipelined", "zone-device/as-posted"];
const redirected = explained(ACS_REDIRECT.topology(), NVME0, GPU0, { forms: FORMS });
/** Paragraphs put together again. */
const flowing = (text: string): string => text.replace(/\n {4,}/g, " ");

describe("An explanation as text", () => {
  const text = explanationText(redirected);

  test("has its five sections, in order, and fits into 120 columns", () => {
    const titles = text.split("\n").filter((line) => /^\S/.test(line));
    expect(titles).toEqual([
      `nvme0 (${NVME0}) and gpu0 (${GPU0}) on acs-redirect; IOMMU off, ACS linux`,
      "Between the two",
      "What Linux 6.12 says, and what the wire does",
      "How proposals end, in Linux 4.9",
      "What would help",
    ]);
    expect(Math.max(...text.split("\n").map((line) => [...line].length))).toBeLessThanOrEqual(120);
    expect(text).toMatch(/[^\n]\n$/);
  });

  test("shows the numbers of its data", () => {
    const { bottleneck } = redirected.reach;
    for (const each of [bottleneck?.raw_bytes_per_s, bottleneck?.payload_bytes_per_s])
      expect(flowing(text)).toContain(`${numeral((each ?? Number.NaN) * 1e-9)} GB/s`);
    expect(redirected.mechanisms).toHaveLength(4);
    for (const { proposal, form, workload, status, throughput_bytes_per_s, latency_p50_ns } of redirected.mechanisms) {
      const line = text.split("\n").find((each) => each.includes(`${proposal}/${form}`) && each.includes(workload));
      expect(line).toContain(status);
      expect(line).toContain(` ${numeral((throughput_bytes_per_s ?? Number.NaN) * 1e-9)} `);
      expect(line).toContain(` ${numeral((latency_p50_ns ?? Number.NaN) * 1e-3)} `);
    }
    for (const { verdict } of redirected.directions)
      expect(text).toContain(`kernel: ${verdict?.map_type}, distance ${verdict?.distance}: `);
  });

  test("leaves out no reason, no measurement and no remedy", () => {
    for (const { reason, nearest_measurement } of redirected.mechanisms)
      for (const each of [reason, nearest_measurement ?? ""]) expect(flowing(text)).toContain(each);
    for (const { what, how, changes, gives_up } of redirected.remedies)
      for (const each of [what, ...how, ...changes, ...gives_up]) expect(flowing(text)).toContain(each);
    for (const each of redirected.without_effect) expect(flowing(text)).toContain(`without effect: ${each}`);
  });

  test("has lspci's words for ACS bits, and says where they come from", () => {
    expect(text).toContain("SrcValid ReqRedir CmpltRedir UpstreamFwd (as found)");
    expect(text).toContain("no ACS capability");
    expect(explanationText(explained(oneSwitch(), NVME0, GPU0, { iommu: "strict" }))).toContain("(derived)");
    expect(explanationText(explained(oneSwitch(), NVME0, GPU0))).toContain("no ACS bit (as found)");
  });

  test("says where verdict and wire differ, where there is no verdict, and where no workload fits", () => {
    const differing = withBits(oneSwitch(), { [PORT_OF_GPU0]: { requestRedirect: true } });
    expect(explanationText(explained(differing, NVME0, GPU0))).toContain("they differ: ");
    expect(explanationText(explained(oneSwitch(), NVME0, GPU0, { kernel: "4.9" }))).toContain(
      "no verdict: 4.9 has no pci_p2pdma",
    );
    expect(explanationText(explained(oneSwitch(), GPU0, GPU1, { workloads: [] }))).toContain("no workload joins gpu");
  });

  test("says that nothing needs help, or that nothing helps", () => {
    expect(explanationText(explained(oneSwitch(), NVME0, GPU0))).toContain("nothing needs to");
    const far = explained(oneSwitch(), FAR_NVME, GPU0);
    expect(explanationText({ ...far, remedies: [] })).toContain("nothing that p2peval knows to try");
  });
});

test("A label that does not fit stands below its line", () => {
  const { path } = explained(ACS_REDIRECT.topology(), NVME0, GPU0);
  const place = pathLines(path, 60).findIndex((line) => line.includes(PORT_OF_NVME0));
  expect(pathLines(path, 60)[place + 1]?.trim()).toBe("switch, downstream 0");
  expect(pathLines(path, 200).find((line) => line.includes(PORT_OF_NVME0))).toMatch(/ switch, downstream 0$/);
});
