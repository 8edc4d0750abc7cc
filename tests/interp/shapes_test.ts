/** Random rows of the shapes at which the compiler is clever; `deno task test:generated --kind shapes` tries others. */
import { assert } from "../assert.ts";
import { bareDifference } from "../generated/compare_bare.ts";
import { Tally } from "../generated/tally.ts";
import { shapeProgram } from "./shapes/shape_program.ts";

const PROGRAMS = 250;

Deno.test("random shapes of code do in the interpreter what they do in V8, and trap where they trap there", () => {
  const tally = new Tally();
  for (let seed = 0; seed < PROGRAMS; seed++) {
    const found = bareDifference(shapeProgram(seed), tally);
    assert(found === undefined, `seed ${seed}: ${found}`);
  }
  console.log(String(tally));
  const { returned, trapped, threw } = tally;
  assert(returned > PROGRAMS && trapped > PROGRAMS / 2 && threw > PROGRAMS / 10);
});
