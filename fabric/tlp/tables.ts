/** Packets in flight, one number per field and packet, recycled. Which slot a packet has means nothing. */
export class PacketPool {
  kind: Uint8Array = new Uint8Array(0);
  flags: Uint8Array = new Uint8Array(0);
  length: Int32Array = new Int32Array(0);
  /** Address modulo 4 KiB. */
  low: Int32Array = new Int32Array(0);
  wire: Int32Array = new Int32Array(0);
  /** As the initiator sent it. */
  address: Float64Array = new Float64Array(0);
  /** As the IOMMU made of it. */
  physical: Float64Array = new Float64Array(0);
  target: Int32Array = new Int32Array(0);
  transfer: Int32Array = new Int32Array(0);
  /** The node that made it, by which ID-Based Ordering tells streams apart: requester of a request, completer of a completion. */
  sender: Int32Array = new Int32Array(0);
  /** The channel whose receive buffer it occupies; -1 while it has not left its maker. */
  input: Int32Array = new Int32Array(0);
  sequence: Float64Array = new Float64Array(0);
  /** When it may leave where it is. */
  time: Float64Array = new Float64Array(0);
  next: Int32Array = new Int32Array(0);
  #free = -1;

  constructor() {
    this.#grow(1024);
  }

  take(): number {
    if (this.#free < 0) this.#grow(2 * this.kind.length);
    const packet = this.#free;
    this.#free = this.next[packet]!;
    return packet;
  }

  give(packet: number): void {
    this.next[packet] = this.#free;
    this.#free = packet;
  }

  #grow(size: number): void {
    const first = this.kind.length;
    this.kind = grown(this.kind, new Uint8Array(size));
    this.flags = grown(this.flags, new Uint8Array(size));
    this.length = grown(this.length, new Int32Array(size));
    this.low = grown(this.low, new Int32Array(size));
    this.wire = grown(this.wire, new Int32Array(size));
    this.address = grown(this.address, new Float64Array(size));
    this.physical = grown(this.physical, new Float64Array(size));
    this.target = grown(this.target, new Int32Array(size));
    this.transfer = grown(this.transfer, new Int32Array(size));
    this.sender = grown(this.sender, new Int32Array(size));
    this.input = grown(this.input, new Int32Array(size));
    this.sequence = grown(this.sequence, new Float64Array(size));
    this.time = grown(this.time, new Float64Array(size));
    this.next = grown(this.next, new Int32Array(size));
    for (let packet = size - 1; packet >= first; packet -= 1) this.give(packet);
  }
}

/** Transfers under way: one contiguous span of addresses that one initiator reads or writes. */
export class TransferTable {
  initiator: Int32Array = new Int32Array(0);
  /** Whose requester id its packets bear: the initiator's, unless it pretends to be another. */
  requester: Int32Array = new Int32Array(0);
  /** 1 if its packets bear a translated address (address type 10b). */
  translated: Uint8Array = new Uint8Array(0);
  /** 1 if its initiator translates it, page by page, from its own cache. */
  cached: Uint8Array = new Uint8Array(0);
  /** What its packets are, where they are no memory requests: a Translation Request, or a message of the translation services. */
  service: Uint8Array = new Uint8Array(0);
  /** 1 reads, 0 writes. */
  reads: Uint8Array = new Uint8Array(0);
  /** 1 from the data queue, 0 from the control queue of its initiator. */
  data: Uint8Array = new Uint8Array(0);
  /** 1 if its bytes are what the workload asked to move. */
  payload: Uint8Array = new Uint8Array(0);
  address: Float64Array = new Float64Array(0);
  length: Float64Array = new Float64Array(0);
  /** Where it is meant to end: the node and the physical address there; -1 where the address means nothing. */
  target: Int32Array = new Int32Array(0);
  physical: Float64Array = new Float64Array(0);
  /** The node whose window claims the address on the way, before any translation. */
  route: Int32Array = new Int32Array(0);
  maxPayload: Int32Array = new Int32Array(0);
  /** Flags that all its packets bear, of ordering and address type. */
  marks: Uint8Array = new Uint8Array(0);
  cursor: Float64Array = new Float64Array(0);
  low: Int32Array = new Int32Array(0);
  uncut: Float64Array = new Float64Array(0);
  unlanded: Float64Array = new Float64Array(0);
  delivered: Float64Array = new Float64Array(0);
  status: Uint8Array = new Uint8Array(0);
  fault: Uint8Array = new Uint8Array(0);
  /** 1 once some of its data has come up to a root complex. */
  climbed: Uint8Array = new Uint8Array(0);
  /** Number of this transfer in the run, for the history. */
  identity: Float64Array = new Float64Array(0);
  next: Int32Array = new Int32Array(0);
  live: Uint8Array = new Uint8Array(0);
  #free = -1;

  constructor() {
    this.#grow(256);
  }

  take(): number {
    if (this.#free < 0) this.#grow(2 * this.reads.length);
    const transfer = this.#free;
    this.#free = this.next[transfer]!;
    this.live[transfer] = 1;
    this.delivered[transfer] = 0;
    this.status[transfer] = 0;
    this.fault[transfer] = 0;
    this.climbed[transfer] = 0;
    this.cached[transfer] = 0;
    this.service[transfer] = 0;
    return transfer;
  }

  give(transfer: number): void {
    this.live[transfer] = 0;
    this.next[transfer] = this.#free;
    this.#free = transfer;
  }

  #grow(size: number): void {
    const first = this.reads.length;
    this.initiator = grown(this.initiator, new Int32Array(size));
    this.requester = grown(this.requester, new Int32Array(size));
    this.translated = grown(this.translated, new Uint8Array(size));
    this.cached = grown(this.cached, new Uint8Array(size));
    this.service = grown(this.service, new Uint8Array(size));
    this.reads = grown(this.reads, new Uint8Array(size));
    this.data = grown(this.data, new Uint8Array(size));
    this.payload = grown(this.payload, new Uint8Array(size));
    this.address = grown(this.address, new Float64Array(size));
    this.length = grown(this.length, new Float64Array(size));
    this.target = grown(this.target, new Int32Array(size));
    this.physical = grown(this.physical, new Float64Array(size));
    this.route = grown(this.route, new Int32Array(size));
    this.maxPayload = grown(this.maxPayload, new Int32Array(size));
    this.marks = grown(this.marks, new Uint8Array(size));
    this.cursor = grown(this.cursor, new Float64Array(size));
    this.low = grown(this.low, new Int32Array(size));
    this.uncut = grown(this.uncut, new Float64Array(size));
    this.unlanded = grown(this.unlanded, new Float64Array(size));
    this.delivered = grown(this.delivered, new Float64Array(size));
    this.status = grown(this.status, new Uint8Array(size));
    this.fault = grown(this.fault, new Uint8Array(size));
    this.climbed = grown(this.climbed, new Uint8Array(size));
    this.identity = grown(this.identity, new Float64Array(size));
    this.next = grown(this.next, new Int32Array(size));
    this.live = grown(this.live, new Uint8Array(size));
    for (let transfer = size - 1; transfer >= first; transfer -= 1) this.give(transfer);
  }
}

function grown<A extends Uint8Array | Int32Array | Float64Array>(old: A, wider: A): A {
  wider.set(old);
  return wider;
}
