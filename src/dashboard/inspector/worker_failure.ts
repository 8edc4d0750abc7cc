import { ModuleInvalidError, ModuleRefusedError } from "../../core/errors.ts";
import { ApiError } from "../api_error.ts";

/** Why a Worker's request came to nothing. */
const WORKER_ERROR_CODES = ["ModuleInvalid", "ModuleRefused", "Timeout", "Closed", "Failed"] as const;

/** One of {@linkcode WORKER_ERROR_CODES}. */
export type WorkerErrorCode = typeof WORKER_ERROR_CODES[number];

/** An error as data: classes do not survive posting. */
export interface WorkerFailure {
  readonly code: WorkerErrorCode;
  readonly message: string;
  readonly suggestion?: string;
  /** Of the byte of the module, or the character of the text, that is to blame. */
  readonly offset?: number;
}

/** An error as a Worker posts it. */
export function failureOf(error: unknown): WorkerFailure {
  if (error instanceof ModuleInvalidError) {
    return { code: "ModuleInvalid", message: error.message, offset: error.offset };
  }
  if (error instanceof ModuleRefusedError) {
    const { reason, suggestion } = error;
    return { code: "ModuleRefused", message: reason, ...(suggestion === undefined ? {} : { suggestion }) };
  }
  return { code: "Failed", message: error instanceof Error ? error.message : String(error) };
}

/** What pages get of it: shown like every other error. */
export class WorkerError extends ApiError {
  override readonly name = "WorkerError";
  /** Of the byte of the module, or the character of the text, that is to blame. */
  readonly offset: number | undefined;

  constructor({ code, message, suggestion, offset }: WorkerFailure) {
    super(code, message, suggestion);
    this.offset = offset;
  }
}
