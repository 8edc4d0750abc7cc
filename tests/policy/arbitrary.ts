/** Random capabilities and requests over a small world, so that they meet. */
import fc from "../fast_check.ts";
import { ALERT_LEVELS, type AlertLevel } from "../../src/core/alert_level.ts";
import { LOG_LEVELS, type LogLevel } from "../../src/core/log_level.ts";
import { AlertCapability } from "../../src/policy/alert_capability.ts";
import type { Capability } from "../../src/policy/capability.ts";
import { ClockCapability } from "../../src/policy/clock_capability.ts";
import { CustomCapability } from "../../src/policy/custom_capability.ts";
import { EnvCapability } from "../../src/policy/env_capability.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { LoggingCapability } from "../../src/policy/logging_capability.ts";
import { NetworkCapability } from "../../src/policy/network_capability.ts";
import { ProcessCapability } from "../../src/policy/process_capability.ts";
import { RandomCapability } from "../../src/policy/random_capability.ts";
import { SensorCapability } from "../../src/policy/sensor_capability.ts";
import type { PolicyRequest } from "../../src/policy/request.ts";

/** Normalised hosts. */
export const HOSTS = [
  "example.com",
  "a.example.com",
  "b.a.example.com",
  "notexample.com",
  "x.notexample.com",
  "com",
  "localhost",
  "a.localhost",
  "nas.home.arpa",
  "arpa",
  "x.arpa",
  "x.local",
  "y.x.local",
  "8.8.8.8",
  "127.0.0.1",
  "10.0.0.1",
  "169.254.169.254",
  "::1",
  "2606:4700::1",
] as const;

/** What a grant may name beside `*`. */
export const PATTERNS = [
  ...HOSTS,
  "*.example.com",
  "*.a.example.com",
  "*.notexample.com",
  "*.com",
  "*.arpa",
  "*.home.arpa",
  "*.local",
  "*.x.local",
  "*.localhost",
] as const;

const level = fc.constantFrom(...Object.keys(LOG_LEVELS) as LogLevel[]); // its own keys
const alertLevel = fc.constantFrom(...Object.keys(ALERT_LEVELS) as AlertLevel[]); // its own keys
const port = fc.constantFrom(80, 443, 8080);
const method = fc.constantFrom("GET", "POST");
const word = fc.constantFrom("A", "B", "git");
const bytes = fc.constantFrom(1000, 2000, 3000);
const paths = ["/data", "/data/in", "/data/in/deep", "/other", "rel", "rel/x"] as const;

const filesystem = fc.record({
  host: fc.constantFrom(...paths),
  guest: fc.constantFrom("/data", "/data/in", "data", "/m", "."),
  rights: fc.record({ read: fc.boolean(), write: fc.boolean(), create: fc.boolean(), delete: fc.boolean() })
    .filter((rights) => Object.values(rights).includes(true)),
  bounds: fc.record({ maxFileSize: bytes, totalBytes: bytes }, { requiredKeys: [] }),
}).map(({ host, guest, rights, bounds }) =>
  FilesystemCapability.custom({ paths: [{ host, guest }], ...rights, ...bounds })
);

const networkOptions = fc.record(
  {
    methods: fc.uniqueArray(method, { minLength: 1 }),
    maxBody: bytes,
    connections: fc.integer({ min: 1, max: 9 }),
  },
  { requiredKeys: [] },
);
const network = fc.oneof(
  fc.tuple(
    fc.constantFrom("", "http://", "https://"),
    fc.constantFrom(...PATTERNS),
    fc.option(port),
    networkOptions,
  )
    .map(([scheme, host, number, options]) => {
      const name = host.includes(":") ? `[${host}]` : host;
      return NetworkCapability.hosts([`${scheme}${name}${number === null ? "" : `:${number}`}`], options);
    }),
  fc.tuple(fc.option(fc.uniqueArray(port, { minLength: 1 })), networkOptions).map(([ports, options]) =>
    NetworkCapability.full({ ...options, ...(ports === null ? {} : { ports }) })
  ),
);

const READERS = [() => 0, () => 1, () => 2];

const sensor = fc.tuple(fc.constantFrom(0, 1, 2), fc.constantFrom(1, 2)).chain(([id, value]) =>
  fc.constantFrom<Capability>(
    SensorCapability.constant(id, value),
    SensorCapability.series(id, [value, 3]),
    SensorCapability.file(id, `/data/${value}`),
    SensorCapability.read(id, READERS[value] ?? Math.random),
  )
);

/** Any capability. */
export const capability: fc.Arbitrary<Capability> = fc.oneof(
  filesystem,
  network,
  fc.tuple(level, bytes).map(([least, maxMessage]) => LoggingCapability.atLevel(least, { maxMessage })),
  sensor,
  fc.tuple(alertLevel, bytes).map(([least, maxMessage]) => AlertCapability.atLevel(least, { maxMessage })),
  fc.constantFrom(1, 5).chain((resolution) =>
    fc.constantFrom<Capability>(
      ClockCapability.monotonic({ resolution }),
      ClockCapability.realtime({ resolution }),
      ClockCapability.all({ resolution }),
      ClockCapability.fixed(0, { resolution }),
      ClockCapability.none(),
    )
  ),
  word.map((name) => EnvCapability.inherit([name])),
  fc.tuple(word, fc.constantFrom("1", "2")).map(([name, value]) => EnvCapability.set({ [name]: value })),
  fc.constantFrom(RandomCapability.secure(), RandomCapability.seeded(1), RandomCapability.seeded(2)),
  fc.tuple(word, fc.array(word, { maxLength: 2 }), fc.boolean()).map(([name, args, moreArgs]) =>
    ProcessCapability.command(name, { command: "/bin/git", args, moreArgs })
  ),
  word.map((name) => CustomCapability.named(name)),
);

/** Several. */
export const capabilities: fc.Arbitrary<Capability[]> = fc.array(capability, { maxLength: 5 });

const request: fc.Arbitrary<PolicyRequest> = fc.oneof(
  fc.record({
    kind: fc.constant("filesystem" as const),
    action: fc.constantFrom("read" as const, "write" as const, "create" as const, "delete" as const),
    path: fc.constantFrom(
      "/data",
      "/data/in",
      "/data/in/f",
      "data/in/../f",
      "/m/x",
      "m",
      "/etc/passwd",
      "..",
      "/",
    ),
  }),
  fc.record({
    kind: fc.constant("network" as const),
    method,
    scheme: fc.constantFrom("http", "https"),
    host: fc.constantFrom(...HOSTS),
    port,
  }),
  fc.record({ kind: fc.constant("logging" as const), level }),
  fc.record({ kind: fc.constant("sensor" as const), id: fc.constantFrom(-1, 0, 1, 2, 3) }),
  fc.record({ kind: fc.constant("alert" as const), level: alertLevel }),
  fc.record({
    kind: fc.constant("clock" as const),
    clock: fc.constantFrom("monotonic" as const, "realtime" as const),
  }),
  fc.record({ kind: fc.constant("env" as const), name: word }),
  fc.constant({ kind: "random" as const }),
  fc.record({ kind: fc.constant("process" as const), name: word, moreArgs: fc.boolean() }),
  fc.record({ kind: fc.constant("custom" as const), name: word }),
);

export { request };

/** Requests of which every field is anything. */
export const wildRequest: fc.Arbitrary<PolicyRequest> = fc.oneof(
  request,
  fc.record({
    kind: fc.constant("filesystem"),
    action: fc.oneof(fc.string(), fc.constantFrom("read", "constructor", "__proto__")),
    path: fc.string({ unit: "binary" }),
  }),
  fc.record({
    kind: fc.constant("network"),
    method: fc.string(),
    scheme: fc.oneof(fc.string(), fc.constantFrom("http", "toString")),
    host: fc.string({ unit: "binary" }),
    port: fc.oneof(fc.integer(), fc.double()),
  }),
  fc.record({ kind: fc.constant("logging"), level: fc.oneof(fc.string(), fc.constant("__proto__")) }),
  fc.record({ kind: fc.constant("sensor"), id: fc.oneof(fc.double(), fc.integer()) }),
  fc.record({ kind: fc.constant("alert"), level: fc.oneof(fc.string(), fc.constant("__proto__")) }),
  fc.record({ kind: fc.constant("clock"), clock: fc.string() }),
  fc.record({ kind: fc.constantFrom("env", "custom", "process"), name: fc.string({ unit: "binary" }) }),
  fc.record({ kind: fc.string() }),
) as fc.Arbitrary<PolicyRequest>; // as they come from callers without types
