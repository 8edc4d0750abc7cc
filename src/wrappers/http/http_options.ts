/** How a module serves requests: what an embedder may say, and what that comes to. */
import { HTTP_FORMS, type HttpForm } from "../../core/http_forms.ts";
import { readRoute } from "./route.ts";
import { AegisError } from "../../core/errors.ts";
import type { LogEntry } from "./guest_log.ts";
import { checkOptionNames, type OptionNames } from "../../core/option_names.ts";
import { quote } from "../../core/quote.ts";
import {
  type ByteSize,
  type Count,
  type Duration,
  parseByteSize,
  parseCount,
  parseDuration,
} from "../../core/units.ts";
import type { SandboxOptions } from "../../sandbox/aegis_options.ts";
import type { PoolOptions } from "../../sandbox/pool_options.ts";

/** How a module serves requests. Unknown keys are refused. */
export interface HttpOptions {
  /** How requests reach the guest. @default what the module exports: `handle_stream`, `handle` or `_start` */
  readonly form?: HttpForm;
  /** The path that the module answers, and all below it. @default "/" */
  readonly route?: string;
  /** The name of the module in logs. @default "module" */
  readonly name?: string;
  /** Whether an instance serves more requests than one, and keeps what they leave; not for `cgi`. @default false */
  readonly reuse?: boolean;
  /** Requests that are worked on at once. @default 4 */
  readonly concurrency?: number;
  /** Guests that are kept ready. @default 1 */
  readonly warm?: number;
  /** Requests that may wait for a guest; others get 503. @default 256 */
  readonly waiting?: number;
  /** How long one of them waits. @default "5s" */
  readonly waitTimeout?: Duration;
  /** Time of one request in its guest. @default "30s", or the runtime's timeout if that is less */
  readonly timeout?: Duration;
  /** Fuel of one request. @default what a sandbox has */
  readonly fuel?: Count;
  /** Bytes of a request's body. @default "8MiB" */
  readonly requestSize?: ByteSize;
  /** Bytes of an answer's body. @default "64MiB" */
  readonly responseSize?: ByteSize;
  /**
   * Bytes of all bodies that are held at once: of requests, and of answers that clients have not taken. Past it requests get
   * 503. A body that is held has no more than that, either. @default "128MiB", or requestSize or responseSize if that is more
   */
  readonly heldSize?: ByteSize;
  /** Bytes of all headers of a request, and of an answer. @default "16KiB" */
  readonly headerSize?: ByteSize;
  /** Whether the guest sees the header `Authorization`. @default false */
  readonly authorization?: boolean;
  /** Arguments of a `cgi` program, its name first. @default its name */
  readonly args?: readonly string[];
  /** Variables of a `cgi` program beside those of the request, which they win over. @default none */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of each guest: limits, capabilities. @default none */
  readonly sandbox?: SandboxOptions;
  /** Called with each new guest before it loads its module: the place for host functions. */
  readonly setup?: NonNullable<PoolOptions["setup"]>;
  /** Takes what guests print beside their answers, and why requests failed. @default nobody */
  readonly onLog?: (entry: LogEntry) => void;
}

/** The options after they were read: total, frozen; milliseconds, bytes. */
export interface HttpPlan {
  readonly form: HttpForm | undefined;
  readonly route: string;
  readonly name: string;
  readonly reuse: boolean;
  readonly concurrency: number;
  readonly warm: number;
  readonly waiting: number;
  readonly waitTimeout: number;
  readonly timeout: number;
  readonly fuel: Count | undefined;
  readonly requestSize: number;
  readonly responseSize: number;
  readonly heldSize: number;
  readonly headerSize: number;
  readonly authorization: boolean;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly sandbox: SandboxOptions;
  readonly setup: PoolOptions["setup"];
  readonly onLog: (entry: LogEntry) => void;
}

const HTTP_OPTIONS: OptionNames<HttpOptions> = {
  place: "of an HTTP handler",
  names: {
    form: true,
    route: true,
    name: true,
    reuse: true,
    concurrency: true,
    warm: true,
    waiting: true,
    waitTimeout: true,
    timeout: true,
    fuel: true,
    requestSize: true,
    responseSize: true,
    heldSize: true,
    headerSize: true,
    authorization: true,
    args: true,
    env: true,
    sandbox: true,
    setup: true,
    onLog: true,
  },
};

/** Headers that a server will pass us at all. */
const LARGEST_HEAD = 1024 * 1024;

/** Bytes of all bodies of a handler, unless told. */
const HELD_SIZE = 128 * 1024 ** 2;

/** @throws {AegisError} `InvalidOption` */
export function readHttpOptions(options: HttpOptions): HttpPlan {
  checkOptionNames(options, HTTP_OPTIONS);
  const { form, name = "module", reuse = false, authorization = false, concurrency = 4, waiting = 256 } =
    options;
  const { warm = Math.min(1, concurrency), fuel, args = [name], env = {}, sandbox = {}, setup } = options;
  if (form !== undefined && !HTTP_FORMS.includes(form)) {
    throw invalid("form", `Cannot serve form ${quote(String(form))}: use one of ${HTTP_FORMS.join(", ")}`);
  }
  for (const [field, value] of Object.entries({ reuse, authorization })) {
    if (typeof value !== "boolean") {
      throw invalid(field, `Cannot set ${field} to ${quote(String(value))}: use true or false`);
    }
  }
  for (const [field, value] of Object.entries({ concurrency, warm, waiting })) {
    if (Number.isSafeInteger(value) && value >= (field === "concurrency" ? 1 : 0)) continue;
    throw invalid(field, `Cannot set ${field} to ${quote(String(value))}: use a whole number`);
  }
  if (warm > concurrency) {
    throw invalid("warm", `Cannot keep ${warm} guests ready where ${concurrency} work at once`);
  }
  if (fuel !== undefined) parseCount(fuel, "fuel");
  const headerSize = parseByteSize(options.headerSize ?? "16KiB", "headerSize");
  if (headerSize < 256 || headerSize > LARGEST_HEAD) {
    throw invalid("headerSize", `Cannot set headerSize to ${headerSize}: use 256 to ${LARGEST_HEAD} bytes`);
  }
  const requestSize = parseByteSize(options.requestSize ?? "8MiB", "requestSize");
  const responseSize = parseByteSize(options.responseSize ?? "64MiB", "responseSize");
  return Object.freeze({
    form,
    route: readRoute(options.route ?? "/"),
    name,
    reuse,
    concurrency,
    warm,
    waiting,
    waitTimeout: parseDuration(options.waitTimeout ?? "5s", "waitTimeout"),
    timeout: parseDuration(options.timeout ?? "30s", "timeout"),
    fuel,
    requestSize,
    responseSize,
    heldSize: options.heldSize === undefined
      ? Math.max(HELD_SIZE, requestSize, responseSize)
      : parseByteSize(options.heldSize, "heldSize"),
    headerSize,
    authorization,
    args,
    env,
    sandbox,
    setup,
    onLog: options.onLog ?? (() => {}),
  });
}

function invalid(field: string, message: string): AegisError {
  return new AegisError("InvalidOption", message, { field });
}
