import { isRefusal, type Refusal, refusalFault } from "../kernel/refusal.ts";
import type { Exposed, Import, Mapping, Mechanism, Provider, Region } from "../proposals/proposal.ts";
import type { Task } from "../sim/activity.ts";
import { Bug } from "./bug.ts";

const REFUSAL = "or a refusal (kernel.refuse)";

/**
 * Holds a mechanism to proposals/proposal.ts as it runs. A plugin is plain JavaScript, so what its verbs answer need not be what their
 * types say: it is looked at once, where it arrives, and what is wrong is told with form and verb instead of as a crash further on.
 */
export class Contract {
  readonly #who: string;

  constructor(who: string) {
    this.#who = who;
  }

  /** What a verb returned, as a task that can be run. */
  task<T>(verb: string, returned: Task<T>): Task<T> {
    if (typeof returned?.next === "function" && typeof returned[Symbol.iterator] === "function") return returned;
    throw new Bug(`${this.#who}: ${verb} is no generator; write *${verb}() { ... }`);
  }

  mechanism(answer: Mechanism): Mechanism {
    if (typeof answer === "object" && answer !== null && typeof answer.provide === "function") return answer;
    throw this.#wrong("install", answer, "a mechanism with provide");
  }

  provider(answer: Provider | Refusal): Provider | Refusal {
    if (this.#isRefusal("provide", answer) || isProvider(answer)) return answer;
    throw this.#wrong("provide", answer, `a provider with alloc and withdraw, ${REFUSAL}`);
  }

  region(answer: Region | Refusal): Region | Refusal {
    if (this.#isRefusal("alloc", answer) || (isVerb(answer?.expose) && isVerb(answer.free))) return answer;
    throw this.#wrong("alloc", answer, `a region with expose and free, ${REFUSAL}`);
  }

  exposed(answer: Exposed | Refusal): Exposed | Refusal {
    if (this.#isRefusal("expose", answer) || (isVerb(answer?.resolve) && isVerb(answer.retract))) return answer;
    throw this.#wrong("expose", answer, `what resolves and retracts, ${REFUSAL}`);
  }

  import(answer: Import | Refusal): Import | Refusal {
    if (this.#isRefusal("resolve", answer) || (isVerb(answer?.map) && isVerb(answer.release))) return answer;
    throw this.#wrong("resolve", answer, `an import with map and release, ${REFUSAL}`);
  }

  mapping(answer: Mapping | Refusal): Mapping | Refusal {
    if (this.#isRefusal("map", answer) || (isVerb(answer?.access) && isVerb(answer.unmap))) return answer;
    throw this.#wrong("map", answer, `a mapping with access and unmap, ${REFUSAL}`);
  }

  served(answer: "" | "EIO" | Refusal): "" | "EIO" | Refusal {
    if (answer === "" || answer === "EIO" || this.#isRefusal("access", answer)) return answer;
    throw this.#wrong("access", answer, `"", "EIO" ${REFUSAL}`);
  }

  /** The ways back cannot say no: a refusal there would be lost. */
  nothing(verb: string, answer: unknown): void {
    if (answer === undefined) return;
    if (typeof answer === "object" && answer !== null && isRefusal(answer))
      throw this.#wrong(verb, answer, "nothing: it cannot refuse");
  }

  #isRefusal(verb: string, answer: object | string): answer is Refusal {
    if (typeof answer !== "object" || answer === null || !isRefusal(answer)) return false;
    const fault = refusalFault(answer);
    if (fault !== "") throw new Bug(`${this.#who}: ${verb} answered a refusal that cannot be told: ${fault}`);
    return true;
  }

  #wrong(verb: string, answer: unknown, right: string): Bug {
    return new Bug(`${this.#who}: ${verb} answered ${inWords(answer)}; expected is ${right}`);
  }
}

const isVerb = (verb: unknown): boolean => typeof verb === "function";

const isProvider = (answer: Provider): boolean =>
  isVerb(answer?.alloc) && isVerb(answer.withdraw) && (answer.join === undefined || isVerb(answer.join));

function inWords(answer: unknown): string {
  if (answer === undefined || answer === null || typeof answer === "number") return String(answer);
  if (typeof answer === "string") return JSON.stringify(answer);
  if (typeof answer !== "object") return `a ${typeof answer}`;
  return isRefusal(answer) ? "a refusal" : `an object with ${Object.keys(answer).join(", ") || "nothing in it"}`;
}
