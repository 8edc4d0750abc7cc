import type { AuditEvent } from "../../src/core/audit.ts";
import { NO_GRANTS, type PlanDirectory, type PlanGrants } from "../../src/manifest/grants.ts";
import { GrantRecord } from "../../src/manifest/recorded_grants.ts";
import { assertEquals } from "../assert.ts";

type Told = readonly [capability: string, action: string, target: string];

/** What is left of grants when these decisions were told. @param missing host paths at which there is nothing */
function usedOf(
  grants: Partial<PlanGrants>,
  told: readonly Told[],
  missing: readonly string[] = [],
): PlanGrants {
  const record = new GrantRecord({ ...NO_GRANTS, ...grants }, (path) => !missing.includes(path));
  for (const [capability, action, target] of told) {
    record.add({ time: 0, sandbox: "s", capability, action, target, allowed: true });
  }
  return record.used();
}

const read = (target: string): Told => ["filesystem", "read", target];

const TREE: PlanDirectory = { host: "/h/tree", guest: "/g", rights: "full" };

/** A note, what was granted, what was told, and what is left. */
type DirectoryRow = readonly [
  note: string,
  granted: readonly PlanDirectory[],
  told: readonly Told[],
  left: readonly PlanDirectory[],
];

const DIRECTORIES: readonly DirectoryRow[] = [
  ["nothing was used", [TREE], [], []],
  ["one file was read", [TREE], [read("/g/a/b.txt")], [{
    host: "/h/tree/a/b.txt",
    guest: "/g/a/b.txt",
    rights: ["read"],
  }]],
  ["the directory itself", [TREE], [read("/g")], [{ host: "/h/tree", guest: "/g", rights: ["read"] }]],
  ["what lies in a place that was used is in its grant", [TREE], [
    read("/g/a"),
    ["filesystem", "write", "/g/a/b/c"],
  ], [{ host: "/h/tree/a", guest: "/g/a", rights: ["read", "write"] }]],
  ["a name that begins alike is another place", [TREE], [read("/g/a"), read("/g/ab")], [
    { host: "/h/tree/a", guest: "/g/a", rights: ["read"] },
    { host: "/h/tree/ab", guest: "/g/ab", rights: ["read"] },
  ]],
  ["what was made or removed is a right over its directory", [TREE], [
    ["filesystem", "create", "/g/out/new"],
    ["filesystem", "delete", "/g/out/old"],
  ], [{ host: "/h/tree/out", guest: "/g/out", rights: ["create", "delete"] }]],
  ["what may have been moved from one to the other is one place", [TREE], [
    ["filesystem", "delete", "/g/x/from/name"],
    ["filesystem", "create", "/g/x/to/name"],
    read("/g/y"),
  ], [
    { host: "/h/tree/y", guest: "/g/y", rights: ["read"] },
    { host: "/h/tree/x", guest: "/g/x", rights: ["create", "delete"] },
  ]],
  ["what is not there cannot be granted, the directory can", [TREE], [read("/g/a/gone")], [
    { host: "/h/tree/a", guest: "/g/a", rights: ["read"] },
  ]],
  ["two grants, one used", [TREE, { host: "/h/other", guest: "/o", rights: "read" }], [read("/o/f")], [
    { host: "/h/other/f", guest: "/o/f", rights: ["read"] },
  ]],
  [
    "the grant in which a library looks is the one that was used",
    [
      TREE,
      { host: "/h/inner", guest: "/g/in", rights: "read" },
    ],
    [read("/g/in/f")],
    [{ host: "/h/inner/f", guest: "/g/in/f", rights: ["read"] }],
  ],
  ["a grant of the working directory", [{ host: "/h", guest: ".", rights: "read" }], [read("./a/f")], [
    { host: "/h/a/f", guest: "a/f", rights: ["read"] },
  ]],
  ["bounds stay where something is written", [{ ...TREE, maxFileSize: 5, totalBytes: 9 }], [
    ["filesystem", "write", "/g/w"],
    read("/g/r"),
  ], [
    { host: "/h/tree/w", guest: "/g/w", rights: ["write"], maxFileSize: 5, totalBytes: 9 },
    { host: "/h/tree/r", guest: "/g/r", rights: ["read"] },
  ]],
  ["a path that was cut may be anywhere", [TREE], [read(`/${"x".repeat(50)}…`)], [
    { host: "/h/tree", guest: "/g", rights: ["read"] },
  ]],
];

Deno.test("GrantRecord leaves of a directory what was used of it", () => {
  for (const [note, directories, told, left] of DIRECTORIES) {
    assertEquals(usedOf({ directories }, told, ["/h/tree/a/gone"]).directories, left, note);
  }
});

Deno.test("GrantRecord leaves the directory that too many places have in common", () => {
  const told = Array.from({ length: 17 }, (_, index) => read(`/g/deep/er/${index}/f`));
  assertEquals(usedOf({ directories: [TREE] }, told).directories, [
    { host: "/h/tree/deep/er", guest: "/g/deep/er", rights: ["read"] },
  ]);
  assertEquals(usedOf({ directories: [TREE] }, told.slice(1)).directories.length, 16);
});

Deno.test("GrantRecord leaves what was granted where too much happened for all to be told", () => {
  const record = new GrantRecord(
    { ...NO_GRANTS, directories: [TREE], sensors: [{ id: 1, values: [2] }] },
    () => true,
  );
  const event: AuditEvent = {
    time: 0,
    sandbox: "s",
    capability: "filesystem",
    action: "",
    target: "",
    allowed: true,
    reason: "too many to tell",
    count: 7,
  };
  record.add(event);
  record.add({ ...event, capability: "sensor", action: "read", target: "…" });
  assertEquals(record.cut, 14);
  assertEquals(record.used().directories, [
    { host: "/h/tree", guest: "/g", rights: ["read", "write", "create", "delete"] },
  ]);
  assertEquals(record.used().sensors, [{ id: 1, values: [2] }]);
});

Deno.test("GrantRecord takes no grant from what was denied", () => {
  const record = new GrantRecord({ ...NO_GRANTS, directories: [TREE], random: true }, () => true);
  for (const capability of ["filesystem", "random"]) {
    record.add({
      time: 0,
      sandbox: "s",
      capability,
      action: "read",
      target: "/g/a",
      allowed: false,
      reason: "no",
    });
  }
  assertEquals(record.used(), NO_GRANTS);
});

const ALL: Partial<PlanGrants> = {
  net: ["*.example.com", { host: "localhost:8080", methods: ["POST"], maxBody: 5 }, {
    host: null,
    ports: [443, 8443],
  }],
  clock: true,
  logging: { level: "trace", rate: 5 },
  sensors: [{ id: 0, values: [1] }, { id: 7, file: "/s" }],
  alert: "info",
  random: true,
  env: [{ name: "A", from: "A" }, { name: "B", from: "AEGIS_B" }],
};

/** A note, what was told, and what is left of {@linkcode ALL}. */
const OTHERS: readonly (readonly [note: string, told: readonly Told[], left: Partial<PlanGrants>])[] = [
  ["nothing", [], {}],
  ["hosts that were spoken to, each with the bounds of its grant", [
    ["network", "connect", "https://api.example.com"],
    ["network", "connect", "http://localhost:8080"],
    ["network", "connect", "https://elsewhere.example:8443"],
  ], {
    net: [
      "https://api.example.com",
      { host: "http://localhost:8080", methods: ["POST"], maxBody: 5 },
      { host: "https://elsewhere.example:8443" },
    ],
  }],
  ["one clock", [["clock", "read", "monotonic"]], { clock: { clock: "monotonic" } }],
  ["both clocks", [["clock", "read", "monotonic"], ["clock", "read", "realtime"]], { clock: true }],
  ["the least important message", [["logging", "log", "error"], ["logging", "log", "info"]], {
    logging: { level: "info", rate: 5 },
  }],
  ["the least important alert", [["alert", "send", "critical"], ["alert", "send", "warning"]], {
    alert: "warning",
  }],
  ["a sensor", [["sensor", "read", "7"]], { sensors: [{ id: 7, file: "/s" }] }],
  ["random bytes", [["random", "read", "bytes"]], { random: true }],
  ["a variable", [["env", "read", "B"]], { env: [{ name: "B", from: "AEGIS_B" }] }],
];

Deno.test("GrantRecord leaves of everything else what was used of it", () => {
  for (const [note, told, left] of OTHERS) {
    assertEquals(usedOf(ALL, told), { ...NO_GRANTS, ...left }, note);
  }
});
