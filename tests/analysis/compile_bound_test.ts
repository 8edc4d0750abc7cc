import { compileBound } from "../../src/analysis/compile_bound.ts";
import { checkCompileCost } from "../../src/analysis/compile_cost.ts";
import { DEFAULT_COSTS } from "../../src/analysis/cost.ts";
import type { CompileFact, CompileFacts } from "../../src/analysis/plan.ts";
import { planModule } from "../../src/analysis/plan_module.ts";
import { AegisError, ModuleRefusedError } from "../../src/core/errors.ts";
import { surveyCode } from "../../src/inspection/code_survey.ts";
import { refusalsOf } from "../../src/inspection/refusals.ts";
import type { Module } from "../../src/wasm/module.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { validateModule, type Validation } from "../../src/wasm/validate_module.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";
import { GENERATIONS, randomProgram } from "../generated/generator/random_program.ts";
import { realModules } from "../generated/mutants/real_modules.ts";
import { type Bytes, END, FUNCREF, funcType, I32, leb, wasmModule } from "../wasm/module_builder.ts";
import { mutate } from "../wasm/mutate.ts";
import { Random } from "../wasm/random.ts";
import { randomModule } from "../wasm/random_code.ts";
import { randomFlow } from "./random_flow.ts";

interface Valid {
  readonly module: Module;
  readonly validation: Validation;
}

/** A module that is valid and that a run would plan; undefined for others. */
function planned(bytes: Uint8Array): Valid | undefined {
  try {
    const module = readModule(bytes);
    if (module.types.some(({ composite }) => composite.kind !== "func")) return undefined;
    return { module, validation: validateModule(module) };
  } catch (error) {
    if (error instanceof AegisError) return undefined;
    throw error;
  }
}

/** Facts of bodies, and those of them that are just as in the plan. */
class Tally {
  facts = 0;
  equal = 0;

  /** Compares every fact of every body with the plan's. */
  add({ module }: Valid, what: string): void {
    const bound = compileBound(module), { compile } = planModule(module, DEFAULT_COSTS);
    assertEquals(surveyCode(module).compile, bound, what);
    for (const [fact, values] of Object.entries(compile) as [CompileFact, CompileFacts[CompileFact]][]) { // its keys
      for (const [body, value] of values.entries()) {
        const most = bound[fact][body] ?? -1;
        assert(most >= value, `${what}, body ${body}: ${fact} is ${value}, the bound ${most}`);
        this.facts++;
        if (most === value) this.equal++;
      }
    }
  }
}

Deno.test("compileBound() is never below the plan, and mostly the same, for what compilers made", async () => {
  const tally = new Tally();
  for (const { name, bytes } of await realModules(60_000, 0)) {
    const valid = planned(bytes);
    if (valid !== undefined) tally.add(valid, name);
  }
  assert(tally.facts > 5000, `${tally.facts} facts`);
  assert(tally.equal > 0.9 * tally.facts, `${tally.equal} of ${tally.facts} are the same`);
});

Deno.test("compileBound() is never below the plan for modules that nobody has made", () => {
  const tally = new Tally();
  for (let seed = 0; seed < 30; seed++) {
    const random = new Random(seed), generation = GENERATIONS[seed % GENERATIONS.length] ?? "none";
    const made = [
      randomModule(random),
      randomFlow(random, generation),
      randomProgram(seed, generation).bytes,
    ];
    for (const [kind, bytes] of [...made, ...made.map((one) => mutate(one, random))].entries()) {
      const valid = planned(bytes);
      if (valid !== undefined) tally.add(valid, `seed ${seed}, kind ${kind}`);
    }
  }
  assert(tally.facts > 1000, `${tally.facts} facts`);
});

const ALWAYS: Bytes = [0x41, 1], BLOCK: Bytes = [0x02, 0x40], LOOP: Bytes = [0x03, 0x40];
const BRANCH_OUT: Bytes = [...ALWAYS, 0x0d, 0], ZEROES: Bytes = [0x41, 0, 0x41, 0, 0x41, 0];

const repeated = (count: number, code: Bytes): Bytes => new Array<Bytes>(count).fill(code).flat();

/** Code that costs much by one fact alone, and the locals of its function. */
const COSTLY: Readonly<Record<string, { readonly code: Bytes; readonly locals?: number }>> = {
  "branches": { code: repeated(6000, [...BLOCK, ...BRANCH_OUT, END]), locals: 1100 },
  "loops that are left": {
    code: [
      ...repeated(1900, LOOP),
      ...repeated(3000, [...ALWAYS, 0x0d, ...leb(1899)]),
      ...repeated(1900, [END]),
    ],
  },
  "edges into a label": { code: [...BLOCK, ...repeated(6000, BRANCH_OUT), END] },
  "calls through a table": { code: repeated(7500, [0x41, 0, 0x11, 0, 0]) },
  "memory that grows": { code: repeated(23_000, [0x41, 0, 0x40, 0, 0x1a]) },
  "bulk operations": { code: repeated(22_000, [...ZEROES, 0xfc, 0x0b, 0]) },
};

function costly({ code, locals = 0 }: { readonly code: Bytes; readonly locals?: number }): Valid {
  const valid = planned(wasmModule({
    types: [funcType([], [])],
    functions: [{ type: 0, locals: [[locals, I32] as const], code }],
    tables: [[FUNCREF, 0, 1]],
    memories: [[0, 1]],
  }));
  assert(valid !== undefined);
  return valid;
}

for (const [what, code] of Object.entries(COSTLY)) {
  Deno.test(`refusalsOf() refuses a function for ${what}, in the words of a run`, () => {
    const { module, validation } = costly(code), { maxOperandBytes } = validation;
    const plan = planModule(module, DEFAULT_COSTS);
    const { message } = assertThrows(
      () => checkCompileCost(module, { plan, maxOperandBytes }),
      ModuleRefusedError,
    );
    assertStringIncludes(message, "Cannot run function");
    for (const bound of [undefined, surveyCode(module).compile]) {
      assertEquals(refusalsOf(module, validation, bound).map((refusal) => refusal.message), [message]);
    }
  });
}

Deno.test("refusalsOf() does not refuse what only the bound is too much for", () => {
  // None of the branches is reached, so V8 has no edges to join.
  const { module, validation } = costly({ code: [...BLOCK, 0x00, ...repeated(6000, BRANCH_OUT), END] });
  const { maxOperandBytes } = validation, plan = { compile: compileBound(module) };
  assertThrows(() => checkCompileCost(module, { plan, maxOperandBytes }), ModuleRefusedError);
  assertEquals(refusalsOf(module, validation), []);
});
