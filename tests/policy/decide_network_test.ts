import { decide } from "../../src/policy/decide.ts";
import { decideAddress } from "../../src/policy/decide_network.ts";
import type { Policy } from "../../src/policy/grants.ts";
import { NetworkCapability } from "../../src/policy/network_capability.ts";
import { mergeGrants } from "../../src/policy/policy.ts";
import type { NetworkRequest } from "../../src/policy/request.ts";
import { assert, assertEquals } from "../assert.ts";

function request(url: string, method = "GET"): NetworkRequest {
  const { protocol, hostname, port } = new URL(url), scheme = protocol.slice(0, -1);
  const own = scheme === "https" ? 443 : 80;
  return { kind: "network", method, scheme, host: hostname, port: port === "" ? own : Number(port) };
}

function isAllowed(policy: Policy, url: string, method = "GET"): boolean {
  return decide(policy, request(url, method)).allowed;
}

function denial(policy: Policy, asked: NetworkRequest) {
  const decision = decide(policy, asked);
  assert(!decision.allowed);
  return decision;
}

Deno.test("decide() allows the schemes and ports that a host was granted with", () => {
  const policy = mergeGrants([
    NetworkCapability.hosts(["a.com", "b.com:8443", "https://c.com", "http://d.com:81"]),
  ]);
  for (
    const url of [
      "https://a.com",
      "http://a.com",
      "https://A.com.:443",
      "https://b.com:8443",
      "http://b.com:8443",
      "https://c.com",
      "http://d.com:81",
    ]
  ) assert(isAllowed(policy, url), url);
  for (
    const url of [
      "https://a.com:80",
      "http://a.com:443",
      "https://a.com:8443",
      "https://b.com",
      "http://c.com",
      "https://c.com:444",
      "http://d.com",
      "https://d.com:81",
      "https://x.a.com",
      "https://a.com.evil.org",
    ]
  ) assert(!isAllowed(policy, url), url);
});

Deno.test("decide() sees one address in all of its spellings", () => {
  const policy = mergeGrants([NetworkCapability.hosts(["127.0.0.1", "[::1]"])]);
  for (const host of ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "::ffff:127.0.0.1", "::1", "[::1]"]) {
    assert(decide(policy, { ...request("http://x"), host }).allowed, host);
  }
  for (const host of ["127.0.0.2", "0.0.0.0", "localhost", "::", "10.0.0.1"]) {
    assert(!decide(policy, { ...request("http://x"), host }).allowed, host);
  }
});

Deno.test("decide() takes all public hosts for no local one, however it is spelt", () => {
  const policy = mergeGrants([NetworkCapability.full()]);
  assert(isAllowed(policy, "https://example.com"));
  const local = [
    "localhost",
    "LOCALHOST.",
    "a.localhost",
    "metadata.google.internal",
    "intranet",
    "2852039166",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "[::ffff:169.254.169.254]",
    "[::ffff:a9fe:a9fe]",
    "[64:ff9b::169.254.169.254]",
    "[2002:a9fe:a9fe::]",
    "[fd00:ec2::254]",
    "[::]",
    "0",
    "127.1",
    "１２７.0.0.1",
    "[::127.0.0.1]",
  ];
  for (const host of local) assert(!decide(policy, { ...request("http://x"), host }).allowed, host);
});

Deno.test("decide() grants no other scheme, no tunnel, and no host that a URL would read otherwise", () => {
  const policy = mergeGrants([NetworkCapability.full(), NetworkCapability.hosts(["a.com"])]),
    base = request("https://a.com");
  assert(decide(policy, base).allowed);
  const wrong: Partial<NetworkRequest>[] = [
    { scheme: "ftp" },
    { scheme: "ws" },
    { scheme: "HTTPS" },
    { scheme: "https:" },
    { scheme: "toString" },
    { method: "CONNECT" },
    { method: "TRACE" },
    { method: "get" },
    { method: "GET\r\nHost: b.com" },
    { method: "" },
    { host: "user@a.com" },
    { host: "a.com/x" },
    { host: "a.com\\@b.com" },
    { host: "%61.com" },
    { host: "a.com:443" },
    { host: "" },
    { port: 0 },
    { port: 443.5 },
    { port: NaN },
    { port: 65536 + 443 },
  ];
  for (const change of wrong) {
    const { flag, hint } = denial(policy, { ...base, ...change });
    assertEquals([flag, hint !== ""], [undefined, true], JSON.stringify(change));
  }
});

Deno.test("decide() names the URL that no grant covers, with the flag and the builder that would", () => {
  const policy = mergeGrants([NetworkCapability.hosts(["https://a.com"], { methods: ["GET"] })]);
  assertEquals<unknown>(denial(policy, request("https://api.example.com:8443")), {
    allowed: false,
    reason: 'no network grant covers "https://api.example.com:8443"',
    flag: "--allow-net=api.example.com:8443",
    hint: 'NetworkCapability.hosts(["https://api.example.com:8443"])',
  });
  assertEquals(denial(policy, request("http://b.com")).flag, "--allow-net=b.com");
  assertEquals(denial(policy, request("http://[::1]:8080")).flag, "--allow-net='[::1]:8080'");
  const { reason, hint } = denial(policy, request("https://a.com", "POST"));
  assertEquals(reason, '"https://a.com" was granted without POST');
  assertEquals(hint, 'NetworkCapability.hosts(["https://a.com"], { methods: ["POST"] })');
});

Deno.test("decide() suggests no flag for a cloud's own services", () => {
  const policy = mergeGrants([]);
  for (const url of ["http://169.254.169.254", "http://[fd00:ec2::254]", "http://2852039166"]) {
    assertEquals(denial(policy, request(url)).flag, undefined, url);
  }
});

Deno.test("decide() answers with the grant that has the largest body", () => {
  const policy = mergeGrants([
    NetworkCapability.hosts(["a.com"], { maxBody: 10 }),
    NetworkCapability.full({ maxBody: 20 }),
    NetworkCapability.hosts(["https://a.com"], { maxBody: 99, methods: ["POST"] }),
  ]);
  const decision = decide(policy, request("https://a.com"));
  assert(decision.allowed && decision.grant.kind === "network");
  assertEquals(decision.grant.maxBody, 20);
});

/** Whether a hop to `url` may connect to the address. */
function mayConnect(policy: Policy, url: string, address: string): boolean {
  return decideAddress(policy, { request: request(url), address }).allowed;
}

Deno.test("decideAddress() lets a name lead to a public address, and to no other that is not granted", () => {
  const policy = mergeGrants([NetworkCapability.hosts(["a.com", "10.0.0.5"])]);
  for (const address of ["8.8.8.8", "2606:4700::1", "::ffff:8.8.8.8", "10.0.0.5"]) {
    assert(mayConnect(policy, "https://a.com", address), address);
  }
  const held = [
    "127.0.0.1",
    "10.0.0.6",
    "169.254.169.254",
    "::1",
    "fe80::1%eth0",
    "::ffff:10.0.0.6",
    "0.0.0.0",
    "",
    "x",
  ];
  for (const address of held) assert(!mayConnect(policy, "https://a.com", address), address);
  assert(!mayConnect(policy, "https://b.com", "8.8.8.8"));
});

Deno.test("decideAddress() holds the port and the scheme of the address that is granted", () => {
  const policy = mergeGrants([NetworkCapability.hosts(["a.com", "http://10.0.0.5"])]);
  assert(mayConnect(policy, "http://a.com", "10.0.0.5"));
  assert(!mayConnect(policy, "https://a.com", "10.0.0.5"));
});

Deno.test("decideAddress() takes localhost for this machine and nothing else", () => {
  const policy = mergeGrants([
    NetworkCapability.loopback(),
    NetworkCapability.hosts(["*.localhost", "10.0.0.5"]),
  ]);
  for (const address of ["127.0.0.1", "127.0.0.53", "::1"]) {
    assert(mayConnect(policy, "http://localhost", address), address);
    assert(mayConnect(policy, "http://a.localhost", address), address);
  }
  for (const address of ["8.8.8.8", "10.0.0.5", "0.0.0.0"]) {
    assert(!mayConnect(policy, "http://localhost", address), address);
  }
});

Deno.test("decideAddress() says where the name leads", () => {
  const decision = decideAddress(mergeGrants([NetworkCapability.hosts(["a.com"])]), {
    request: request("https://a.com"),
    address: "169.254.169.254",
  });
  assert(!decision.allowed);
  assertEquals(decision.reason, '"a.com" resolves to "169.254.169.254", which is a cloud\'s own service');
  assertEquals(decision.flag, undefined);
});
