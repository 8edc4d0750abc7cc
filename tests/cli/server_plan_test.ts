import { NO_GRANTS } from "../../src/manifest/grants.ts";
import {
  checkOpenServer,
  decodeServerPlan,
  encodeServerPlan,
  isLoopback,
  type ServerPlan,
} from "../../src/cli/server_plan.ts";
import { AegisError } from "../../src/core/errors.ts";
import { resolveLimits } from "../../src/core/limits.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const PLAN: ServerPlan = {
  version: 2,
  hostname: "127.0.0.1",
  port: 0,
  data: "/data",
  auth: true,
  newToken: false,
  hosts: ["board.example"],
  origins: ["https://board.example"],
  webhook: "alerts.example:443",
  limits: resolveLimits({ fuelLimit: "unlimited" }),
  engine: "interpreter",
  grants: NO_GRANTS,
  grace: 500,
  json: true,
  colour: false,
};

Deno.test("a server's plan comes out of its encoding as it went in", () => {
  for (const plan of [PLAN, { ...PLAN, data: null, webhook: null, limits: resolveLimits() }]) {
    assertEquals(decodeServerPlan(encodeServerPlan(plan)), plan);
  }
});

Deno.test("decodeServerPlan() refuses what is no plan, field by field", () => {
  for (const text of ["", "{", "[]", "null", "1"]) {
    assertEquals(assertThrows(() => decodeServerPlan(text), AegisError).code, "InvalidOption", text);
  }
  const plain = JSON.parse(encodeServerPlan(PLAN)) as Record<string, unknown>; // as it was written
  for (const name of Object.keys(plain)) {
    const { [name]: _, ...rest } = plain;
    assertThrows(() => decodeServerPlan(JSON.stringify(rest)), AegisError, undefined, name);
    assertThrows(
      () => decodeServerPlan(JSON.stringify({ ...plain, [name]: { a: 1 } })),
      AegisError,
      undefined,
      name,
    );
  }
});

Deno.test("a server without tokens is one of this machine alone", () => {
  for (const own of ["localhost", "127.0.0.1", "127.1.2.3", "::1"]) {
    assertEquals(isLoopback(own), true, own);
    checkOpenServer({ auth: false, hostname: own });
  }
  for (
    const other of [
      "0.0.0.0",
      "::",
      "10.0.0.1",
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "127.0.0",
      "",
    ]
  ) {
    assertEquals(isLoopback(other), false, other);
    checkOpenServer({ auth: true, hostname: other });
    assertThrows(
      () => checkOpenServer({ auth: false, hostname: other }),
      AegisError,
      "without asking for tokens",
    );
  }
});
