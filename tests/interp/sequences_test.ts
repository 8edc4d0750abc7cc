/** A sequence does what its operations do one by one, and the core is left by itself. */
import { buildCore } from "../../src/interp/core/build_core.ts";
import { lengthAt } from "../../src/interp/core/lengths.ts";
import { factsOfOperation, type OperationFacts } from "../../src/interp/core/operation_facts.ts";
import { MEMORY_OPERATIONS } from "../../src/interp/core/memory_operations.ts";
import {
  findMemoryOperation,
  findOperation,
  FIRST_SEQUENCE,
  OPERATIONS,
} from "../../src/interp/core/operations.ts";
import { type SequencePart, SEQUENCES } from "../../src/interp/core/sequences.ts";
import { CORE, HEADER } from "../../src/interp/machine_layout.ts";
import { F32, I32, I64 } from "../../src/wasm/types.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { compileText } from "../testsuite/module_bytes.ts";
import { Random } from "../wasm/random.ts";
import { callExport, coreFor } from "./rig.ts";
import { compileModule } from "../../src/interp/compile/compile_module.ts";
import { Store } from "../../src/interp/run/store.ts";

/** Where things lie in the machine of these tests. */
const FRAME = 4096, OWNED = 8192, CODE = 16384, RETURNED = 32768, PAGE = 65536;

const WORDS: ReadonlyMap<string, number> = new Map(
  [...OPERATIONS, ...MEMORY_OPERATIONS].map(({ name, words }) => [name, words]),
);

/** Operations whose first word is a distance. */
const JUMPS = /^(jump|if|unless|add # if|call$)/;

/** Operations whose first word is a place of what the instance owns, or whose second is. */
const OWNED_FIRST = /^(owned\.set|other\.set|charge|refuel|table\.set)/,
  OWNED_SECOND = /^(owned\.get|other\.get|table\.)/;

/** A record of a function of another instance, of a table full of it, and places of what leads there. */
const RECORD = 64, TABLE = 96, ELEMENTS = 128, TYPE = 5;
const PLACES = { record: 56, table: 48, type: 40 } as const;

/** Words of the calls that leave the core: what is called, base, where to return to is kept, table and index. */
const CALLS: Readonly<Record<string, readonly number[]>> = {
  "call owned": [PLACES.record, 200, 16],
  call_ref: [184, 200, 16],
  call_indirect: [PLACES.type, 200, 16, PLACES.table, 176],
};

/** Words that can stand behind an operation: registers, small numbers, distances to where code ends. */
function operands(name: string, at: number, random: Random): number[] {
  const register = () => 8 * (2 + random.below(20)), call = CALLS[name.replace("return_", "")];
  if (name === "br_table") return [register(), 0, RETURNED - at];
  if (call !== undefined) {
    return name.startsWith("return") ? [...call.slice(0, 2), 16, 8, 40, ...call.slice(3)] : [...call];
  }
  return Array.from({ length: (WORDS.get(name) ?? 1) - 1 }, (_, place) => {
    if (place === 0 && JUMPS.test(name)) return RETURNED - at;
    if (place === 0 && OWNED_FIRST.test(name) || place === 1 && OWNED_SECOND.test(name)) {
      return 8 * random.below(8);
    }
    if (name.startsWith("enter")) return [256, 128, 160][place] ?? 0;
    if (/^(return|call|return_call)/.test(name)) {
      return place === 0 && name.startsWith("return") ? 8 : register();
    }
    return register();
  });
}

/** Registers that hold what one part hands to the next, which no other reads. */
const HANDED = 8 * 24;

interface SequenceCode {
  /** Its words, with the operation `returned` behind them. */
  readonly code: number[];
  /** Registers by which parts are linked: what is above the value in them is anything. */
  readonly linked: number[];
  /** Those of them that need not be written. */
  readonly dropped: number[];
}

function codeOf(parts: readonly SequencePart[], random: Random): SequenceCode {
  const code: number[] = [], linked: number[] = [], dropped: number[] = [];
  let before = 0;
  for (const { name, link } of parts) {
    const number = Math.max(findOperation(name), findMemoryOperation(name)), at = code.length;
    assert(number >= 0, name);
    if (link?.kept === false) {
      code[before + 1] = HANDED + 16 * dropped.length;
      dropped.push(code[before + 1] ?? 0);
    }
    code.push(number, ...operands(name, CODE + 4 * at, random));
    if (link !== undefined) {
      code[at + link.word] = code[before + 1] ?? 0;
      linked.push(code[before + 1] ?? 0);
    }
    before = at;
  }
  code.push(findOperation("returned"));
  return { code, linked, dropped };
}

interface Left {
  readonly why: unknown;
  /** Words of the machine, and of the guest's memory. */
  readonly words: readonly Int32Array[];
}

/** Runs code from a state; what it leaves, dropped registers left out. */
function run(code: readonly number[], seed: number, { linked, dropped }: Omit<SequenceCode, "code">): Left {
  const machine = new WebAssembly.Memory({ initial: 1 }), guest = new WebAssembly.Memory({ initial: 1 });
  const words = new Int32Array(machine.buffer), random = new Random(seed);
  for (let at = FRAME >> 2; at < FRAME + 512 >> 2; at++) {
    words[at] = random.below(4) === 0 ? random.below(2 ** 31) : random.below(300);
  }
  for (let at = OWNED >> 2; at < OWNED + 256 >> 2; at++) words[at] = random.below(60_000);
  // Where a frame keeps where to return to.
  words[FRAME + 8 >> 2] = RETURNED;
  words[FRAME + 12 >> 2] = FRAME;
  for (
    const [place, word] of [[PLACES.record, RECORD], [PLACES.table, TABLE], [PLACES.type, TYPE]] as const
  ) {
    words[OWNED + place >> 2] = word;
  }
  words.set([RETURNED, TYPE, 999], RECORD >> 2);
  words.set([ELEMENTS, 400], TABLE >> 2);
  words.fill(RECORD, ELEMENTS >> 2, (ELEMENTS >> 2) + 400);
  const clear = (registers: readonly number[]) => {
    for (const register of registers) words.fill(0, FRAME + register >> 2, FRAME + register + 16 >> 2);
  };
  clear(linked);
  words.set(code, CODE >> 2);
  words[RETURNED >> 2] = findOperation("returned");
  words[HEADER.stackEnd >> 2] = CODE;
  const instance = new WebAssembly.Instance(coreFor(["i32"]), { [CORE.module]: { 0: machine, 1: guest } });
  const core = instance.exports[CORE.run] as (pc: number, fp: number, base: number) => number;
  let why: unknown;
  try {
    why = core(CODE, FRAME, OWNED);
  } catch (error) {
    why = error instanceof WebAssembly.RuntimeError ? error.message : error;
  }
  clear(dropped);
  return { why, words: [words.slice(0, CODE >> 2), new Int32Array(guest.buffer, 0, PAGE / 4)] };
}

/** Where two runs left something else: memory, word, both contents. */
function differences(a: Left, b: Left): (readonly [memory: number, at: number, ...unknown[]])[] {
  const found = a.words.flatMap((words, memory) =>
    Array.from(words, (word, at) => [memory, at, word, b.words[memory]?.[at]] as const)
      .filter(([, , x, y]) => x !== y)
  );
  return a.why === b.why ? found : [[-1, -1, a.why, b.why], ...found];
}

/** Whether a part moves all 64 bits of a register of which the part before has given 32: the others are anything. */
function isLoose(parts: readonly SequencePart[]): boolean {
  return parts.some(({ name, link }, place) => {
    if (link === undefined) return false;
    const type = factsOf(parts[place - 1]?.name ?? "")?.result;
    return (type === I32 || type === F32) && factsOf(name)?.operands.get(link.word) === I64;
  });
}

function factsOf(name: string): OperationFacts | undefined {
  return factsOfOperation(Math.max(findOperation(name), findMemoryOperation(name)));
}

Deno.test("every sequence does what its operations do one by one", () => {
  let different = 0;
  for (const [place, parts] of SEQUENCES.entries()) {
    const loose = isLoose(parts);
    for (let seed = 1; seed <= 6; seed++) {
      const { code, ...registers } = codeOf(parts, new Random(100 * place + seed));
      const alone = run(code, seed, registers);
      const together = run([FIRST_SEQUENCE + place, ...code.slice(1)], seed, registers);
      const found = differences(together, alone).filter(([, at]) => !loose || at < 0 || at % 2 === 0);
      assertEquals(found, [], parts.map(({ name }) => name).join(" ; "));
      if (differences(alone, run([findOperation("returned")], seed, registers)).length > 0) different++;
    }
  }
  assert(different > SEQUENCES.length, "sequences do nothing here");
});

Deno.test("lengthAt() knows how long each operation is, offsets in wide memories included", () => {
  for (const [number, { name, words }] of OPERATIONS.entries()) {
    if (name === "br_table") assertEquals(lengthAt(Int32Array.of(number, 8, 3), 0, []), words + 4);
    else if (name === "service") assertEquals(lengthAt(Int32Array.of(number, 8, 5), 0, []), 5);
    else assertEquals(lengthAt(Int32Array.of(number), 0, []), words);
  }
  const load = findMemoryOperation("i32.load"), load0 = findMemoryOperation("i32.load 0");
  assertEquals([load, load0].map((number) => lengthAt(Int32Array.of(number), 0, ["i32"])), [4, 3]);
  assertEquals([load, load0].map((number) => lengthAt(Int32Array.of(number), 0, ["i64"])), [5, 3]);
});

Deno.test("buildCore() makes a valid module whatever the memories", () => {
  for (const memories of [[], ["i32"], ["i64"], ["i64", "i32", "i32"]] as const) {
    assert(WebAssembly.validate(buildCore(memories)));
  }
});

Deno.test("a loop without any counter leaves the core now and then, and ends when it is told to", () => {
  const bytes = compileText(`(module
    (func (export "endless") (loop $l (br $l)))
    (func (export "conditional") (loop $l (br_if $l (i32.const 1))))
    (func (export "table") (loop $l (br_table $l $l (i32.const 0)))))`);
  for (const name of ["endless", "conditional", "table"]) {
    let looks = 0;
    const store = new Store({
      core: coreFor,
      stackBytes: 65536,
      onRounds: () => {
        if (++looks === 3) throw new Error("enough");
      },
    });
    const exports = store.instantiate(compileModule(bytes), []);
    assertThrows(() => callExport(exports, name), WebAssembly.RuntimeError, "unreachable");
    assertEquals(looks, 3);
  }
});
