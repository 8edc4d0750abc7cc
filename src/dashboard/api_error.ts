/** A request that was refused, or did not reach the server. */
export class ApiError extends Error {
  override readonly name: string = "ApiError";
  /** As the server's table of errors has it; `Unreachable` where no answer came. */
  readonly code: string;
  readonly suggestion: string | undefined;

  constructor(code: string, message: string, suggestion?: string) {
    super(message);
    this.code = code;
    this.suggestion = suggestion;
  }
}

/** What is told to a person of an error. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) {
    return error.suggestion === undefined ? error.message : `${error.message}. ${error.suggestion}`;
  }
  return error instanceof Error ? error.message : String(error);
}
