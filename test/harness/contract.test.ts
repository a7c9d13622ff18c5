import { describe, expect, test } from "vitest";
import { Bug } from "../../harness/bug.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Form } from "../../proposals/proposal.ts";
import type { Task } from "../../sim/activity.ts";
import { altered } from "../proposals/watched.ts";
import { formOf, run } from "./cells.ts";

const ZONE_DEVICE = formOf("zone-device/as-posted");

/** One verb of which answers something else than it should. */
const answering = (verb: string, answer: unknown): Form =>
  altered(ZONE_DEVICE, () => ({
    *[verb](): Task<unknown> {
      return answer;
    },
  }));

/** Whose parts are whatever a plugin makes them: nothing here is of the type that it should be. */
const installing = (install: (kernel: Kernel) => unknown): Form => ({
  ...ZONE_DEVICE,
  install: install as Form["install"],
});

const failure = (form: Form): unknown => {
  try {
    return run({ form });
  } catch (fault) {
    return fault;
  }
};

const told = (form: Form): string => {
  const fault = failure(form);
  return fault instanceof Bug ? fault.message : expect.unreachable(`no bug, but ${fault}`);
};

const WHO = "a test's own/as-written";
const WANTED: Readonly<Record<string, string>> = {
  provide: "a provider with alloc and withdraw, or a refusal (kernel.refuse)",
  alloc: "a region with expose and free, or a refusal (kernel.refuse)",
  expose: "what resolves and retracts, or a refusal (kernel.refuse)",
  resolve: "an import with map and release, or a refusal (kernel.refuse)",
  map: "a mapping with access and unmap, or a refusal (kernel.refuse)",
  access: '"", "EIO" or a refusal (kernel.refuse)',
};

describe.each(Object.entries(WANTED))("An answer of %s", (verb, wanted) => {
  test.each([
    [undefined, "undefined"],
    [null, "null"],
    [7, "7"],
    [Number.NaN, "NaN"],
    ["ok", '"ok"'],
    [true, "a boolean"],
    [() => {}, "a function"],
    [{}, "an object with nothing in it"],
  ])("that is %s is told, with what is expected", (answer, words) => {
    expect(told(answering(verb, answer))).toBe(`${WHO}: ${verb} answered ${words}; expected is ${wanted}`);
  });

  test("that is half a refusal is told, and is none", () => {
    const half = { errno: "EIO", remedy: "try again", who: "", why: 3 };
    expect(told(answering(verb, half))).toBe(
      `${WHO}: ${verb} answered a refusal that cannot be told: its who is not a line of text, its whom is not a line of text, its why is not a line of text`,
    );
  });

  test("that is a refusal with an error that there is not is told", () => {
    const refusal = { errno: "ENOPE", who: "me", whom: "you", why: "no", remedy: "none" };
    expect(told(answering(verb, refusal))).toContain(
      `${verb} answered a refusal that cannot be told: its errno is none`,
    );
  });

  test("that is a refusal is a result", () => {
    const refusal = { errno: "EIO", who: "me", whom: "you", why: "no", remedy: "none" };
    expect(run({ form: answering(verb, refusal) })).toMatchObject({
      status: "refused",
      reason: "EIO from me for you: no; none",
    });
  });
});

describe("The ways back", () => {
  test.each(["unmap", "release", "retract", "free", "withdraw"])("cannot refuse: %s", (verb) => {
    const refusal = { errno: "EBUSY", who: "me", whom: "you", why: "no", remedy: "none" };
    expect(told(answering(verb, refusal))).toBe(
      `${WHO}: ${verb} answered a refusal; expected is nothing: it cannot refuse`,
    );
  });
});

describe("A verb that is no generator", () => {
  test.each([
    ["nothing", () => undefined],
    ["a text", () => "done"],
    ["an array", () => [1, 2]],
    ["a promise", () => Promise.resolve()],
  ])("and returns %s is told, with how to write it", (_, provide) => {
    expect(told(installing(() => ({ provide })))).toBe(`${WHO}: provide is no generator; write *provide() { ... }`);
  });

  test("and is not there is told by what should have it", () => {
    for (const answer of [undefined, 3, {}, { provide: 1 }])
      expect(told(installing(() => answer))).toContain(`${WHO}: install answered`);
  });
});

describe("A number that is none", () => {
  const calling = (call: (kernel: Kernel) => Task<unknown>): Form =>
    altered(ZONE_DEVICE, (kernel) => ({
      *access(go): Task<unknown> {
        yield* call(kernel);
        return yield* go();
      },
    }));

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])("is refused as a count of operations: %d", (count) => {
    expect(failure(calling(({ cpu }) => cpu.run("cpu.syscall", count)))).toMatchObject({
      message: `cpu.run("cpu.syscall", ${count}): a count is a whole number from 0 up`,
    });
  });

  test.each([0, 5, 5e9, -2, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "is refused as a span that a task sleeps: %d",
    (span) => {
      const form = calling(function* (): Task<void> {
        yield span;
      });
      expect(failure(form)).toMatchObject({
        message: expect.stringContaining(`a task yielded ${span}: only primitives yield`),
      });
    },
  );
});
