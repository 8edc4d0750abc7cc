/**
 * The process that runs one target for `main.ts`, which reads what it says line by line, and ends it when it says
 * nothing for long.
 *
 *     run_target.ts NAME --seconds S --seed N [--blind] [--fresh]
 */
import { parseArgs } from "node:util";
import { countLoadedModules } from "./engine/load_counted.ts";

const { values, positionals: [name = ""] } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    blind: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
  },
});

const { counters, literals } = countLoadedModules();

// Whatever imports the product comes after the counters.
const { runTarget } = await import("./run_counted.ts");
await runTarget({
  name,
  seconds: Number(values.seconds),
  seed: Number(values.seed),
  blind: values.blind,
  fresh: values.fresh,
  counters,
  literals: () => literals,
});
Deno.exit(0);
