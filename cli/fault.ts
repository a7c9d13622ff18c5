/** Whatever was thrown, in words; a plugin may throw what cannot even be printed. */
export function describeFault(fault: unknown): string {
  try {
    return fault instanceof Error ? fault.message : String(fault);
  } catch {
    return "something that cannot be printed was thrown";
  }
}
