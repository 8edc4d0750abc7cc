import { NetworkCapability } from "../../src/policy/network_capability.ts";
import { assert, assertEquals } from "../assert.ts";
import { assertRefused } from "./refusal.ts";

Deno.test("NetworkCapability.hosts() fills in bounds", () => {
  assertEquals(NetworkCapability.hosts(["https://Example.com:8443"]).grants, [{
    kind: "network",
    schemes: ["https"],
    host: "example.com",
    ports: [8443],
    methods: [],
    maxBody: 16 * 1024 * 1024,
    connections: 8,
  }]);
});

Deno.test("NetworkCapability.hosts() reads bounds", () => {
  const [grant] =
    NetworkCapability.hosts(["a.com"], { methods: ["get"], maxBody: "1KiB", connections: 1 }).grants;
  assertEquals([grant?.methods, grant?.maxBody, grant?.connections] as const, [["GET"], 1024, 1] as const);
  assert(Object.isFrozen(grant) && Object.isFrozen(grant?.methods) && Object.isFrozen(grant?.ports));
});

Deno.test("NetworkCapability.loopback() names this machine three times", () => {
  const { grants } = NetworkCapability.loopback([8080]);
  assertEquals(grants.map(({ host, ports }) => [host, ...ports]), [
    ["localhost", 8080],
    ["127.0.0.1", 8080],
    ["::1", 8080],
  ]);
  assertEquals(NetworkCapability.loopback().grants[0]?.ports, []);
});

Deno.test("NetworkCapability.full() is one grant of all public hosts", () => {
  assertEquals(NetworkCapability.full().grants.map(({ host, ports }) => ({ host, ports })), [{
    host: "*",
    ports: [],
  }]);
  assertEquals(NetworkCapability.full({ ports: [443, 8443] }).grants[0]?.ports, [443, 8443]);
});

Deno.test("NetworkCapability refuses methods, ports and bounds that make no sense", () => {
  for (const method of ["", "CONNECT", "connect", "TRACE", "TRACK", "GET ", "GET\r\nX: y", "G€T"]) {
    assertRefused(() => NetworkCapability.hosts(["a.com"], { methods: [method] }), "network.methods");
  }
  for (const port of [0, -1, 65536, 1.5, NaN, Infinity]) {
    assertRefused(() => NetworkCapability.loopback([port]), "network.ports");
    assertRefused(() => NetworkCapability.full({ ports: [port] }), "network.ports");
  }
  for (const connections of [0, -1, 1.5, NaN, Infinity]) {
    assertRefused(() => NetworkCapability.full({ connections }), "network.connections");
  }
  assertRefused(() => NetworkCapability.full({ maxBody: "big" }), "network.maxBody");
  assertRefused(() => NetworkCapability.hosts([]), "network.hosts");
  assertRefused(() => NetworkCapability.full({ ports: [] }), "network.ports");
  assertRefused(() => NetworkCapability.hosts(["a.com"], { methods: [] }), "network.methods");
  // As a caller without types misspells it.
  const misspelt = { method: ["GET"] } as unknown as { methods: string[] };
  assertRefused(() => NetworkCapability.hosts(["a.com"], misspelt), "network.method");
});
