const KIB = 2 ** 10;
const MIB = 2 ** 20;

/** Nanoseconds of one operation of so many bytes. */
export type TimeOf = (length: number) => number;

/**
 * What an operation takes of which no more than `longest` bytes are simulated: a longer one goes on as the second half of that one does.
 * By then queues and links are full, and nothing that comes later changes their pace.
 */
export function longTime(size: number, longest: number, time: TimeOf): number {
  if (size <= longest) return time(size);
  const whole = time(longest);
  const half = time(longest / 2);
  return whole + ((size - longest) * (whole - half)) / (longest / 2);
}

/** What a report says of an operation that was shortened so. */
export function shortened(size: number, longest: number): readonly string[] {
  if (size <= longest) return [];
  const first = longest < MIB ? `${longest / KIB} KiB` : `${longest / MIB} MiB`;
  return [`what comes after the first ${first} of a transfer: it goes on as the second half of them does`];
}
