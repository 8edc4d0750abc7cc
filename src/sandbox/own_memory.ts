/** Memory that this process itself does not get: the platform throws a RangeError, of which an embedder knows nothing. */
import { AegisError } from "../core/errors.ts";

/**
 * Does something that asks for much memory at once.
 *
 * @param what "Cannot …"
 * @throws {AegisError} `GuestFault` when there is not enough of it
 */
export function withOwnMemory<Result>(what: string, work: () => Result): Result {
  try {
    const result = work();
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw asLack(what, error);
    }) as Result; // a promise of the same
  } catch (error) {
    throw asLack(what, error);
  }
}

function asLack(what: string, error: unknown): unknown {
  if (!(error instanceof RangeError)) return error;
  return new AegisError("GuestFault", `${what}: this process does not get the memory: ${error.message}`, {
    suggestion: "Close sandboxes that are no longer needed, or give the process more memory.",
    cause: error,
  });
}
