/**
 * The process that `killed_test.ts` kills: a manager on a file store. It says on standard output which tasks it has
 * accepted, a line each, and `idle` when nothing is left to do.
 *
 *     STORE     TASKS that it makes     KIND: short | long
 */
import { Aegis } from "../../mod.ts";
import { TaskManager } from "../../tasks.ts";
import { JOB } from "../cli/checkpoint_job.ts";
import { compileText } from "../testsuite/module_bytes.ts";

/** Counts so far that it takes some milliseconds, and returns that. */
const SHORT = `(module (func (export "main") (param i32) (result i32) (local i32)
  (loop (br_if 0 (i32.lt_u (local.tee 1 (i32.add (local.get 1) (i32.const 1))) (local.get 0))))
  (local.get 1)))`;

const [store = "", count = "0", kind = "short"] = Deno.args;
const runtime = await Aegis.create({ fuelLimit: "unlimited", timeout: "20m" });
const tasks = TaskManager.open(runtime, { store, slots: 2, guests: 4 });
const limits = { fuelLimit: "unlimited", timeout: "10m" } as const;
const { hash } = await tasks.addModule(compileText(kind === "short" ? SHORT : JOB));
for (let number = 0; number < Number(count); number++) {
  // A half of the short ones may not be done twice: what is cut off of those stays cut off.
  const retries = kind === "long" || number % 2 === 0 ? { count: 100, delay: 1, interrupted: true } : {};
  const { id } = tasks.create(hash, {
    name: `task ${number}`,
    limits,
    retries,
    ...(kind === "short" ? { args: [80_000_000] } : {
      function: "job",
      args: [50_000_000],
      engine: "interpreter" as const,
      checkpointEvery: "100ms",
    }),
  });
  tasks.start(id);
  console.log(id);
}
const isActive = () => {
  const { queued, running, waiting } = tasks.stats().states;
  return queued + running + waiting > 0;
};
while (isActive()) await new Promise((resolve) => setTimeout(resolve, 10));
console.log("idle");
await tasks.close();
await runtime.close();
