/** Class G: what keeps the server, its routes, its pages and its tokens from those that ask it. */
import type { Defence } from "../defence.ts";

const GUARD = "tests/server/request_guard_test.ts",
  API = "tests/server/api_test.ts",
  PAGES = "tests/server/pages_test.ts",
  HTTP_SERVER = "tests/server/http_server_test.ts",
  TOKENS = "tests/server/tokens_test.ts";

export const SERVER: readonly Defence[] = [
  {
    id: "page-policy",
    what: "no script and no style may stand in an answer or a page",
    lines: ["G58"],
    file: "src/server/request_guard.ts",
    find: `    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);`,
    replace: `    void HEADERS;`,
    tests: [API, PAGES, GUARD],
  },
  {
    id: "server-host",
    what: "a request under a name that is not the server's is refused",
    lines: ["G58"],
    file: "src/server/request_guard.ts",
    find: `    if (name !== undefined && hosts.includes(name)) return;`,
    replace: `    if (name !== undefined || hosts.includes("")) return;`,
    tests: [GUARD, PAGES],
  },
  {
    id: "server-origin",
    what: "a request of another page is refused before its token is looked at",
    lines: ["G58"],
    file: "src/server/request_guard.ts",
    find:
      `    throw new ServerError("Forbidden", "Pages of that origin may not ask", "Start the server with --cors.");`,
    replace: `    return undefined;`,
    tests: [GUARD, PAGES],
  },
  {
    id: "server-cross-site",
    what: "a request that a browser marks as another site's is refused",
    lines: ["G58"],
    file: "src/server/request_guard.ts",
    find: `      if (context.req.header("sec-fetch-site") !== "cross-site") return undefined;`,
    replace: `      if (context.req.header("sec-fetch-site") !== "nowhere") return undefined;`,
    tests: [GUARD, PAGES],
  },
  {
    id: "server-token",
    what: "nobody without a token gets anything but whether the server lives",
    lines: ["G59"],
    file: "src/server/request_guard.ts",
    find: `    if (token !== undefined) return token;
    const pause`,
    replace: `    if (token !== undefined || secret === undefined) return token ?? ANYBODY;
    const pause`,
    tests: [API],
  },
  {
    id: "server-token-compared",
    what: "a token is one whose hash is kept",
    lines: ["G59"],
    file: "src/server/tokens.ts",
    find: `      if (timingSafeEqual(hash, Buffer.from(token.hash, "hex"))) found = token;`,
    replace: `      if (timingSafeEqual(hash.subarray(0, 0), Buffer.from(""))) found = token;`,
    tests: [TOKENS, API],
  },
  {
    id: "server-token-hashed",
    what: "of a token its hash alone is kept",
    lines: ["G59"],
    file: "src/server/tokens.ts",
    find:
      `    this.#keep([...this.#tokens, { name, role, createdAt, hash: hashOf(secret).toString("hex") }]);`,
    replace:
      `    this.#keep([...this.#tokens, { name, role, createdAt, hash: hashOf(secret).toString("hex"), secret } as KeptToken]);`,
    tests: [TOKENS],
  },
  {
    id: "server-role",
    what: "a token that may look changes nothing, and sees no tokens",
    lines: ["G59"],
    file: "src/server/request_guard.ts",
    find: `      if (token.role !== "admin" && (!READING.has(method) || ADMIN_PATH.test(path))) {`,
    replace:
      `      if (token.role === "nobody" as string && (!READING.has(method) || ADMIN_PATH.test(path))) {`,
    tests: [API],
  },
  {
    id: "server-rate",
    what: "who asks too often waits, and who is wrong about tokens longer",
    lines: ["G59"],
    file: "src/server/rate_limiter.ts",
    find: `    if (bucket.left < 1) return Math.ceil((1 - bucket.left) / perSecond);`,
    replace: ``,
    tests: [GUARD],
  },
  {
    id: "server-body",
    what: "a body is no larger than may be, declared or not",
    lines: ["G59"],
    file: "src/server/request_body.ts",
    find: `    if (size > most) throw tooLarge(most);`,
    replace: ``,
    also: [{
      file: "src/server/request_body.ts",
      find: `    if (Number(length) > most) throw tooLarge(most);`,
      replace: ``,
    }, {
      file: "src/server/request_body.ts",
      find: `  if (declared > most) throw tooLarge(most);`,
      replace: `  void declared;`,
    }],
    tests: [GUARD],
  },
  {
    id: "server-framing",
    what: "a request that could be read as two is refused, and its connection ends",
    lines: ["G59"],
    file: "src/server/request_fault.ts",
    find: `  if (values("host").length > 1) return "it names several hosts";`,
    replace: ``,
    also: [{
      file: "src/server/request_fault.ts",
      find: `  if (body && (method === "GET" || method === "HEAD")) {`,
      replace: `  if (body && method === "") {`,
    }],
    tests: [HTTP_SERVER],
  },
];
