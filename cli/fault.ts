/** Where in a file something was thrown, as far as its stack says: ", line 12", or nothing. */
export function lineIn(path: string, stack: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const at = stack.split("\n").find((line) => line.includes(`/${name}:`));
  const line = at && /:(\d+)(?::\d+)?\)?$/.exec(at.trimEnd())?.[1];
  return line ? `, line ${line}` : "";
}

/** Whatever was thrown, in words; a plugin may throw what cannot even be printed. */
export function describeFault(fault: unknown): string {
  try {
    return fault instanceof Error ? fault.message : String(fault);
  } catch {
    return "something that cannot be printed was thrown";
  }
}
