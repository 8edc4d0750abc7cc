/**
 * What a request over HTTP passes before the protocol sees it: the name under which it asks, where the page comes from
 * that sends it, its token, how large it is. A server on this machine is reached by every page that a person has open:
 * the names keep out those whose own name was made to lead here (DNS rebinding), the origins all others.
 */
import { boundsProblem } from "./json_bounds.ts";

/** Who may ask, and how much. */
export interface HttpGuardOptions {
  /** Names under which the server is asked, lower case, without port. @default localhost, 127.0.0.1, [::1] */
  readonly hosts?: readonly string[];
  /** Origins of pages that may ask: `https://app.example`. @default none */
  readonly origins?: readonly string[];
  /** What has to stand in `Authorization: Bearer …`. @default nothing */
  readonly token?: string;
  /** Bytes of a body. @default 4 MiB */
  readonly bodySize?: number;
  /** Milliseconds that a body may take. @default 30,000 */
  readonly bodyTime?: number;
}

const LOCAL = ["localhost", "127.0.0.1", "[::1]"] as const;

const BODY_SIZE = 4 * 1024 * 1024, BODY_TIME = 30_000;

/** Requests that are looked at, each with what the protocol is told of it. */
const HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
};

/** An answer that is no success, as JSON-RPC has it. */
export function refusal(
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const error = { jsonrpc: "2.0", error: { code: -32000, message }, id: null };
  return new Response(JSON.stringify(error), {
    status,
    headers: { "Content-Type": "application/json", ...HEADERS, ...headers },
  });
}

/** What was found out about a request. */
export type Guarded =
  | { readonly refused: Response }
  | { readonly origin: string | undefined };

export class HttpGuard {
  readonly #hosts: readonly string[];
  readonly #origins: readonly string[];
  readonly #token: Promise<Uint8Array> | undefined;
  readonly #bodySize: number;
  readonly #bodyTime: number;

  constructor(
    { hosts = LOCAL, origins = [], token, bodySize = BODY_SIZE, bodyTime = BODY_TIME }: HttpGuardOptions,
  ) {
    this.#hosts = hosts;
    this.#origins = origins;
    this.#token = token === undefined ? undefined : digest(token);
    this.#bodySize = bodySize;
    this.#bodyTime = bodyTime;
  }

  /** Looks at all but the body. */
  async check(request: Request): Promise<Guarded> {
    const host = nameOf(request.headers.get("host") ?? new URL(request.url).host);
    if (host === undefined || !this.#hosts.includes(host)) {
      return { refused: refusal(403, "This server is not asked under that name") };
    }
    const origin = request.headers.get("origin") ?? undefined;
    if (origin !== undefined && !this.#origins.includes(origin)) {
      return { refused: refusal(403, "Pages of that origin may not ask") };
    }
    if (origin === undefined && request.headers.get("sec-fetch-site") === "cross-site") {
      return { refused: refusal(403, "Pages of other origins may not ask") };
    }
    if (request.method !== "OPTIONS" && !await this.#mayAsk(request.headers.get("authorization") ?? "")) {
      const headers = { "WWW-Authenticate": 'Bearer realm="aegis mcp"', ...corsHeaders(origin) };
      return { refused: refusal(401, "A token is needed", headers) };
    }
    return { origin };
  }

  async #mayAsk(authorization: string): Promise<boolean> {
    const token = await this.#token;
    if (token === undefined) return true;
    const [, given] = /^Bearer ([\x21-\x7e]{1,1000})$/i.exec(authorization) ?? [];
    if (given === undefined) return false;
    const other = await digest(given); // of one length, and of no use to who measures how long this takes
    let different = 0;
    for (const [index, byte] of token.entries()) different |= byte ^ (other[index] ?? 0);
    return different === 0;
  }

  /** Reads a body of JSON. @returns the value, or the answer to what is none */
  async body(request: Request): Promise<{ readonly value: unknown } | { readonly refused: Response }> {
    const type = request.headers.get("content-type") ?? "";
    if (!/^application\/json\s*(?:;|$)/i.test(type)) {
      return { refused: refusal(415, "Send application/json") };
    }
    const bytes = await this.#bytes(request).catch(() => undefined);
    if (bytes === undefined) return { refused: refusal(400, "The body has failed") };
    if (typeof bytes === "string") {
      return { refused: refusal(bytes === "late" ? 408 : 413, `The body is too ${bytes}`) };
    }
    try {
      const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      const problem = boundsProblem(value);
      return problem === undefined
        ? { value }
        : { refused: refusal(400, `Cannot take the message: ${problem}`) };
    } catch {
      return { refused: refusal(400, "The body is no JSON") };
    }
  }

  async #bytes(request: Request): Promise<Uint8Array | "large" | "late"> {
    const declared = Number(request.headers.get("content-length") ?? 0);
    if (!(declared <= this.#bodySize)) return "large";
    const reader = request.body?.getReader(), parts: Uint8Array[] = [];
    if (reader === undefined) return new Uint8Array();
    let size = 0, late = false;
    const timer = setTimeout(() => {
      late = true;
      reader.cancel().catch(() => {});
    }, this.#bodyTime);
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        size += next.value.length;
        if (size > this.#bodySize) {
          await reader.cancel();
          return "large";
        }
        parts.push(next.value);
      }
    } finally {
      clearTimeout(timer);
    }
    return late ? "late" : new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  }
}

/** Headers for a page that may ask. */
function corsHeaders(origin: string | undefined): Readonly<Record<string, string>> {
  if (origin === undefined) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": "Mcp-Session-Id",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Vary": "Origin",
  };
}

/** The answer to a page that asks whether it may ask. */
export function preflight(origin: string | undefined): Response {
  if (origin === undefined) return refusal(405, "Send POST, GET or DELETE", { Allow: "POST, GET, DELETE" });
  return new Response(null, {
    status: 204,
    headers: {
      ...HEADERS,
      ...corsHeaders(origin),
      "Access-Control-Allow-Methods": "POST, GET, DELETE",
      "Access-Control-Allow-Headers":
        "Authorization, Content-Type, Last-Event-ID, Mcp-Protocol-Version, Mcp-Session-Id",
      "Access-Control-Max-Age": "600",
    },
  });
}

/** An answer of the protocol with what each answer has. */
export function withHeaders(response: Response, origin: string | undefined): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries({ ...HEADERS, ...corsHeaders(origin) })) {
    headers.set(name, value);
  }
  return new Response(response.body, { status: response.status, headers });
}

/** The name in a `Host` header; undefined for what is none. */
function nameOf(host: string): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host.toLowerCase())?.[1];
}

async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
