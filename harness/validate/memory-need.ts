import type { Case } from "../../calibration/cases/case.ts";

const SOCKET = 64 * 2 ** 30;
/** As much as a processor of these days can address. */
const MOST = 2 ** 46;

/**
 * Bytes of system memory of each socket: what the case says, or 64 GiB, and beyond them what an operation that has all of its bytes in
 * memory at once needs. Costs depend on none of it.
 */
export function memoryFor({ machine, operation }: Pick<Case, "machine" | "operation">): number {
  if (machine?.memory !== undefined) return machine.memory;
  const need = needOf(operation);
  return need > SOCKET / 2 ? Math.min(MOST, SOCKET + need) : SOCKET;
}

/** Of what is longer than is simulated, less is needed; that does no harm. */
function needOf(operation: Case["operation"]): number {
  switch (operation.kind) {
    case "pin":
      return operation.size * operation.threads;
    case "register":
    case "migrate":
    case "map and unmap":
      return 2 * operation.size;
    case "per-I/O":
      return operation.size * operation.in_flight;
    case "dma":
      return operation.window;
    default:
      return 0;
  }
}
