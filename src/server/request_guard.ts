/** What every request passes before a route sees it: whose it is, where it comes from, how often it comes. */
import type { Context, Next } from "hono";
import { type Rate, RateLimiter } from "./rate_limiter.ts";
import { isPagePath } from "./pages/page_routes.ts";
import type { ServerEnv } from "./server_context.ts";
import { ServerError } from "./server_error.ts";
import type { Token, Tokens } from "./tokens.ts";

/** Who may ask, and how. */
export interface GuardOptions {
  /** Undefined: everybody may do everything, which is for loopback alone. */
  readonly tokens: Tokens | undefined;
  /** Names under which the server is asked, lower case, without port: `localhost`. */
  readonly hosts: readonly string[];
  /** Origins of other pages that may ask. */
  readonly origins: readonly string[];
  /** Of each address. */
  readonly rate: Rate;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/** Paths that anybody may ask. */
const OPEN_PATHS: ReadonlySet<string> = new Set(["/api/v1/health", "/api/v1/ready"]);

/** Who asks where nobody needs a token. */
const ANYBODY: Token = { name: "anybody", role: "admin", createdAt: 0 };

/** How often an address may be wrong about a token. */
const WRONG_TOKENS: Rate = { perSecond: 1, burst: 20 };

const READING: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Paths that a token that may only look must not see: who else has one. */
const ADMIN_PATH = /^\/api\/v1\/tokens(\/|$)/;

const HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cache-Control": "no-store",
};

/** Where a request comes from, as the connection says. */
function addressOf(context: Context<ServerEnv>): string {
  const { incoming } = (context.env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } }; // of node-server
  return incoming?.socket?.remoteAddress ?? "";
}

/** The middleware. */
export function requestGuard(
  options: GuardOptions,
): (context: Context<ServerEnv>, next: Next) => Promise<Response | undefined> {
  const { tokens, hosts, origins, rate, now } = options;
  const requests = new RateLimiter(rate, now), wrong = new RateLimiter(WRONG_TOKENS, now);

  const checkHost = (context: Context<ServerEnv>) => {
    const host = context.req.header("host") ?? new URL(context.req.url).host, name = nameOf(host);
    if (name !== undefined && hosts.includes(name)) return;
    throw new ServerError(
      "HostNotAllowed",
      "This server is not asked under that name",
      "Start it with --allow-host.",
    );
  };

  /** A page of another origin may neither read nor do anything, unless it was named. */
  const checkOrigin = (context: Context<ServerEnv>): string | undefined => {
    const origin = context.req.header("origin");
    if (origin === undefined) {
      if (context.req.header("sec-fetch-site") !== "cross-site") return undefined;
      throw new ServerError("Forbidden", "Pages of other origins may not ask");
    }
    if (origins.includes(origin)) return origin;
    const own = context.req.header("host");
    if (own !== undefined && (origin === `http://${own}` || origin === `https://${own}`)) return undefined;
    throw new ServerError("Forbidden", "Pages of that origin may not ask", "Start the server with --cors.");
  };

  const authenticate = (context: Context<ServerEnv>): Token => {
    if (tokens === undefined) return ANYBODY;
    const [, secret] = /^Bearer ([\x21-\x7e]{1,200})$/i.exec(context.req.header("authorization") ?? "") ?? [];
    const token = secret === undefined ? undefined : tokens.verify(secret);
    if (token !== undefined) return token;
    const pause = secret === undefined ? 0 : wrong.take(addressOf(context));
    if (pause > 0) throw limited(context, pause);
    context.header("WWW-Authenticate", 'Bearer realm="aegis"');
    throw new ServerError("Unauthorized", "A token is needed", 'Send "Authorization: Bearer TOKEN".');
  };

  return async (context, next): Promise<Response | undefined> => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    checkHost(context);
    const pause = requests.take(addressOf(context));
    if (pause > 0) throw limited(context, pause);
    const { method, path } = context.req, isPage = READING.has(method) && isPagePath(path);
    // A page holds no data: any site may lead to one.
    const origin = isPage ? undefined : checkOrigin(context);
    if (origin !== undefined) {
      context.header("Access-Control-Allow-Origin", origin);
      context.header("Vary", "Origin");
      context.header("Cross-Origin-Resource-Policy", "cross-origin");
    }
    if (method === "OPTIONS" && origin !== undefined) {
      context.header("Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE");
      context.header("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key");
      context.header("Access-Control-Max-Age", "600");
      return context.body(null, 204);
    }
    if (!isPage && !OPEN_PATHS.has(path)) {
      const token = authenticate(context);
      if (token.role !== "admin" && (!READING.has(method) || ADMIN_PATH.test(path))) {
        throw new ServerError("Forbidden", "This token may only look");
      }
      context.set("token", token);
    }
    await next();
    return undefined;
  };
}

function limited(context: Context<ServerEnv>, seconds: number): ServerError {
  context.header("Retry-After", String(seconds));
  return new ServerError("RateLimited", "Too many requests", `Wait for ${seconds} s.`);
}

/** The name in a `Host` header; undefined for what is none. */
function nameOf(host: string): string | undefined {
  const [, name] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/.exec(host.toLowerCase()) ?? [];
  return name;
}
