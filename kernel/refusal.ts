const ERRNOS = [
  "EBADF",
  "EBUSY",
  "EFAULT",
  "EINVAL",
  "EIO",
  "ENODEV",
  "ENOMEM",
  "ENOSPC",
  "EOPNOTSUPP",
  "EPERM",
  "EREMOTEIO",
] as const;
export type Errno = (typeof ERRNOS)[number];

/** The simulated kernel says no. A refusal is a result, in the kernel's own idiom, with what the reader needs to act on it. */
export interface Refusal {
  readonly errno: Errno;
  /** The subsystem that refuses. */
  readonly who: string;
  /** What asked. */
  readonly whom: string;
  readonly why: string;
  readonly remedy: string;
}

export const refuse = (refusal: Refusal): Refusal => refusal;

/** Plain data is told apart by its shape, so that a plugin's own copy of this file works as well. */
export const isRefusal = (answer: object): answer is Refusal => "errno" in answer && "remedy" in answer;

/** What a refusal lacks, in words; "" where it can be told. A plugin's own need not be what its type says. */
export function refusalFault({ errno, ...texts }: Refusal): string {
  if (!ERRNOS.includes(errno)) return `its errno is none of ${ERRNOS.join(", ")}`;
  const { who, whom, why, remedy } = texts;
  const missing = Object.entries({ who, whom, why, remedy }).filter(([, text]) => !isLine(text));
  return missing.map(([name]) => `its ${name} is not a line of text`).join(", ");
}

const isLine = (text: unknown): boolean => typeof text === "string" && /^[^\n\r]*\S[^\n\r]*$/.test(text);
