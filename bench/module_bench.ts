/** Stages of preparing a module, on SQLite as sql.js ships it (0.69 MB): `deno task bench`. */
import { DEFAULT_COSTS } from "../src/analysis/cost.ts";
import { planModule } from "../src/analysis/plan_module.ts";
import { resolveLimits } from "../src/core/limits.ts";
import { instrument } from "../src/guest/prepare.ts";
import { readModule } from "../src/wasm/read_module.ts";
import { validateModule } from "../src/wasm/validate_module.ts";
import { drivenModules } from "../tests/examples/third_party.ts";

const row = drivenModules.find((candidate) => candidate.name === "sql.js");
if (row === undefined) throw new Error('The table of third-party modules has no "sql.js"');
const bytes = Uint8Array.from(await row.bytes());
const module = readModule(bytes), limits = resolveLimits();

Deno.bench("V8: WebAssembly.validate", { group: "stages", baseline: true }, () => {
  WebAssembly.validate(bytes);
});

Deno.bench("readModule", { group: "stages" }, () => {
  readModule(bytes);
});

Deno.bench("validateModule", { group: "stages" }, () => {
  validateModule(module);
});

Deno.bench("planModule", { group: "stages" }, () => {
  planModule(module, DEFAULT_COSTS);
});

Deno.bench("all stages to instrumented bytes", { group: "stages" }, () => {
  instrument(bytes, { limits });
});
