import { keptNetwork, keptProcess } from "../../src/broker/kept_grants.ts";
import { NetworkCapability } from "../../src/policy/network_capability.ts";
import { ProcessCapability } from "../../src/policy/process_capability.ts";
import { assertEquals } from "../assert.ts";

const hosts = (list: readonly string[], options = {}) => NetworkCapability.hosts(list, options).grants;
const command = (options = {}) => ProcessCapability.command("run", { command: "/bin/x", ...options }).grants;

Deno.test("keptNetwork() keeps what was there, or less, and nothing that is more", () => {
  const had = hosts(["*.a.test", "b.test:8080"], { maxBody: 100, connections: 2 });
  const kept = (list: readonly string[], options = {}) =>
    keptNetwork(had, hosts(list, { maxBody: 100, connections: 2, ...options })).length;
  assertEquals([kept(["x.a.test"]), kept(["https://x.a.test"]), kept(["b.test:8080"])], [1, 1, 1]);
  assertEquals(kept(["x.a.test"], { methods: ["GET"], maxBody: 10 }), 1);
  for (const host of ["a.test", "b.test", "b.test:9090", "x.a.test:8080", "c.test", "127.0.0.1"]) {
    assertEquals(kept([host]), 0, host);
  }
  assertEquals([kept(["x.a.test"], { maxBody: 101 }), kept(["x.a.test"], { connections: 3 })], [0, 0]);
  assertEquals(keptNetwork(hosts(["a.test"], { methods: ["GET"] }), hosts(["a.test"])), []);
});

Deno.test("keptProcess() keeps a command that was there, and none with other words or another program", () => {
  assertEquals(keptProcess(command({ moreArgs: true }), command()).length, 1);
  assertEquals(keptProcess(command(), command({ moreArgs: true })), []);
  assertEquals(keptProcess(command({ args: ["a"] }), command({ args: ["b"] })), []);
  assertEquals(keptProcess(command(), command({ command: "/bin/y" })), []);
});
