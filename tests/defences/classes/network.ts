/** Class F: what keeps capabilities to what was granted, and requests to the hosts that were. */
import type { Defence } from "../defence.ts";

const IMPORTS = "tests/adversarial/network/imports_test.ts",
  REDIRECTS = "tests/adversarial/network/redirects_test.ts",
  ADDRESSES = "tests/adversarial/network/addresses_test.ts",
  BODIES = "tests/adversarial/network/bodies_test.ts",
  SMUGGLING = "tests/adversarial/network/smuggling_test.ts",
  SECRETS = "tests/adversarial/network/secrets_test.ts",
  CHANGES = "tests/adversarial/network/changes_test.ts",
  FORGED = "tests/adversarial/network/forged_test.ts",
  PROCESSES = "tests/adversarial/network/processes_test.ts",
  CAPABILITIES = "tests/adversarial/wasi/capabilities_test.ts",
  GRANTS = "tests/sandbox/capabilities_test.ts",
  BOTH_BACK_ENDS = "tests/isolation/hostile_test.ts";

export const NETWORK: readonly Defence[] = [
  {
    id: "import-own-names",
    what: "an import is looked for among what was registered, and not among what every object has",
    lines: ["F45"],
    file: "src/wasi/provided_imports.ts",
    find: `return Object.hasOwn(MODULES, module) ? MODULES[module] : undefined;`,
    replace: `return MODULES[module];`,
    also: [{
      file: "src/wasi/provided_imports.ts",
      find: `return Object.hasOwn(functions, name) ? functions[name] : undefined;`,
      replace: `return functions[name];`,
    }],
    tests: [IMPORTS],
  },
  {
    id: "import-listed",
    what: "an import that nothing provides keeps a module from being taken in",
    lines: ["F45"],
    file: "src/sandbox/linker.ts",
    find: `    return linkProvided(wanted) ?? missing(wanted, functions, loaded);`,
    replace: `    void missing;
    return linkProvided(wanted) ?? { from: "aegis", module: "env", name: "log" };`,
    tests: [IMPORTS, BOTH_BACK_ENDS],
    only: ["F45"],
  },
  {
    id: "import-signature",
    what: "a function serves an import of its own type alone",
    lines: ["F45"],
    file: "src/sandbox/linker.ts",
    find: `  if (want !== have) {
    throw new MissingImportError(wanted.module, wanted.name, \`\${want} is wanted, \${have} is registered\`);
  }`,
    replace: `  void [want, have];`,
    tests: [IMPORTS],
  },
  {
    id: "import-kind",
    what: "an export serves an import of its own kind and limits alone",
    lines: ["F45"],
    file: "src/sandbox/linker.ts",
    find: `  if (reason !== undefined) throw new MissingImportError(wanted.module, wanted.name, reason);`,
    replace: `  void reason;`,
    tests: [IMPORTS, "tests/sandbox/linking_test.ts"],
  },
  {
    id: "redirect-decided",
    what: "each hop of a redirect is decided like a first request",
    lines: ["F47"],
    file: "src/broker/net_exchange.ts",
    find: `    const grant = decisions.hop(hop);`,
    replace: `    const grant = this.#allowed ??= decisions.hop(hop);`,
    also: [{
      file: "src/broker/net_exchange.ts",
      find: `  #hop: NetworkRequest | undefined;`,
      replace: `  #hop: NetworkRequest | undefined;
  #allowed: NetworkGrant | undefined;`,
    }, {
      file: "src/broker/net_exchange.ts",
      find: `vet: (address) => decisions.address(hop, address),`,
      replace: `vet: (address) => address !== "",`,
    }, {
      file: "src/broker/net_exchange.ts",
      find: `if (!ports.permitted(hostInUrl(host), port)) {`,
      replace: `if (!ports.permitted(hostInUrl(host), port) && port < 0) {`,
    }],
    tests: [REDIRECTS],
  },
  {
    id: "redirect-count",
    what: "ten redirects are followed, and no more",
    lines: ["F47"],
    file: "src/broker/net_redirects.ts",
    find: `export const MOST_REDIRECTS = 10;`,
    replace: `export const MOST_REDIRECTS = 1000;`,
    tests: [REDIRECTS],
  },
  {
    id: "redirect-method",
    what: "a redirect has the method that it becomes, and that one is decided",
    lines: ["F47"],
    file: "src/broker/net_redirects.ts",
    find:
      `return becomesGet ? { method: "GET", url, headers, body: new Uint8Array(0) } : { ...request, url, headers };`,
    replace: `return { ...request, url, headers };`,
    tests: [REDIRECTS],
  },
  {
    id: "redirect-statuses",
    what: "what only looks like a redirect is none",
    lines: ["F47"],
    file: "src/broker/net_redirects.ts",
    find: `return [301, 302, 303, 307, 308].includes(status);`,
    replace: `return status >= 100;`,
    tests: [REDIRECTS],
  },
  {
    id: "redirect-credentials",
    what: "a URL with credentials in it is none",
    lines: ["F47", "F48"],
    file: "src/broker/net_redirects.ts",
    find: `return url === null || url.username !== "" || url.password !== "" ? undefined : url;`,
    replace: `return url === null ? undefined : url;`,
    tests: [REDIRECTS, ADDRESSES],
    only: ["F47", "tricks"],
  },
  {
    id: "address-decided",
    what: "the address that a name resolved to is decided before the connection is made",
    lines: ["F48"],
    file: "src/policy/decide_network.ts",
    find: `  if (byName ? what === "loopback" : what === "public") return decision;`,
    replace: `  if (byName || what !== undefined) return decision;`,
    tests: [ADDRESSES],
  },
  {
    id: "address-classes",
    what: "what leads to this machine or near it is known in every form of address",
    lines: ["F48"],
    file: "src/policy/addresses.ts",
    find: `  return address.bits === 32 ? ipv4Class(address.value) : ipv6Class(address.value);`,
    replace:
      `  return address.bits === 32 || ipv6Class(address.value) !== "loopback" ? "public" : "loopback";`,
    tests: [ADDRESSES],
  },
  {
    id: "all-public",
    what: "a grant of all hosts is one of public hosts",
    lines: ["F48"],
    file: "src/policy/host_pattern.ts",
    find: `  if (pattern === "*") return isPublicHost(host);`,
    replace: `  if (pattern === "*") return host !== "" || isPublicHost(host);`,
    tests: [ADDRESSES],
  },
  {
    id: "host-exact",
    what:
      "a granted name is no pattern, no suffix and no prefix of another (Deno's permission is the second wall)",
    lines: ["F48"],
    file: "src/policy/host_pattern.ts",
    find: `  return pattern === host;
}

/** Whether a grant's host`,
    replace: `  return pattern.length > 0 && (host.endsWith(pattern) || host.startsWith(pattern));
}

/** Whether a grant's host`,
    also: [{
      file: "src/sandbox/brokers.ts",
      find: `const permissions = { net: netPermissions(policy) };`,
      replace: `const permissions = { net: true } as const;
      void netPermissions;`,
    }, {
      file: "src/broker/net_exchange.ts",
      find: `if (!ports.permitted(hostInUrl(host), port)) {`,
      replace: `if (!ports.permitted(hostInUrl(host), port) && port < 0) {`,
    }],
    tests: [ADDRESSES],
  },
  {
    id: "port-exact",
    what: "a host is granted on its ports and by its schemes alone",
    lines: ["F48", "F50"],
    file: "src/policy/host_pattern.ts",
    find: `  return grant.ports.length > 0 ? grant.ports : [DEFAULT_PORTS[scheme]];`,
    replace: `  return Array.from({ length: 65536 }, (_, port) => port);`,
    tests: [ADDRESSES, SECRETS],
  },
  {
    id: "header-framing",
    what: "a guest sets no header that frames a message or a connection",
    lines: ["F49"],
    file: "src/broker/net_headers.ts",
    find: `    if (!isDropped(lower)) headers.push([lower, value]);`,
    replace: `    if (lower !== "" || isDropped(lower)) headers.push([lower, value]);`,
    tests: [SMUGGLING],
  },
  {
    id: "header-shown",
    what: "a guest sees no header of a connection, and no line that no header was",
    lines: ["F49"],
    file: "src/broker/net_headers.ts",
    find: `    .filter(([name]) => NAME.test(name) && !isOurs(name) && !named.includes(name))
    .map(([name, value]) => \`\${name}: \${value.replace(CONTROLS, " ")}\\n\`)`,
    replace: `    .filter(([name]) => name !== "" && named !== undefined && CONTROLS !== undefined)
    .map(([name, value]) => \`\${name}: \${value}\\n\`)`,
    tests: [SMUGGLING],
  },
  {
    id: "body-by-guest",
    what: "a body that a guest sends is no longer than its grant",
    lines: ["F49"],
    file: "src/broker/net_exchange.ts",
    find: `    if (body.length > grant.maxBody) throw new OperationError("msgsize");`,
    replace: ``,
    tests: [BODIES],
  },
  {
    id: "body-received",
    what: "a body that comes is no longer than its grant, whatever was announced",
    lines: ["F49"],
    file: "src/broker/net_responses.ts",
    find: `      if (this.#received > this.#most) throw new OperationError("msgsize");`,
    replace: ``,
    tests: [BODIES],
  },
  {
    id: "body-announced",
    what: "a body that is announced to be too long is not begun",
    lines: ["F49"],
    file: "src/broker/net_exchange.ts",
    find: `    if (length !== undefined && !bodiless && !(Number(length) <= grant.maxBody)) {`,
    replace: `    if (length !== undefined && !bodiless && Number(length) < 0) {`,
    tests: [BODIES],
  },
  {
    id: "response-time",
    what: "a request has a deadline in each of its phases",
    lines: ["F49", "F51"],
    file: "src/broker/deadline.ts",
    find: `    return Promise.race([this.#end.promise, work]);`,
    replace: `    return work;`,
    tests: [BODIES, CHANGES],
  },
  {
    id: "connections-bounded",
    what: "responses that are open at once are bounded, and those of a host",
    lines: ["F49", "F51", "G53"],
    file: "src/broker/net_responses.ts",
    find: `    if (this.#open.size >= this.#most || same >= most) throw new OperationError("mfile");`,
    replace: `    void [same, most, this.#most];`,
    tests: [BODIES, CHANGES, FORGED],
  },
  {
    id: "bytes-counted",
    what: "bytes over a sandbox's life are counted, and end",
    lines: ["F49"],
    file: "src/broker/net_allowance.ts",
    find: `    this.#left = Math.max(0, this.#left - bytes);`,
    replace: ``,
    tests: [BODIES],
  },
  {
    id: "allowances-outlive-threads",
    what: "bytes that a sandbox has moved count on in the thread that its guest has next",
    lines: ["F49"],
    file: "src/broker/net_allowance.ts",
    find: `this.#all.get(sandbox) ?? netAllowances(`,
    replace: `netAllowances(`,
    tests: [BODIES],
  },
  {
    id: "bytes-a-second",
    what: "bytes a second are held to their rate",
    lines: ["F49"],
    file: "src/broker/net_allowance.ts",
    find: `    if (delay > 0) await deadline.race(this.#delay(delay));`,
    replace: `    void [delay, deadline];`,
    tests: [BODIES],
  },
  {
    id: "body-stays-away",
    what: "what a guest does not read stays in the network",
    lines: ["F49"],
    file: "src/broker/net_responses.ts",
    find: `    this.#pieces = response[Symbol.asyncIterator]();`,
    replace: `    this.#pieces = taken(response[Symbol.asyncIterator]());`,
    also: [{
      file: "src/broker/net_responses.ts",
      find: `const NO_BYTES = new Uint8Array(0);`,
      replace: `const NO_BYTES = new Uint8Array(0);

function taken(pieces: AsyncIterator<Uint8Array>): AsyncIterator<Uint8Array> {
  const here: Promise<IteratorResult<Uint8Array>>[] = [];
  const take = async () => {
    for (let done: boolean | undefined = false; !done;) {
      const next = pieces.next();
      here.push(next);
      done = await next.then((result) => result.done, () => true);
    }
  };
  take();
  return {
    next: async () => {
      while (here.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      return await (here.shift() ?? pieces.next());
    },
  };
}`,
    }],
    tests: [BODIES],
  },
  {
    id: "secret-places",
    what: "a secret goes to its own scheme, host and port alone",
    lines: ["F50"],
    file: "src/broker/net_secrets.ts",
    find: `    if (!mayGo(secret, options.hop)) return { name, reason: "the secret is not for that host" };`,
    replace: `    void mayGo;`,
    tests: [SECRETS],
  },
  {
    id: "secret-https",
    what: "a secret for a host without a scheme goes over https alone",
    lines: ["F50"],
    file: "src/policy/secret.ts",
    find: `  return host.includes("://") ? place : { ...place, schemes: ["https"] };`,
    replace: `  return place;`,
    tests: [SECRETS],
  },
  {
    id: "secret-redirect",
    what: "what proves who asks, and what has a secret, does not follow a redirect to another origin",
    lines: ["F50"],
    file: "src/broker/net_redirects.ts",
    find: `  if (url.origin !== request.url.origin) {`,
    replace: `  if (url.origin === "") {`,
    tests: [SECRETS],
  },
  {
    id: "secret-own",
    what: "a sandbox uses its own secrets alone",
    lines: ["F50"],
    file: "src/broker/net_secrets.ts",
    find: `    const secret = options.secrets.find((entry) => entry.name === name);`,
    replace: `    const all = globalThis as unknown as { secrets?: ResolvedSecret[] };
    (all.secrets ??= []).push(...options.secrets);
    const secret = all.secrets.find((entry) => entry.name === name);`,
    tests: [SECRETS],
  },
  {
    id: "secret-in-values",
    what: "a secret stands in the value of a header, and in no URL and no body",
    lines: ["F50"],
    file: "src/broker/net_exchange.ts",
    find: "    const path = `${request.url.pathname}${request.url.search}`;",
    replace:
      '    const path = decodeURI(`${request.url.pathname}${request.url.search}`).replace(/\\{\\{secret:([^{}]+)\\}\\}/, (_, name) => decisions.secrets(hop, [["x", `{{secret:${name}}}`]])[0]?.[1] ?? "");',
    tests: [SECRETS],
  },
  {
    id: "env-named",
    what: "of the host's variables those that were named are told, and no other",
    lines: ["F46", "F50"],
    file: "src/sandbox/program_settings.ts",
    find: `  const env = [...environment(policy.env, variable), ...workingDirectory(policy)];`,
    replace:
      `  const env = [...environment(policy.env, variable), ...workingDirectory(policy), ...Object.entries(Deno.env.toObject())];`,
    tests: [CAPABILITIES, "tests/sandbox/program_settings_test.ts"],
  },
  {
    id: "env-own",
    what: "a sandbox sees the variables that it was granted itself",
    lines: ["F50", "F46"],
    file: "src/sandbox/program_settings.ts",
    find: `  return grants.flatMap(({ name, value }) => {`,
    replace: `  const all = (globalThis as unknown as { granted?: EnvGrant[] }).granted ??= [];
  all.push(...grants);
  return all.flatMap(({ name, value }) => {`,
    tests: [CAPABILITIES],
  },
  {
    id: "seed-for-all",
    what: "who was granted no random bytes gets a sequence that is always the same",
    lines: ["F46"],
    file: "src/sandbox/program_settings.ts",
    find: `seed: policy.random === undefined ? NO_SEED : policy.random.seed,`,
    replace: `seed: policy.random === undefined ? NO_SEED * 0n + BigInt(Date.now()) : policy.random.seed,`,
    tests: [CAPABILITIES],
  },
  {
    id: "revoked-network",
    what: "a network grant that is taken away ends what is open or under way by it",
    lines: ["F51"],
    file: "src/broker/net_operations.ts",
    find: `    this.#exchange?.narrowed();`,
    replace: ``,
    tests: [CHANGES],
  },
  {
    id: "revoked-responses",
    what: "an open response of a host that is granted no more can do nothing",
    lines: ["F51"],
    file: "src/broker/net_operations.ts",
    find: `      if (grant === undefined) response.end("notcapable");
      else response.narrow(grant.maxBody);`,
    replace: `      if (grant !== undefined) response.narrow(grant.maxBody);`,
    tests: [CHANGES],
  },
  {
    id: "revoked-own",
    what: "what is taken from one sandbox is taken from no other, a later one in its place included",
    lines: ["F51"],
    file: "src/sandbox/brokers.ts",
    find: `        if (!attached) return;
        files?.narrow(policy);`,
    replace: `        files?.narrow(policy);`,
    tests: [CHANGES, GRANTS],
    only: ["F51"],
  },
  {
    id: "cancelled-closes",
    what: "a request that is cancelled closes its connection, and its response is nobody's",
    lines: ["F51"],
    file: "src/broker/net_operations.ts",
    find: `    this.#underway?.end("intr");
    if (this.#unclaimed !== undefined) this.#responses.close(this.#unclaimed);`,
    replace: ``,
    tests: [CHANGES],
    only: ["F51"],
  },
  {
    id: "closed-closes-responses",
    what: "a sandbox that is closed leaves no connection open",
    lines: ["F51", "G53"],
    file: "src/broker/net_operations.ts",
    find: `    this.#underway?.end("intr");
    this.#responses.closeAll();`,
    replace: ``,
    tests: [CHANGES, FORGED],
    only: ["F51", "G53"],
  },
  {
    id: "life-closes-responses",
    what: "a new life has no response of the last one",
    lines: ["F51"],
    file: "src/wasi/provided_imports.ts",
    find: `    this.#http.reset();`,
    replace: ``,
    tests: [CHANGES],
  },
  {
    id: "one-under-way",
    what: "a guest has one operation of a broker under way, however often it rings",
    lines: ["G53"],
    file: "src/broker/async_client.ts",
    find: `    if (this.#busy || this.#closed || !asked || frameKind !== FRAMES.operation) return;`,
    replace: `    if (this.#closed || !asked || frameKind !== FRAMES.operation) return;`,
    tests: [FORGED],
  },
  {
    id: "ended-asks-nothing",
    what: "nothing is begun for a guest that is to end",
    lines: ["G53"],
    file: "src/broker/async_client.ts",
    find: `      if (this.#isAborted && !closes(name)) return this.#refuse("intr");`,
    replace: `      void [closes, this.#isAborted];`,
    tests: [FORGED],
  },
  {
    id: "command-no-shell",
    what: "the words of a guest reach a command as they are: there is no shell",
    lines: ["F45"],
    file: "src/broker/process_ports.ts",
    find: `    return new Deno.Command(command, {
      args: [...args],`,
    replace: `    return new Deno.Command(command, {
      args: args.flatMap((word) => word.split(" ")),`,
    tests: [PROCESSES],
  },
  {
    id: "command-named",
    what: "a guest names commands that were granted, and no programs",
    lines: ["F45"],
    file: "src/broker/process_decisions.ts",
    find:
      `    if (!decision.allowed || decision.grant.kind !== "process") return this.#refuse(request, decision);`,
    replace: `    if (!decision.allowed || decision.grant.kind !== "process") {
      const [first] = this.#policy.process;
      return first ?? this.#refuse(request, decision);
    }`,
    tests: [PROCESSES, FORGED],
    only: ["F45", "process operation"],
  },
  {
    id: "command-environment",
    what: "a command finds none of the host's variables",
    lines: ["F50"],
    file: "src/broker/process_ports.ts",
    find: `      clearEnv: true,
      env: {},`,
    replace: ``,
    tests: [PROCESSES],
  },
  {
    id: "command-time",
    what: "a command does not outlive the call that started it",
    lines: ["F49"],
    file: "src/broker/process_run.ts",
    find: `    await kill(child);
    stdout.take();`,
    replace: `    void kill;
    stdout.take();`,
    tests: [PROCESSES],
  },
  {
    id: "command-lingers",
    what: "what a command has started and left with its pipes is not waited for",
    lines: ["F49"],
    file: "src/broker/process_run.ts",
    find: `    await deadline.race(atMost(LINGER, Promise.all([stdout.ended, stderr.ended])));`,
    replace: `    await deadline.race(Promise.all([stdout.ended, stderr.ended, LINGER]));`,
    tests: [PROCESSES],
  },
  {
    id: "export-kind",
    what: "an export is called as a function where it is one",
    lines: ["F45"],
    file: "src/sandbox/module.ts",
    find:
      `    return type?.kind === "function" ? { params: type.params, results: type.results } : undefined;`,
    replace: `    const { params = [], results = [] } = (type ?? {}) as Partial<FuncType>;
    return type === undefined ? undefined : { params, results };`,
    tests: [IMPORTS],
    only: ["F45 names that are not exported"],
  },
  {
    id: "import-refused-by-name",
    what: "an import of another kind or type is refused with its name, whoever finds that out: V8 does, too",
    lines: ["F45"],
    file: "src/sandbox/linker.ts",
    find: `  return new MissingImportError(wanted?.module ?? "?", wanted?.name ?? "?", reason);`,
    replace: `  return new MissingImportError("?", wanted === undefined ? "" : "?", reason);`,
    also: [{
      file: "src/sandbox/linker.ts",
      find: `  if (wanted.type.kind !== "function") {
    throw new MissingImportError(
      wanted.module,`,
      replace: `  if (wanted.type.kind !== "function") return { from: "host", id, params, results };
  if (id < 0) {
    throw new MissingImportError(
      wanted.module,`,
    }, {
      file: "src/sandbox/linker.ts",
      find: `  if (reason !== undefined) throw new MissingImportError(wanted.module, wanted.name, reason);`,
      replace: `  void reason;`,
    }],
    tests: [IMPORTS],
    only: ["F45 an import that wants"],
  },
  {
    id: "names-utf8",
    what: "names of a module are UTF-8: V8, which looks at them as well, is not asked",
    lines: ["F45"],
    file: "src/wasm/cursor.ts",
    find: `new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });`,
    replace: `new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });`,
    also: [{
      file: "src/guest/prepare.ts",
      find: `  if (!WebAssembly.validate(original)) await refuseLikeV8(original);`,
      replace: `  void [original, refuseLikeV8];`,
    }],
    tests: [IMPORTS],
    only: ["F45 a lone surrogate"],
  },
  {
    id: "suggestion-length",
    what: "no more than the first letters of two names are compared",
    lines: ["F45"],
    file: "src/core/suggestion.ts",
    find: `  const a = from.slice(0, 64), b = to.slice(0, 64);`,
    replace: `  const a = from.slice(0, 1500), b = to.slice(0, 1500);`,
    also: [{
      file: "src/core/suggestion.ts",
      find: `Math.floor(Math.min(wanted.length, 64) / 3)`,
      replace: `Math.floor(Math.min(wanted.length, 1500) / 3)`,
    }],
    tests: [IMPORTS],
    only: ["F45 names of 99,999 bytes"],
  },
  {
    id: "suggestion-count",
    what: "no more than so many names are looked at for a suggestion",
    lines: ["F45"],
    file: "src/core/suggestion.ts",
    find: `    if (++seen > 1_000) break;`,
    replace: `    seen++;`,
    tests: [IMPORTS],
    only: ["F45 ten thousand names"],
  },
  {
    id: "export-by-name",
    what: "an export is found by its name without a look at all the others",
    lines: ["F45"],
    file: "src/sandbox/module.ts",
    find: "    return this.#byName.get(`n${name}`);",
    replace: `    return this.exports.find((item) => item.name === name);`,
    tests: [IMPORTS],
    only: ["F45 ten thousand imports"],
  },
  {
    id: "address-exact",
    what: "an address that was granted leads to no other one (Deno's permission is the second wall)",
    lines: ["F48"],
    file: "src/policy/host_pattern.ts",
    find: `  return pattern === host;
}

/** Whether a grant's host`,
    replace: `  return pattern === host || isAddress(pattern) && isAddress(host);
}

/** Whether a grant's host`,
    also: [{
      file: "src/sandbox/brokers.ts",
      find: `const permissions = { net: netPermissions(policy) };`,
      replace: `const permissions = { net: true } as const;
      void netPermissions;`,
    }, {
      file: "src/broker/net_exchange.ts",
      find: `if (!ports.permitted(hostInUrl(host), port)) {`,
      replace: `if (!ports.permitted(hostInUrl(host), port) && port < 0) {`,
    }],
    tests: [ADDRESSES],
    only: ["F48 a granted address"],
  },
  {
    id: "cancelled-ends",
    what: "a request that is cancelled ends, at once and at the latest with its sandbox",
    lines: ["F51"],
    file: "src/broker/net_operations.ts",
    find: `    this.#underway?.end("intr");
    if (this.#unclaimed !== undefined) this.#responses.close(this.#unclaimed);`,
    replace: ``,
    also: [{
      file: "src/broker/net_operations.ts",
      find: `    this.#underway?.end("intr");
    this.#responses.closeAll();`,
      replace: ``,
    }],
    tests: [CHANGES],
    only: ["F51 a request is cancelled"],
    ends: "hang",
    seconds: 40,
  },
  {
    id: "failure-is-a-number",
    what: "whatever is wrong with what a guest asks of a broker is an error number",
    lines: ["G53"],
    file: "src/broker/async_client.ts",
    find: `      this.#refuse(errnoOf(error));`,
    replace: `      throw error;`,
    tests: [FORGED],
    only: ["G53 every network operation", "G53 frames that lie", "G53 every process operation"],
  },
  {
    id: "rung-for-nobody",
    what: "a bit that a guest sets for a place where no guest is concerns nobody",
    lines: ["G53"],
    file: "src/broker/async_loop.ts",
    find: `this.#clients.get((word - BROKER_WORDS.ready) * 32 + bit)?.serve();`,
    replace: `this.#clients.get((word - BROKER_WORDS.ready) * 32 + bit)!.serve();`,
    tests: [FORGED],
    only: ["G53 a guest that takes turns"],
  },
];
