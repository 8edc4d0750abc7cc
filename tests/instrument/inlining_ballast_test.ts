import { resolveLimits } from "../../src/core/limits.ts";
import { instrument } from "../../src/guest/prepare.ts";
import { countSize } from "../../src/instrument/inlining_ballast.ts";
import { ENGINE_LIMITS } from "../../src/wasm/implementation_limits.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import { assert, assertEquals } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { EVERYTHING } from "../wasm/everything_module.ts";
import { type Bytes, funcType, wasmModule } from "../wasm/module_builder.ts";
import { WIDE_LIMITS } from "./wide_limits.ts";

/** Bytes of a body below which V8 takes it for small. */
const SMALL = 40;

/** Of bodies that do nothing: no locals, and the end. */
const EMPTY_BODY = 2;

interface Sizes {
  readonly small: number;
  readonly large: number;
  /** Bodies that the module did not have and that do nothing. */
  readonly empty: number;
}

function sizesOf(bytes: Uint8Array<ArrayBuffer>): Sizes {
  const made = instrument(bytes, { limits: resolveLimits(WIDE_LIMITS), unboundedHeap: true });
  const { bodies } = readModule(made.bytes, ENGINE_LIMITS), own = readModule(bytes).bodies.length;
  const sizes = bodies.map((body) => body.end - body.start);
  return {
    small: sizes.filter((size) => size < SMALL).length,
    large: sizes.filter((size) => size >= SMALL).length,
    empty: sizes.slice(own).filter((size) => size === EMPTY_BODY).length,
  };
}

const CONSTANT: Bytes = [0x41, 0, 0x1a];

/** Functions of that many constants that are dropped. */
function functions(count: number, constants: number): Uint8Array<ArrayBuffer> {
  const code = new Array(constants).fill(CONSTANT).flat();
  return wasmModule({ types: [funcType([], [])], functions: new Array(count).fill({ type: 0, code }) });
}

Deno.test("countSize() tells small bodies from large ones", () => {
  const counts = { small: 0, large: 0 };
  for (const bytes of [2, 39, 40, 41, 7_000_000]) countSize(counts, bytes);
  assertEquals(counts, { small: 2, large: 3 });
});

Deno.test("addInliningBallast() adds empty functions until more are small than large", () => {
  assertEquals(sizesOf(functions(1, 100)), { small: 2, large: 1, empty: 2 });
  assertEquals(sizesOf(functions(50, 100)), { small: 51, large: 50, empty: 51 });
});

Deno.test("addInliningBallast() adds none where small functions are the more", () => {
  assertEquals(sizesOf(functions(1, 1)), { small: 1, large: 0, empty: 0 });
  assertEquals(sizesOf(functions(50, 1)), { small: 50, large: 0, empty: 0 });
});

Deno.test("addInliningBallast() counts what else was added", () => {
  const loops = '(module (func (export "f") (param i32) loop local.get 0 br_if 0 end))';
  for (const bytes of [EVERYTHING, compileText(loops)]) {
    const { small, large, empty } = sizesOf(bytes);
    assert(empty > 0);
    assertEquals(small, large + 1);
  }
});

Deno.test("addInliningBallast() adds at most 10,000", () => {
  assertEquals(sizesOf(functions(10_050, 20)), { small: 10_000, large: 10_050, empty: 10_000 });
});
