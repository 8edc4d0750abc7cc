/** Class G: what keeps guests from their host, from each other, from a terminal, a page and a server. */
import type { Defence } from "../defence.ts";

const ISOLATION_TEST = "tests/adversarial/isolation/isolation_test.ts",
  FRAMES = "tests/adversarial/isolation/forged_frames_test.ts",
  FORGED_FILES = "tests/adversarial/files/forged_test.ts",
  FORGED_NET = "tests/adversarial/network/forged_test.ts",
  PERMISSIONS = "tests/adversarial/files/permissions_test.ts",
  TERMINAL = "tests/terminal/terminal_test.ts",
  BOTH_BACK_ENDS = "tests/isolation/hostile_test.ts",
  GUARD = "tests/server/request_guard_test.ts",
  API = "tests/server/api_test.ts",
  PAGES = "tests/server/pages_test.ts",
  HTTP_SERVER = "tests/server/http_server_test.ts",
  TOKENS = "tests/server/tokens_test.ts",
  MANIFEST = "tests/manifest/manifest_test.ts",
  MCP = "tests/wrappers/mcp/mcp_server_test.ts",
  MCP_HTTP = "tests/wrappers/mcp/http_handler_test.ts",
  WRAPPED_HTTP = "tests/wrappers/http/hostile_test.ts";

export const ISOLATION: readonly Defence[] = [
  {
    id: "own-keys-alone",
    what: "limits and options are read without a prototype, so a polluted one reaches none",
    lines: ["G52"],
    file: "src/core/limits.ts",
    find: `  const own: LimitOptions = Object.assign(Object.create(null), options);`,
    replace: `  const own: LimitOptions = { ...options };`,
    also: [{
      file: "src/core/limits.ts",
      find: `  const base: LimitOptions = Object.assign(Object.create(null), PRESETS[preset]);`,
      replace: `  const base: LimitOptions = { ...PRESETS[preset] };`,
    }],
    tests: [ISOLATION_TEST],
    only: ["G52"],
  },
  {
    id: "limits-frozen",
    what: "limits that are handed out cannot be changed",
    lines: ["G52"],
    file: "src/core/limits.ts",
    find: `  return Object.freeze(resolved) as unknown as Limits;`,
    replace: `  return resolved as unknown as Limits;`,
    tests: [ISOLATION_TEST],
    only: ["G52"],
  },
  {
    id: "guest-names-plain",
    what: "names that a guest chooses end up in lists and maps, and are no properties of objects",
    lines: ["G52"],
    file: "src/sandbox/result.ts",
    find: `    case RESULTS.value:
      return "value";`,
    replace: `    case RESULTS.value:
      for (const { exports } of context.modules) {
        for (const { name } of exports) ((Object.prototype as unknown as Record<string, unknown>)[name] ??= name);
      }
      return "value";`,
    tests: [ISOLATION_TEST],
    only: ["G52 names"],
  },
  {
    id: "frame-kinds",
    what: "a frame is read as what the host waits for, and nothing else",
    lines: ["G53"],
    file: "src/sandbox/result.ts",
    find: `    default:
      return { kind: "fault"`,
    replace: `    default:
      if (result >= 0) return "value";
      return { kind: "fault"`,
    tests: [FRAMES],
  },
  {
    id: "frame-ends",
    what: "nothing is read past the end of a frame, whatever length it says",
    lines: ["G53"],
    file: "src/protocol/frame.ts",
    find: `    if (count > this.#end - at) throw new FrameError("Cannot read past the end of a frame");`,
    replace: ``,
    also: [{
      file: "src/protocol/frame.ts",
      find: `    if (length < 0 || !area.reaches(this.#end)) {`,
      replace: `    if (length === -7777) {`,
    }],
    tests: [FRAMES, FORGED_FILES],
    only: ["G53"],
    seconds: 240,
  },
  {
    id: "trap-frames",
    what: "frames of a trap are counted, and looked up in the modules that there are",
    lines: ["G53"],
    file: "src/sandbox/result.ts",
    find: `  for (let left = Math.min(reader.u32(), MOST_FRAMES); left > 0; left--) {
    const module = modules[reader.u32()], offset = reader.u32();`,
    replace: `  const count = reader.u32();
  frames.push(...new Array<TrapFrame>(Math.min(count, 2 ** 27)));
  for (let left = count + MOST_FRAMES * 0; left > 0; left--) {
    const module = modules[reader.u32()], offset = reader.u32();`,
    tests: [FRAMES],
    ends: "crash",
  },
  {
    id: "given-up",
    what: "a guest that does not come back is given up after the grace",
    lines: ["G53"],
    file: "src/sandbox/guest_thread.ts",
    find: `    this.#grace = setTimeout(() => this.#lose(this.#notStopped), this.#backEnd.grace);
  }

  /** Whether the guest stands still`,
    replace: `  }

  /** Whether the guest stands still`,
    tests: [FRAMES],
    ends: "hang",
    seconds: 60,
  },
  {
    id: "residue-instances",
    what: "a reset forgets the instances of the life before, their memories, tables and globals",
    lines: ["G54"],
    file: "src/guest/machine.ts",
    find: `    const loads = drop ? [] : this.#loads;
    this.#forget();
    this.begin(timeout, undefined);
    this.#provided.reset();`,
    replace: `    const loads = drop ? [] : this.#loads;
    if (loads.length > 0) return this.begin(timeout, undefined);
    this.#forget();
    this.begin(timeout, undefined);
    this.#provided.reset();`,
    tests: [ISOLATION_TEST, BOTH_BACK_ENDS],
    only: ["G54"],
  },
  {
    id: "residue-meters",
    what: "a reset begins the meters anew",
    lines: ["G54"],
    file: "src/guest/machine.ts",
    find: `    this.fuel.clear();
    this.#stack.clear();
    this.growth.clear();`,
    replace: `    this.#stack.clear();`,
    tests: [ISOLATION_TEST],
    only: ["G54"],
  },
  {
    id: "neighbours-apart",
    what: "each sandbox has instances of its own, in a thread of its own",
    lines: ["G55"],
    file: "src/sandbox/guest_back_end.ts",
    find: `  const worker = startWorker(TEXT);`,
    replace: `  const shared = globalThis as unknown as { guest?: Worker };
  const worker = shared.guest ??= startWorker(TEXT);`,
    tests: [ISOLATION_TEST],
    only: ["G55"],
    ends: "hang",
    seconds: 40,
  },
  {
    id: "memory-range",
    what: "the host reads and writes within a guest's memory alone, whatever it is asked for",
    lines: ["G55"],
    file: "src/guest/service.ts",
    find: `  if (!natural(offset) || !natural(length) || offset + length > size) {`,
    replace: `  if (!natural(0)) {`,
    tests: [ISOLATION_TEST],
    only: ["G55"],
  },
  {
    id: "memory-stays",
    what: "after a stop that does not end an instance its memory can be read",
    lines: ["G54"],
    file: "src/guest/service.ts",
    find: `    this.#answer(() => {
      this.machine.forgetStop();
      const reader = this.channel.reader();
      const index`,
    replace: `    this.#answer(() => {
      const reader = this.channel.reader();
      const index`,
    tests: [ISOLATION_TEST],
    only: ["G54"],
  },
  {
    id: "scrubbed",
    what: "what could reach outside is taken from the guest's scope before anything runs",
    lines: ["G57"],
    file: "src/guest/scrub.ts",
    find: `      if (!Object.hasOwn(holder, name)) continue;`,
    replace: `      if (Object.hasOwn(holder, name)) continue;`,
    tests: [ISOLATION_TEST, TERMINAL],
    only: ["G57"],
  },
  {
    id: "scrubbed-constructors",
    what: "no constructor of functions is left behind a prototype",
    lines: ["G57"],
    file: "src/guest/scrub.ts",
    find: `  for (const made of constructors) {`,
    replace: `  for (const made of constructors.slice(4)) {`,
    tests: [ISOLATION_TEST, BOTH_BACK_ENDS],
    only: ["G57"],
  },
  {
    id: "no-permissions",
    what: "a Worker has the permissions that are named for it, by default none",
    lines: ["G57"],
    file: "src/sandbox/worker.ts",
    find: `  const options: WorkerOptions = { type: "module", name: text.name, deno: { permissions } };`,
    replace: `  const options: WorkerOptions = { type: "module", name: text.name };
  void permissions;`,
    tests: [ISOLATION_TEST, PERMISSIONS, BOTH_BACK_ENDS, TERMINAL],
    only: ["G57"],
  },
  {
    id: "permissions-given-up",
    what: "the command's process gives its permissions up once its brokers have started",
    lines: ["G57"],
    file: "src/cli/host_permissions.ts",
    find: `    else if (name !== "run" || isolation === "worker") Deno.permissions.revokeSync({ name });`,
    replace: `    else void isolation;`,
    tests: [PERMISSIONS],
    only: ["G57 the command"],
  },
  {
    id: "terminal-escaped",
    what: "control characters that a guest prints do not reach a terminal as they are",
    lines: ["G58"],
    file: "src/cli/terminal_text.ts",
    find: `    return this.#encoder.encode(text.replace(UNSAFE, escapeShort));`,
    replace: `    void [UNSAFE, escapeShort];
    return this.#encoder.encode(text);`,
    tests: [TERMINAL, "tests/cli/terminal_text_test.ts"],
    only: ["G58"],
  },
  {
    id: "quoted",
    what: "names and paths of a guest are quoted before they are printed",
    lines: ["G58"],
    file: "src/core/plain_text.ts",
    find: `  /[\\u0000-\\u001f\\u007f-\\u009f\\u061c`,
    replace: `  /[\\u0001-\\u0001\\u061c`,
    also: [{
      file: "src/core/quote.ts",
      find: `  return JSON.stringify(shown).replace(UNSAFE, escapeUnits);`,
      replace: `  void [UNSAFE, escapeUnits];
  return shown;`,
    }],
    tests: [PERMISSIONS, "tests/cli/printable_test.ts"],
    only: ["G58"],
  },
  {
    id: "clean-text",
    what: "texts of a module that models see have no characters that hide or turn them",
    lines: ["G58"],
    file: "src/wrappers/mcp/clean_text.ts",
    find: `replace(/\\r\\n?/g, "\\n").replace(HIDDEN, "").trim();`,
    replace: `replace(/\\r\\n?/g, "\\n").trim();`,
    tests: [MCP, "tests/wrappers/mcp/parts_test.ts"],
    only: ["G58"],
  },
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
    lines: ["G58", "G59"],
    file: "src/server/request_guard.ts",
    find: `    if (name !== undefined && hosts.includes(name)) return;`,
    replace: `    if (name !== undefined || hosts.includes("")) return;`,
    tests: [GUARD, PAGES],
  },
  {
    id: "server-origin",
    what: "a request of another page is refused before its token is looked at",
    lines: ["G58", "G59"],
    file: "src/server/request_guard.ts",
    find:
      `    throw new ServerError("Forbidden", "Pages of that origin may not ask", "Start the server with --cors.");`,
    replace: `    return undefined;`,
    tests: [GUARD, PAGES],
  },
  {
    id: "server-cross-site",
    what: "a request that a browser marks as another site's is refused",
    lines: ["G58", "G59"],
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
    id: "server-depth",
    what: "JSON is nested no deeper than what handles it may recurse",
    lines: ["G59"],
    file: "src/server/json_depth.ts",
    find: `    if (inner.length > 0 && depth === MOST_LEVELS) return false;`,
    replace: `    if (depth > MOST_LEVELS * 1e6) return false;`,
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
  {
    id: "mcp-names",
    what: "no tool takes another's name, in case or in signs that look alike",
    lines: ["G59"],
    file: "src/wrappers/mcp/names.ts",
    find: `    if (before !== undefined) {`,
    replace: `    if (before !== undefined && owner === "") {`,
    tests: [MCP, "tests/wrappers/mcp/parts_test.ts"],
    only: ["G59 no tool", "G59 TakenNames"],
  },
  {
    id: "mcp-depth",
    what: "what a client sends is neither deep nor many",
    lines: ["G59", "G60"],
    file: "src/wrappers/mcp/json_bounds.ts",
    find: "      if (depth === levels) return \`it is nested more than \${levels} levels deep\`;",
    replace: `      void levels;`,
    tests: [
      MCP_HTTP,
      "tests/wrappers/mcp/stdio_transport_test.ts",
      "tests/wrappers/plugin/plugin_manifest_test.ts",
    ],
  },
  {
    id: "mcp-body",
    what: "a body over HTTP is bounded in size and in time",
    lines: ["G59"],
    file: "src/wrappers/mcp/http_guard.ts",
    find: `        if (size > this.#bodySize) {`,
    replace: `        if (size > Infinity) {`,
    also: [{
      file: "src/wrappers/mcp/http_guard.ts",
      find: `    if (!(declared <= this.#bodySize)) return "large";`,
      replace: `    void declared;`,
    }, {
      file: "src/wrappers/mcp/http_guard.ts",
      find: `      reader.cancel().catch(() => {});
    }, this.#bodyTime);`,
      replace: `    }, this.#bodyTime);`,
    }],
    tests: [MCP_HTTP],
    ends: "hang",
    seconds: 40,
  },
  {
    id: "mcp-guard",
    what: "names, origins and tokens are looked at before the protocol sees a request",
    lines: ["G59"],
    file: "src/wrappers/mcp/http_guard.ts",
    find: `    if (host === undefined || !this.#hosts.includes(host)) {`,
    replace: `    if (host === undefined) {`,
    also: [{
      file: "src/wrappers/mcp/http_guard.ts",
      find: `    if (origin !== undefined && !this.#origins.includes(origin)) {`,
      replace: `    if (origin === "") {`,
    }],
    tests: [MCP_HTTP],
  },
  {
    id: "wrapped-bodies",
    what: "the bodies of all requests together hold so many bytes and no more",
    lines: ["G59"],
    file: "src/wrappers/http/byte_budget.ts",
    find: `    if (this.#held + bytes > this.#most) {`,
    replace: `    if (this.#held + bytes > Infinity) {`,
    tests: [WRAPPED_HTTP, "tests/wrappers/http/byte_budget_test.ts"],
  },
  {
    id: "manifest-unknown-key",
    what: "a key of a manifest that nobody reads is refused",
    lines: ["G60"],
    file: "src/manifest/layer.ts",
    find: `    } else if (!others.includes(key)) complain(() => place.unknown(known));`,
    replace: `    } else void [others, known];`,
    tests: [MANIFEST],
  },
  {
    id: "manifest-own-keys",
    what: "a key is looked for among ours, and not among what every object has",
    lines: ["G60", "G52"],
    file: "src/manifest/layer.ts",
    find: `    else if (Object.hasOwn(SECTIONS, key)) {`,
    replace: `    else if (key in SECTIONS) {`,
    tests: [MANIFEST],
  },
  {
    id: "plugin-hash",
    what: "a module that is not the one that was registered is refused",
    lines: ["G60"],
    file: "src/wrappers/plugin/plugin_registry.ts",
    find: `    if (bytes === undefined || hash !== kept.sha256) {`,
    replace: `    if (bytes === undefined) {`,
    tests: ["tests/wrappers/plugin/plugin_registry_test.ts"],
  },
  {
    id: "manifest-hash",
    what: "a module that is another one than was meant is refused where it runs",
    lines: ["G60"],
    file: "src/cli/guest_module.ts",
    find: `  if (hash === wanted) return;`,
    replace: `  if (hash === wanted || hash.length > 0) return;`,
    tests: ["tests/cli/guest_module_test.ts", "tests/cli/settings_test.ts"],
    only: ["G60"],
  },
  {
    id: "frame-changes",
    what: "what a broker has read of a frame is a copy, and what is changed meanwhile is not read",
    lines: ["G53"],
    file: "src/protocol/frame.ts",
    find: `    return new Uint8Array(new Uint8Array(this.buffer, this.#take(length), length));`,
    replace:
      `    return new Uint8Array(this.buffer, this.#take(length), length) as unknown as Uint8Array<ArrayBuffer>;`,
    tests: [FORGED_FILES, FORGED_NET],
    only: ["G53"],
  },
];
