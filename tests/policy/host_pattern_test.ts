import fc from "../fast_check.ts";
import { isPublicHost, normaliseHost } from "../../src/policy/host_name.ts";
import { coversHost, matchesHost, parseHostPattern, urlOf } from "../../src/policy/host_pattern.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { HOSTS, PATTERNS } from "./arbitrary.ts";
import { assertRefused } from "./refusal.ts";

Deno.test("normaliseHost() gives each host one spelling", () => {
  const spellings: Readonly<Record<string, readonly string[]>> = {
    "example.com": ["example.com", "EXAMPLE.com", "example.com.", "ｅｘａｍｐｌｅ.com", "exam\u00adple.com"],
    "xn--mnchen-3ya.de": ["münchen.de", "MÜNCHEN.de", "xn--mnchen-3ya.de"],
    "127.0.0.1": [
      "127.0.0.1",
      "127.1",
      "0x7f.1",
      "0177.0.0.1",
      "2130706433",
      "0x7f000001",
      "１２７.0.0.1",
      "127.0.0.1.",
    ],
    "169.254.169.254": [
      "0xa9fea9fe",
      "2852039166",
      "169.254.43518",
      "[::ffff:169.254.169.254]",
      "::ffff:a9fe:a9fe",
    ],
    "::1": ["::1", "[::1]", "[0:0:0:0:0:0:0:1]", "0:0::0001"],
    "2001:db8::a": ["[2001:0DB8:0:0:0:0:0:A]"],
    "a_b.example": ["a_b.example"],
  };
  for (const [host, texts] of Object.entries(spellings)) {
    for (const text of texts) assertEquals(normaliseHost(text), host, text);
  }
});

Deno.test("normaliseHost() knows no host in what a URL reads as something else", () => {
  const none = [
    "",
    ".",
    "a..b",
    ".a",
    "a.b..",
    "a b",
    "exa\tmple.com",
    "example.com\n",
    "user@example.com",
    "example.com/x",
    "example.com\\x",
    "example.com?x",
    "example.com#x",
    "%6cocalhost",
    "a%00b",
    "*.example.com",
    "a,b",
    "example.com:80",
    "[::1]:80",
    "[::1",
    "[1.2.3.4]",
    "fe80::1%eth0",
    "1.2.3.4.5",
    "256.1.1.1",
    "foo.1",
    "-a.com",
    "a-.com",
    "a!b",
    "xn--a",
    "\ud800",
    "a".repeat(64),
    "a.".repeat(127) + "ab",
    "a".repeat(100_000),
  ];
  for (const text of none) assertEquals(normaliseHost(text), undefined, text.slice(0, 40));
});

Deno.test("normaliseHost() is total, and changes nothing that is normal", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.domain(), fc.ipV4Extended(), fc.ipV6()),
      (text) => {
        const host = normaliseHost(text);
        if (host !== undefined) assertEquals(normaliseHost(host), host, text);
      },
    ),
  );
});

Deno.test("parseHostPattern() reads every form that is documented", () => {
  const both = ["https", "http"];
  const forms: [string, readonly string[], string, readonly number[]][] = [
    ["api.example.com", both, "api.example.com", []],
    ["API.Example.com:8443", both, "api.example.com", [8443]],
    ["*.example.com", both, "*.example.com", []],
    ["*.München.de:444", both, "*.xn--mnchen-3ya.de", [444]],
    ["https://x.org", ["https"], "x.org", []],
    ["HTTP://x.org:8080", ["http"], "x.org", [8080]],
    ["[::1]:8080", both, "::1", [8080]],
    ["::1", both, "::1", []],
    ["https://[::1]", ["https"], "::1", []],
    ["0x7f.1:80", both, "127.0.0.1", [80]],
    ["localhost:65535", both, "localhost", [65535]],
  ];
  for (const [text, schemes, host, ports] of forms) {
    const read = parseHostPattern(text);
    assertEquals([read.schemes, read.host, read.ports] as const, [schemes, host, ports] as const, text);
  }
});

Deno.test("parseHostPattern() refuses what makes no sense", () => {
  const refused = [
    "",
    "*",
    "*:80",
    "*.",
    "*.*",
    "**.example.com",
    "a.*.com",
    "*a.com",
    "example.*",
    "*.1.2.3.4",
    "*.::1",
    "*.[::1]",
    "user@example.com",
    "https://user:secret@example.com",
    "example.com/",
    "example.com/path",
    "https://example.com/",
    "https:///x",
    "example.com?x",
    "example.com#x",
    "ftp://example.com",
    "file:///etc",
    "://example.com",
    "example.com:",
    "example.com:x",
    "example.com:-1",
    "example.com:8 0",
    "example.com:123456",
    "[::1]:",
    "[::1]x",
    "[fe80::1%25eth0]",
    "a b",
    "a..b",
    "a,b",
  ];
  for (const text of refused) assertRefused(() => parseHostPattern(text), "network.hosts");
  for (const text of ["example.com:0", "example.com:65536"]) {
    assertRefused(() => parseHostPattern(text), "network.ports");
  }
});

Deno.test("parseHostPattern() says what is wrong with a host", () => {
  const reasons: [string, string][] = [
    ["user@example.com", "it holds a user"],
    ["example.com/x", "it holds a path"],
    ["ftp://example.com", 'scheme "ftp" is never granted'],
    ["*", "Use NetworkCapability.full()"],
    ["*.1.2.3.4", "nothing is below an address"],
  ];
  for (const [text, reason] of reasons) {
    const { message } = assertRefused(() => parseHostPattern(text), "network.hosts");
    assertStringIncludes(message, reason);
  }
});

Deno.test("matchesHost() takes a wildcard for what is below a name, never for the name", () => {
  assert(matchesHost("*.example.com", "a.example.com"));
  assert(matchesHost("*.example.com", "a.b.example.com"));
  for (const host of ["example.com", "notexample.com", "example.com.evil.org", "a.example.co", "com"]) {
    assert(!matchesHost("*.example.com", host), host);
  }
  assert(!matchesHost("example.com", "a.example.com"));
});

Deno.test("matchesHost() takes * for public hosts alone", () => {
  for (const host of ["example.com", "8.8.8.8", "2606:4700::1", "localhost.example.com", "notlocal.com"]) {
    assert(matchesHost("*", host) && isPublicHost(host), host);
  }
  const local = [
    "localhost",
    "a.localhost",
    "metadata.google.internal",
    "printer.local",
    "localhost.localdomain",
    "router.lan",
    "wiki.corp",
    "nas.home",
    "nas.home.arpa",
    "intranet",
    "metadata",
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "::1",
    "::",
    "fe80::1",
    "fd00:ec2::254",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
  ];
  for (const host of local) assert(!matchesHost("*", host), host);
});

Deno.test("coversHost() says yes only where every host that the inner pattern matches is matched by the outer", () => {
  const patterns = ["*", ...PATTERNS];
  for (const outer of patterns) {
    assert(coversHost(outer, outer));
    for (const inner of patterns) {
      if (!coversHost(outer, inner)) continue;
      for (const host of HOSTS) {
        assert(!matchesHost(inner, host) || matchesHost(outer, host), `${outer} ${inner} ${host}`);
      }
    }
  }
  assert(coversHost("*", "*.example.com"));
  assert(coversHost("*.com", "*.example.com"));
  assert(!coversHost("*", "*.arpa"));
  assert(!coversHost("*", "*.x.local"));
  assert(!coversHost("*.example.com", "*"));
});

Deno.test("urlOf() leaves the scheme's own port out and puts IPv6 in brackets", () => {
  assertEquals(urlOf("https", "example.com", 443), "https://example.com");
  assertEquals(urlOf("http", "example.com", 443), "http://example.com:443");
  assertEquals(urlOf("https", "::1", 8443), "https://[::1]:8443");
});
