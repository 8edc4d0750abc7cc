/** Entry of the prepare Worker; bundled to self-contained text. Reads hostile bytes, and runs none of them. */
import { CoreCache } from "./core_cache.ts";
import { prepare, type Prepared, type PrepareOptions } from "./prepare.ts";
import { scrubGlobals } from "./scrub.ts";
import { ModuleInvalidError, ModuleRefusedError } from "../core/errors.ts";

/** Request, with a number that the answer carries. */
export interface PrepareRequest {
  readonly id: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly options: PrepareOptions;
}

/** Asks whether it serves: what cannot start would be waited for without an end. */
export interface ServingRequest {
  readonly id: 0;
}

/** Errors as data: classes do not survive posting. */
export type PrepareFailure =
  | { readonly kind: "invalid"; readonly reason: string; readonly offset: number }
  | {
    readonly kind: "refused";
    readonly reason: string;
    readonly suggestion: string | undefined;
    readonly field: string | undefined;
  }
  | { readonly kind: "fault"; readonly message: string };

export type PrepareReply =
  /** It serves. */
  | { readonly id: 0 }
  | { readonly id: number; readonly prepared: Prepared }
  | { readonly id: number; readonly failure: PrepareFailure };

interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: PrepareReply): void;
}

function failureOf(error: unknown): PrepareFailure {
  if (error instanceof ModuleInvalidError) {
    return { kind: "invalid", reason: error.reason, offset: error.offset };
  }
  if (error instanceof ModuleRefusedError) {
    return { kind: "refused", reason: error.reason, suggestion: error.suggestion, field: error.field };
  }
  return { kind: "fault", message: error instanceof Error ? error.message : String(error) };
}

function startPreparing(scope: WorkerScope): void {
  const cores = new CoreCache();
  scope.onmessage = async (event) => {
    const request = event.data as PrepareRequest | ServingRequest; // `as`: only the host can post to this Worker
    if (!("bytes" in request)) return scope.postMessage(request);
    const { id, bytes, options } = request;
    try {
      scope.postMessage({ id, prepared: await prepare(bytes, { ...options, cores }) });
    } catch (error) {
      scope.postMessage({ id, failure: failureOf(error) });
    }
  };
}

scrubGlobals(globalThis);
startPreparing(globalThis as unknown as WorkerScope);
