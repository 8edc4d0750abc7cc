import { AegisError } from "../core/errors.ts";

/** A compiler refused a source, or failed. */
export class CompileError extends AegisError {
  /** The name of the class. */
  override readonly name = "CompileError";

  /** Takes what is told of it. */
  constructor(
    message: string,
    /** What the compiler printed, cut where it is long; the source can choose it: it is not safe to print. */
    readonly output: string,
    suggestion?: string,
  ) {
    super("ModuleInvalid", message, suggestion === undefined ? {} : { suggestion });
  }
}
