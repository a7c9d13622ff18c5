import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { colorOf, looksOf } from "../../reports/palette.ts";

const HOUSE = ["staging", "map-peer-resource", "zone-device", "rdma-dma-buf", "iopmem", "hmm", "userptr-dma-buf"];

describe("the palette", () => {
  it("gives every proposal of the house a colour of its own", () => {
    expect(HOUSE.map(colorOf)).toEqual(["#4d4d4d", "#0072b2", "#d55e00", "#009e73", "#e69f00", "#cc79a7", "#56b4e9"]);
  });

  it("gives a plugin always the same colour, and never one of the house's", () => {
    expect(colorOf("my-own-idea")).toBe("#603000");
    fc.assert(
      fc.property(fc.string(), (name) => {
        if (!HOUSE.includes(name)) expect(HOUSE.map(colorOf)).not.toContain(colorOf(name));
      }),
    );
  });

  it("does not change a colour because something else is drawn beside it", () => {
    const alone = looksOf([{ proposal: "hmm", form: "as-posted" }])[0];
    const among = looksOf(HOUSE.map((proposal) => ({ proposal, form: "as-posted" })))[5];
    expect(among).toEqual(alone);
  });

  it("tells forms of one proposal apart by their markers, unknown forms too", () => {
    const forms = ["as-posted", "intended", "upstream", "draft", "second draft"];
    const looks = looksOf(forms.map((form) => ({ proposal: "zone-device", form })));
    expect(new Set(looks.map(({ color }) => color)).size).toBe(1);
    expect(new Set(looks.map(({ shape }) => shape)).size).toBe(forms.length);
  });
});
