import { AegisError } from "../core/errors.ts";

/** A compiler refused a source, failed, or could not be fetched. */
export class CompileError extends AegisError {
  /** The name of the class. */
  override readonly name = "CompileError";

  /** Takes what is told of it. */
  constructor(
    message: string,
    /** What the compiler printed, cut where it is long; the source can choose it: it is not safe to print. */
    readonly output: string,
    { code = "ModuleInvalid", suggestion }: {
      /** Whose fault it is: the source's, unless told. */
      readonly code?: "ModuleInvalid" | "UnsupportedPlatform";
      readonly suggestion?: string | undefined;
    } = {},
  ) {
    super(code, message, suggestion === undefined ? {} : { suggestion });
  }
}
