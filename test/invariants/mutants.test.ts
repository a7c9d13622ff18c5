import { describe, expect, test } from "vitest";
import type { Listener } from "../../harness/run-cell.ts";
import type { World } from "../../harness/world.ts";
import { INVARIANTS } from "../../invariants/index.ts";
import type { PinnedPages } from "../../kernel/gup.ts";
import type { PageRange } from "../../kernel/pages.ts";
import type { Form, Mapping } from "../../proposals/proposal.ts";
import type { Event } from "../../record/event.ts";
import type { Task } from "../../sim/activity.ts";
import { bytes, ticks } from "../../sim/units.ts";
import { brokenIn, formOf, KIB, machineOf, run, type Words } from "../harness/cells.ts";
import { altered } from "../proposals/watched.ts";

const ZONE_DEVICE = formOf("zone-device/as-posted");

/** Something broken on a real machine: a proposal, the wiring, or what the history is told. */
interface Mutant {
  readonly what: string;
  readonly breaks: string;
  readonly words: Words;
  readonly listen?: Listener;
}

/** The history with other events in the place of some. */
const retold =
  (tell: (event: Event, n: number) => readonly Event[]): Listener =>
  ({ history }: World) => {
    const note = history.note.bind(history);
    const heard = new Map<string, number>();
    history.note = (event): void => {
      const n = (heard.get(event.kind) ?? 0) + 1;
      heard.set(event.kind, n);
      for (const each of tell(event, n)) note(each);
    };
  };

const unmappingEarly: Form = altered(ZONE_DEVICE, () => ({
  *access(go, noun): Task<unknown> {
    yield* (noun as Mapping).unmap();
    return yield* go();
  },
  *unmap(): Task<void> {},
}));

const leakingOnce: Form = altered(ZONE_DEVICE, (kernel) => ({
  *unmap(go): Task<unknown> {
    kernel.table.set("unmapped", kernel.table.get("unmapped") + 1);
    return kernel.table.get("unmapped") === 7 ? undefined : yield* go();
  },
}));

const keepingOnePage: Form = altered(ZONE_DEVICE, (kernel) => ({
  *alloc(go): Task<unknown> {
    const page = kernel.memory.alloc(0, 4 * KIB);
    if (page) kernel.pages.get(page);
    return yield* go();
  },
}));

/** get_user_pages just works, and so does a buffered read(2) into the same address: a CPU copies to device pages. */
const readingThroughTheCache: Form = altered(ZONE_DEVICE, (kernel) => {
  let pages: PageRange | undefined;
  return {
    *resolve(go): Task<unknown> {
      const held = yield* go();
      pages = (held as { readonly pinned: PinnedPages }).pinned.range;
      return held;
    },
    *access(go): Task<unknown> {
      const drive = kernel.device("0000:1a:00.0");
      if (drive) yield* kernel.pageCache.read(drive, 4 * KIB, pages);
      return yield* go();
    },
  };
});

const MUTANTS: readonly Mutant[] = [
  {
    what: "a proposal that unmaps before the transfer",
    breaks: "no-dma-after-unmap",
    words: { form: unmappingEarly },
  },
  {
    what: "a harness that says it served fewer bytes",
    breaks: "bytes-conserved",
    words: {},
    listen: retold((event, n) => (event.kind === "served" && n === 5 ? [{ ...event, length: bytes(1) }] : [event])),
  },
  {
    what: "a harness that ends a request twice",
    breaks: "every-request-ends",
    words: {},
    listen: retold((event, n) =>
      event.kind === "served" && n === 5
        ? [event, { kind: "refused", at: event.at, request: event.request, errno: "EIO", why: "twice" }]
        : [event],
    ),
  },
  {
    what: "a proposal that leaks the seventh mapping",
    breaks: "reference-balance",
    words: { form: leakingOnce },
  },
  {
    what: "a proposal that keeps a page of system memory",
    breaks: "reference-balance",
    words: { form: keepingOnePage },
  },
  {
    what: "a link that loses a credit",
    breaks: "credits-restored",
    words: {},
    listen: ({ clock, fabric }): void => {
      const link = fabric.graph.channels.findIndex(({ label }) => label === "0000:1a:00.0 up");
      const lose = function* (): Task<void> {
        const { credit } = fabric.engine;
        credit[link * 5] = (credit[link * 5] ?? 0) - 1;
      };
      clock.spawnAt(ticks(100), "a flipped bit", lose());
    },
  },
  {
    what: "a root complex that does not forward to the other socket",
    breaks: "sound-delivery",
    words: { machine: { ...machineOf("two-sockets"), platform: "xeon-ivb" } },
  },
  {
    what: "a program that reads through the page cache into device pages",
    breaks: "no-cpu-copy-of-device-pages",
    words: { form: readingThroughTheCache },
  },
];

describe("Of the mutants", () => {
  test("every invariant has one that it catches", () => {
    expect([...new Set(MUTANTS.map(({ breaks }) => breaks))].sort()).toEqual(INVARIANTS.map(({ name }) => name).sort());
  });

  test("none breaks anything before it is broken", () => {
    expect(brokenIn(run({}))).toEqual([]);
    expect(brokenIn(run({ machine: "two-sockets" }))).toEqual([]);
    expect(run({}).verdicts.map(({ verdict }) => verdict)).toEqual(INVARIANTS.map(() => "holds"));
  });

  test.each(MUTANTS)("$what breaks $breaks and nothing else", ({ breaks, words, listen }) => {
    const outcome = run(words, listen);
    expect(brokenIn(outcome)).toEqual([breaks]);
    expect(outcome.verdicts.find(({ invariant }) => invariant === breaks)?.because).not.toBe("");
    if (listen === undefined) expect(brokenIn(run({ ...words, leap: true }))).toEqual([breaks]);
  });
});
