import { parseCommand } from "../../src/cli/parse.ts";
import { taskGrants } from "../../src/cli/task_grant_flags.ts";
import { readTaskGrants } from "../../src/tasks/task_grants.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const grantsOf = (words: readonly string[]) =>
  taskGrants(parseCommand("task add", ["job.wasm", ...words]).flags);

Deno.test("taskGrants() is nothing where no flag lists anything, and else what the API takes", () => {
  assertEquals(grantsOf([]), {});
  const { grants } = grantsOf([
    "--allow-read=/data::/in",
    "--allow-net=example.com",
    "--allow-alert=error",
    "--allow-logging",
    "--allow-clock",
    "--allow-env=HOME",
    "--sensor=0",
    "--sensor=1=21",
    "--sensor=2=1,2,3",
  ]);
  assertEquals(grants, {
    read: ["/data::/in"],
    net: ["example.com"],
    alerts: "error",
    logging: "trace",
    clock: true,
    env: ["HOME"],
    sensors: { 0: "runtime", 1: 21, 2: [1, 2, 3] },
  });
  readTaskGrants(grants ?? {});
});

Deno.test("taskGrants() refuses files of sensors, which stand in a server's policy", () => {
  assertThrows(() => grantsOf(["--sensor=0=@temperature"]), Error, "stand in a server's policy");
  assertThrows(() => grantsOf(["--sensor=x"]), Error, "Cannot use --sensor");
});
