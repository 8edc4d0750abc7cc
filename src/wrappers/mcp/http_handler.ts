/**
 * A server over HTTP, as a function from requests to answers: sessions by their ids, each with a transport of the SDK.
 * Sessions that nobody uses end, and there are no more than so many.
 */
import { type Duration, parseDuration } from "../../core/units.ts";
import { HttpGuard, type HttpGuardOptions, preflight, refusal, withHeaders } from "./http_guard.ts";
import { PROTOCOL_CODES } from "./failure.ts";
import { GatedTransport, idOf } from "./gated_transport.ts";
import type { McpServer, McpSession } from "./mcp_server.ts";
import { type HttpTransport, type HttpTransportClass, loadHttpTransport, loadSdk, type Sdk } from "./sdk.ts";
import { Unread } from "./unread.ts";

/** Options of {@linkcode mcpHttpHandler}. */
export interface McpHttpOptions extends HttpGuardOptions {
  /** Where it is asked. @default "/mcp" */
  readonly path?: string;
  /** Sessions at once. @default 64 */
  readonly sessions?: number;
  /** A session that nobody asked anything of for so long, and that nobody listens to, ends. @default "10m" */
  readonly idleTime?: Duration;
}

/** Answers requests. */
export interface McpHttpHandler {
  /** Answers one. */
  fetch(request: Request): Promise<Response>;
  /** Ends every session. */
  close(): Promise<void>;
}

interface HttpSession {
  readonly transport: HttpTransport;
  readonly gate: GatedTransport;
  session: McpSession | undefined;
  /** Milliseconds, when it was last asked. */
  asked: number;
  /** Answers that are being sent. */
  open: number;
}

/**
 * Answers requests for a server. Start it where only those reach it who should: the standard is this machine.
 *
 * @example `Deno.serve({ hostname: "127.0.0.1", port: 3000 }, (await mcpHttpHandler(server)).fetch)`
 */
export async function mcpHttpHandler(
  server: McpServer,
  options: McpHttpOptions = {},
): Promise<McpHttpHandler> {
  const [transport, { types }] = await Promise.all([loadHttpTransport(), loadSdk()]);
  const handler = new Handler(server, options, { transport, types });
  return { fetch: (request) => handler.fetch(request), close: () => handler.close() };
}

class Handler {
  readonly #server: McpServer;
  readonly #guard: HttpGuard;
  readonly #path: string;
  readonly #most: number;
  readonly #idleTime: number;
  readonly #Transport: HttpTransportClass;
  readonly #types: Sdk["types"];
  readonly #unread = new Unread();
  readonly #sessions = new Map<string, HttpSession>();
  /** Those of which no id is known yet. */
  #beginning = 0;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(
    server: McpServer,
    options: McpHttpOptions,
    { transport, types }: { readonly transport: HttpTransportClass; readonly types: Sdk["types"] },
  ) {
    const { path = "/mcp", sessions = 64, idleTime = "10m" } = options;
    this.#server = server;
    this.#guard = new HttpGuard(options);
    this.#path = path;
    this.#most = sessions;
    this.#idleTime = parseDuration(idleTime, "idleTime");
    this.#Transport = transport;
    this.#types = types;
    this.#timer = setInterval(() => this.#endIdle(), Math.max(10, Math.min(this.#idleTime / 2, 30_000)));
    Deno.unrefTimer(this.#timer as unknown as number); // a number in Deno, whatever the types of Node say
  }

  async fetch(request: Request): Promise<Response> {
    const guarded = await this.#guard.check(request);
    if ("refused" in guarded) return guarded.refused;
    const { origin } = guarded;
    if (new URL(request.url).pathname !== this.#path) return refusal(404, `Ask at ${this.#path}`);
    if (request.method === "OPTIONS") return preflight(origin);
    const response = request.method === "POST" ? await this.#post(request) : await this.#other(request);
    return withHeaders(response, origin);
  }

  async #post(request: Request): Promise<Response> {
    const body = await this.#guard.body(request);
    if ("refused" in body) return body.refused;
    if (Array.isArray(body.value)) return refusal(400, "Send one message at a time"); // as the specification has it
    const id = request.headers.get("mcp-session-id");
    if (id !== null) return await this.#inSession(id, request, body.value);
    if (!isInitialize(body.value)) return refusal(400, "Begin with initialize, and send Mcp-Session-Id then");
    return await this.#begin(request, body.value);
  }

  async #other(request: Request): Promise<Response> {
    const id = request.headers.get("mcp-session-id");
    if (request.method !== "GET" && request.method !== "DELETE") {
      return refusal(405, "Send POST, GET or DELETE", { Allow: "POST, GET, DELETE" });
    }
    return id === null ? refusal(400, "Send Mcp-Session-Id") : await this.#inSession(id, request, undefined);
  }

  async #inSession(sessionId: string, request: Request, parsedBody: unknown): Promise<Response> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return refusal(404, "Session not found");
    const { gate, transport } = session, id = idOf(parsedBody);
    const isRequest = id !== undefined && isMethod(parsedBody);
    session.asked = performance.now();
    if (parsedBody !== undefined && !gate.reads(parsedBody)) return invalid(id, "Invalid request");
    // The transport would send the first one's answer to the second.
    if (isRequest && !gate.reserve(id)) return invalid(id, "A request of that id is under way");
    try {
      const response = await transport.handleRequest(request, parsedBody === undefined ? {} : { parsedBody });
      return this.#passed(response, session);
    } finally {
      if (isRequest) gate.release(id); // it was refused, or is under way
    }
  }

  /** The answer, whose body counts as open until it has ended, or nobody reads it any more. */
  #passed(response: Response, session: HttpSession): Response {
    session.open++;
    return this.#unread.pass(response, session, () => {
      session.open--;
      session.asked = performance.now();
    });
  }

  async #begin(request: Request, parsedBody: unknown): Promise<Response> {
    if (this.#sessions.size + this.#beginning >= this.#most) this.#endOldest();
    if (this.#sessions.size + this.#beginning >= this.#most) {
      return refusal(503, `There are ${this.#most} sessions already`, { "Retry-After": "30" });
    }
    this.#beginning++;
    try {
      const transport: HttpTransport = new this.#Transport({
        sessionIdGenerator: () => crypto.randomUUID(),
        onsessioninitialized: (id) => void this.#sessions.set(id, http),
      });
      const gate = new GatedTransport(transport, this.#types, {
        onDropped: (id) => transport.closeSSEStream(id), // nothing comes there any more
      });
      const http: HttpSession = { transport, gate, session: undefined, asked: performance.now(), open: 0 };
      const session = http.session = await this.#server.connect(gate, "http");
      session.ended.then(() => {
        if (transport.sessionId !== undefined) this.#sessions.delete(transport.sessionId);
      });
      const response = await transport.handleRequest(request, { parsedBody });
      if (transport.sessionId === undefined) await session.close(); // it was refused
      return this.#passed(response, http);
    } finally {
      this.#beginning--;
    }
  }

  /** Ends the one that was idle for longest, if it was for a while: clients that come and go leave theirs behind. */
  #endOldest(): void {
    const idle = [...this.#sessions.values()].filter(({ open }) => open === 0);
    const [oldest] = idle.sort((a, b) => a.asked - b.asked);
    if (oldest !== undefined && performance.now() - oldest.asked > Math.min(this.#idleTime, 60_000)) {
      this.#end(oldest);
    }
  }

  #endIdle(): void {
    const now = performance.now();
    for (const http of this.#sessions.values()) {
      if (http.open === 0 && now - http.asked > this.#idleTime) this.#end(http);
    }
  }

  #end(http: HttpSession): void {
    if (http.transport.sessionId !== undefined) this.#sessions.delete(http.transport.sessionId);
    http.session?.close().catch(() => {});
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#sessions.values()].map(({ session }) => session?.close()));
    this.#sessions.clear();
  }
}

function isInitialize(value: unknown): boolean {
  return isMethod(value) && value.method === "initialize";
}

function isMethod(value: unknown): value is { readonly method: unknown } {
  return typeof value === "object" && value !== null && "method" in value;
}

/** The answer to what is no request, or none that can be taken. */
function invalid(id: string | number | undefined, message: string): Response {
  const error = { code: PROTOCOL_CODES.invalidRequest, message };
  return new Response(JSON.stringify({ jsonrpc: "2.0", error, id: id ?? null }), {
    status: 400,
    headers: { "Content-Type": "application/json" },
  });
}
