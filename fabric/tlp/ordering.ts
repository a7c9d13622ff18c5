/** May a packet pass a posted one that came before it? Without an attribute; with Relaxed Ordering; with ID-Based Ordering and from another sender. */
type Row = readonly [plain: boolean, relaxed: boolean, byId: boolean];

/** A row for each class of the later packet: posted, non-posted (reads only: nothing here sends atomics), completion. */
export type PassingPosted = readonly [posted: Row, read: Row, completion: Row];

/**
 * The first column of PCIe's ordering table (PCIe 2.4.1; model A.7), which alone forbids anything across classes. Where it says yes a
 * packet passes only if the posted one cannot go on. In the other columns posted packets and completions pass whatever waits, as
 * they must, and packets of one class keep their order, as they may.
 */
export const PASSES_POSTED: PassingPosted = [
  [false, true, true],
  [false, false, true],
  [false, true, true],
];
