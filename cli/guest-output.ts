/** Resolves when everything that was printed in this thread has gone to the one that started it: ended before, it would be lost. */
export async function printed(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    if (stream.writableLength > 0) await new Promise<void>((resolve) => stream.write("", () => resolve()));
}
