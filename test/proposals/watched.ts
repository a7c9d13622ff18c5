import { isRefusal } from "../../kernel/refusal.ts";
import type { Form, Mechanism } from "../../proposals/proposal.ts";
import type { Task } from "../../sim/activity.ts";

/** Hears of every verb of a mechanism as it returns, with what it answered. */
export type Ear = (verb: string, answer: unknown) => void;

/** The same form, whose nouns are frozen as soon as they are handed out, and whose verbs are told. */
export function watched(form: Form, ear: Ear = () => {}): Form {
  return { ...form, install: (kernel): Mechanism => around(form.install(kernel), ear) };
}

function around<T extends object>(noun: T, ear: Ear): T {
  Object.freeze(noun);
  return new Proxy(Object.create(null) as T, { get: (_nothing, verb) => told(noun, verb, ear) });
}

function told(noun: object, verb: string | symbol, ear: Ear): unknown {
  const method: unknown = Reflect.get(noun, verb);
  if (typeof method !== "function") return method;
  return function* (...given: unknown[]): Task<unknown> {
    const answer: unknown = yield* Reflect.apply(method, noun, given) as Task<unknown>;
    ear(String(verb), answer);
    return typeof answer === "object" && answer !== null && !isRefusal(answer) ? around(answer, ear) : answer;
  };
}
