export type Errno =
  | "EBUSY"
  | "EFAULT"
  | "EINVAL"
  | "EIO"
  | "ENODEV"
  | "ENOMEM"
  | "ENOSPC"
  | "EOPNOTSUPP"
  | "EPERM"
  | "EREMOTEIO";

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
