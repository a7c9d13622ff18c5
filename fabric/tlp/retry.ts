/** What goes wrong once on a link: a packet comes in damaged, or the Ack for one gets lost. */
export type LinkError = "bad LCRC" | "lost Ack";

/**
 * One such error, from the next packet that starts onto the channel until all is well again (PCIe 3.6):
 *
 *   bad LCRC   armed -> coming: the receiver drops it and all behind it, and sends a Nak -> refused: the sender goes back to it
 *   lost Ack   armed -> coming: a later Ack speaks for it, or the replay timer expires -> refused: what was sent again is dropped
 */
export class Retry {
  readonly error: LinkError;
  phase: "armed" | "coming" | "refused" = "armed";
  /** When something happens next. */
  at: number = Number.POSITIVE_INFINITY;
  /** When the packet comes in; Acks from then on speak for it. */
  comes = 0;
  acks = 0;
  /** What is in the replay buffer: packets that the receiver dropped, whose times count from their next start. */
  readonly packets: number[] = [];
  /** Where they arrived and only the sender does not know: bytes and ticks of the link. */
  readonly arrived: { readonly wire: number; readonly busy: number }[] = [];

  constructor(error: LinkError) {
    this.error = error;
  }
}
