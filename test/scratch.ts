import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where tests write is told to their processes by the one that started them, which takes it away when all have ended. */
const PLACE = "P2PEVAL_TEST_SCRATCH";

/** Vitest's global set-up and tear-down. */
export function setup(): () => void {
  const place = mkdtempSync(join(tmpdir(), "p2peval-test-"));
  process.env[PLACE] = place;
  return () => rmSync(place, { recursive: true, force: true });
}

/** A fresh folder. */
export const scratch = (): string => mkdtempSync(join(process.env[PLACE] ?? tmpdir(), "p2peval-"));
