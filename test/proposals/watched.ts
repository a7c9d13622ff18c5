import type { Kernel } from "../../kernel/kernel.ts";
import { isRefusal } from "../../kernel/refusal.ts";
import type { Form, Mechanism } from "../../proposals/proposal.ts";
import type { Task } from "../../sim/activity.ts";

/** Runs in place of a verb: `go` is what the verb would have done, `noun` the thing that it was asked of. */
export type Stead = (go: () => Task<unknown>, noun: object) => Task<unknown>;

/** Hears of every verb of a mechanism as it returns, with what it answered. */
export type Ear = (verb: string, answer: unknown) => void;

/** The same form with other verbs in the place of some: a broken proposal in a line. */
export const altered = (form: Form, steads: (kernel: Kernel) => Readonly<Record<string, Stead>>): Form => ({
  ...form,
  install: (kernel): Mechanism => around(form.install(kernel), steads(kernel), () => {}),
});

/** The same form, every noun of which is frozen as soon as it is handed out, and whose verbs are told. */
export const watched = (form: Form, ear: Ear = () => {}): Form => ({
  ...form,
  install: (kernel): Mechanism => around(form.install(kernel), {}, ear),
});

function around<T extends object>(noun: T, steads: Readonly<Record<string, Stead>>, ear: Ear): T {
  Object.freeze(noun);
  const get = (_nothing: object, verb: string | symbol): unknown => {
    const method: unknown = Reflect.get(noun, verb);
    if (typeof method !== "function") return method;
    const stead = steads[String(verb)];
    return function* (...given: unknown[]): Task<unknown> {
      const go = (): Task<unknown> => Reflect.apply(method, noun, given) as Task<unknown>;
      const answer: unknown = yield* stead ? stead(go, noun) : go();
      ear(String(verb), answer);
      return typeof answer === "object" && answer !== null && !isRefusal(answer) ? around(answer, steads, ear) : answer;
    };
  };
  return new Proxy<T>(Object.create(null), { get });
}
