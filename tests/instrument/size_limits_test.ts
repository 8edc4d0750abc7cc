import { AegisError } from "../../src/core/errors.ts";
import { assert, assertEquals } from "../assert.ts";
import {
  type Bytes,
  exportOf,
  FUNCREF,
  funcType,
  I32,
  leb,
  type ModuleParts,
  wasmModule,
} from "../wasm/module_builder.ts";
import { prepareWide } from "./instrumented.ts";

const CALL_SELF: Bytes = [0x10, 0];

function many(count: number, item: Bytes): Bytes[] {
  return new Array(count).fill(item);
}

function repeated(count: number, code: Bytes): Bytes {
  const all: Bytes = [];
  for (let turn = 0; turn < count; turn++) for (const byte of code) all.push(byte);
  return all;
}

const empty = { types: [funcType([], [])], functions: [{ type: 0, code: [] }] };
const trying: Bytes = [0x1f, 0x40, 1, 2, 0, 0x10, 0, 0x0b];

/** Modules at the limits of the reader: V8's less what is added. */
const AT_LIMITS: Readonly<Record<string, ModuleParts>> = {
  "49,984 locals in a function that recurs": {
    types: [funcType([], [])],
    functions: [{ type: 0, locals: [[49_984, I32]], code: CALL_SELF }],
  },
  "locals and a handler": {
    types: [funcType([], [])],
    functions: [{ type: 0, locals: [[49_984, I32]], code: trying }],
  },
  "1,000 parameters and 1,000 results of a function that recurs": {
    types: [funcType(new Array(1000).fill(I32), new Array(1000).fill(I32))],
    functions: [{
      type: 0,
      code: [...Array.from({ length: 1000 }, (_, index) => [0x20, ...leb(index)]).flat(), ...CALL_SELF],
    }],
  },
  "9,999 tables": { ...empty, tables: many(9_999, [FUNCREF, 0, 0]) },
  "globals": { ...empty, globals: many(200_000, [I32, 1, 0x41, 0, 0x0b]) },
  "types": { ...empty, types: many(300_000, funcType([], [])) },
  "exports": {
    ...empty,
    exports: Array.from({ length: 50_000 }, (_, index) => exportOf(`e${index}`, 0, 0)),
  },
};

for (const [note, parts] of Object.entries(AT_LIMITS)) {
  Deno.test(`prepare() rewrites a module at the limits: ${note}`, async () => {
    const bytes = wasmModule(parts);
    assert(WebAssembly.validate(bytes));
    const prepared = await prepareWide(bytes);
    assert(prepared.module instanceof WebAssembly.Module);
  });
}

/** Code that grows most when it is rewritten, filled up to the largest function that a limit admits. */
const DENSEST: Readonly<Record<string, ModuleParts>> = {
  "branches": {
    types: [funcType([I32], [])],
    functions: [{ type: 0, code: repeated(520_000, [0x20, 0, 0x0d, 0]) }],
  },
  "loops": {
    types: [funcType([], [])],
    functions: [{ type: 0, code: repeated(690_000, [0x03, 0x40, 0x0b]) }],
  },
  "calls where exceptions may pass": {
    types: [funcType([], [])],
    tags: [[0, 0]],
    functions: [{ type: 0, code: repeated(1_040_000, [0x10, 0]) }],
  },
};

for (const [note, parts] of Object.entries(DENSEST)) {
  Deno.test(`prepare() rewrites or refuses the densest code, and never makes what V8 rejects: ${note}`, async () => {
    const bytes = wasmModule(parts);
    assert(WebAssembly.validate(bytes));
    try {
      assert((await prepareWide(bytes)).module instanceof WebAssembly.Module);
    } catch (error) {
      assertEquals(error instanceof AegisError ? error.code : error, "ModuleRefused");
    }
  });
}
