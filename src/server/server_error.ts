/** What goes wrong, as an answer: a status for each code, and nothing of this machine. */
import { AegisError, type ErrorCode } from "../core/errors.ts";

/** Codes of answers that are the server's own. */
export const SERVER_CODES = {
  Unauthorized: 401,
  Forbidden: 403,
  RequestTimeout: 408,
  TooLarge: 413,
  UnsupportedMediaType: 415,
  HostNotAllowed: 421,
  InvalidRequest: 400,
  RateLimited: 429,
  Internal: 500,
  NoSuchRoute: 404,
} as const;

/** A key of {@linkcode SERVER_CODES}. */
export type ServerCode = keyof typeof SERVER_CODES;

/** Statuses of the library's codes; those that are not here are the guest's or the module's: 422. */
const STATUSES: Partial<Record<ErrorCode, number>> = {
  NotFound: 404,
  FunctionNotFound: 422,
  WrongState: 409,
  Busy: 409,
  Reentrant: 409,
  InvalidOption: 400,
  LimitTooLow: 400,
  Full: 507,
  Closed: 503,
  TooManySandboxes: 503,
  GuestFault: 500,
  StoreFailed: 500,
};

/** An answer that says what was wrong with a request. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly code: ServerCode;
  readonly suggestion: string | undefined;

  /** @param message what a person reads @param suggestion what to do about it */
  constructor(code: ServerCode, message: string, suggestion?: string) {
    super(message);
    this.code = code;
    this.suggestion = suggestion;
  }
}

/** The body of an answer that is an error. */
export interface ErrorBody {
  readonly code: ErrorCode | ServerCode;
  readonly message: string;
  readonly field?: string;
  readonly suggestion?: string;
}

/** Status and body for what was thrown. What nobody foresaw is told to the log, and not to who asked. */
export function errorAnswer(
  error: unknown,
  onInternal: (error: unknown) => void,
): { readonly status: number; readonly body: ErrorBody } {
  if (error instanceof ServerError) {
    const { code, message, suggestion } = error;
    return {
      status: SERVER_CODES[code],
      body: { code, message, ...(suggestion === undefined ? {} : { suggestion }) },
    };
  }
  if (error instanceof AegisError) {
    const { code, message, field, suggestion } = error;
    return {
      status: STATUSES[code] ?? 422,
      body: {
        code,
        message,
        ...(field === undefined ? {} : { field }),
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    };
  }
  onInternal(error);
  return {
    status: 500,
    body: { code: "Internal", message: "The server failed to answer; its log says why" },
  };
}
