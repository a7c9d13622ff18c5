const HALF_DIGITS = 8;

/**
 * A 64-bit fingerprint of a text as 16 hex digits: the same on every machine, in Node and in a browser. Two multiplicative lanes over
 * the UTF-16 units, each finished with the mixer of MurmurHash3 and crossed with the other. Not for secrets.
 */
export function hashText(text: string): string {
  let left = 0x9e3779b9 ^ text.length;
  let right = 0x7f4a7c15 ^ text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    left = Math.imul(left ^ unit, 0x01000193);
    right = Math.imul(((right << 13) | (right >>> 19)) ^ unit, 0x85ebca6b);
  }
  const first = mix32(left ^ mix32(right));
  return hex(first) + hex(mix32(right ^ Math.imul(first, 0x9e3779b1)));
}

/** Scatters 32 bits so that neighbours have nothing in common. */
export function mix32(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

const hex = (bits: number): string => bits.toString(16).padStart(HALF_DIGITS, "0");
