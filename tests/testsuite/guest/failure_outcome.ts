/** What an error that came out of a guest means: as the guest's service says it to the host. */
import type { Outcome } from "./program.ts";
import { MissingImportError } from "../../../src/core/errors.ts";
import { classifyFailure } from "../../../src/guest/failure.ts";
import type { Refusal } from "../../../src/guest/growth.ts";

/**
 * @param refused the growth that the guest was refused since the call began
 * @param explainLink puts V8's words for a link that fails into ours
 */
export function failureOutcome(
  error: unknown,
  refused: Refusal | undefined,
  explainLink: (message: string) => string,
): Outcome {
  if (error instanceof MissingImportError) return { kind: "unlinkable", message: error.message };
  const failure = classifyFailure(error, refused);
  switch (failure.kind) {
    case "link":
      return { kind: "unlinkable", message: explainLink(failure.message) };
    case "stack":
    case "memory":
      return { kind: "stopped", by: failure.kind };
    case "abi":
      return { kind: "fault", message: failure.message };
    case "trap":
    case "fault":
      return failure;
  }
}
