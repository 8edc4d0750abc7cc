/** The types that pages have of answers are those of the server's schemas: a file that says otherwise has no right types. */
import type { z } from "@hono/zod-openapi";
import type * as pages from "../../src/dashboard/api_types.ts";
import type { Series } from "../../src/server/history_schemas.ts";
import type { Meters } from "../../src/server/meter_schemas.ts";
import type { Policy, Session } from "../../src/server/session_schemas.ts";
import type * as schemas from "../../src/server/schemas.ts";
import { assertEquals } from "../assert.ts";

/** Whether each fits where the other one is wanted. */
type Same<One, Other> = [One] extends [Other] ? [Other] extends [One] ? true : false : false;

/** By name: the schema of the server, and whether the page's type is the same. */
const SAME: {
  readonly [Name in keyof Compared]: Same<z.infer<Compared[Name][0]>, Compared[Name][1]>;
} = {
  session: true,
  task: true,
  execution: true,
  log: true,
  module: true,
  schedule: true,
  stats: true,
  audit: true,
  policy: true,
  series: true,
  usage: true,
  meters: true,
};

interface Compared {
  session: [typeof Session, pages.Session];
  task: [typeof schemas.Task, pages.Task];
  execution: [typeof schemas.Execution, pages.Execution];
  log: [typeof schemas.Log, pages.Log];
  module: [typeof schemas.Module, pages.Module];
  schedule: [typeof schemas.Schedule, pages.Schedule];
  stats: [typeof schemas.Stats, pages.Stats];
  audit: [typeof schemas.AuditRecord, pages.AuditRecord];
  policy: [typeof Policy, pages.Policy];
  series: [typeof Series, pages.Series];
  usage: [typeof schemas.Usage, pages.Usage];
  meters: [typeof Meters, pages.Meters];
}

Deno.test("types of answers are the same in pages as in the server", () => {
  assertEquals(Object.values(SAME).every(Boolean), true); // what proves it is the check of types
});
