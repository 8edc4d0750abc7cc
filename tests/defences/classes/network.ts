/** Class F: what keeps requests to the hosts that were granted, and what they bring within bounds. */
import type { Defence } from "../defence.ts";

const REDIRECTS = "tests/adversarial/network/redirects_test.ts",
  ADDRESSES = "tests/adversarial/network/addresses_test.ts",
  BODIES = "tests/adversarial/network/bodies_test.ts",
  SMUGGLING = "tests/adversarial/network/smuggling_test.ts",
  SECRETS = "tests/adversarial/network/secrets_test.ts",
  CHANGES = "tests/adversarial/network/changes_test.ts",
  FORGED = "tests/adversarial/network/forged_test.ts";

export const NETWORK: readonly Defence[] = [
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
