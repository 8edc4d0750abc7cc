/** Writes the code of one function as a random row of shapes; see `shape_module.ts`. */
import { CodeStack, type Signature, type Type } from "./code_stack.ts";
import { CONTROL_SHAPES, EXCEPTION_SHAPES } from "./control_shapes.ts";
import { GLOBALS, HOSTS, type ShapePlan } from "./shape_module.ts";
import { EMPTY, F64, FUNCREF, I32, I64, leb, sleb, V128 } from "../../wasm/module_builder.ts";
import type { Random } from "../../wasm/random.ts";

export interface ShapeOptions {
  readonly random: Random;
  readonly plan: ShapePlan;
  /** All types of the module; those of blocks are added. */
  readonly types: Signature[];
  readonly locals: readonly Type[];
  readonly results: readonly Type[];
}

/** Writes a shape, or nothing where it does not fit. */
export type Shape = (code: ShapeCode) => unknown;

const DEEPEST = 5;

/** Not of floats: the bits of a NaN may differ. */
const STORES: Readonly<Record<Type, string>> = {
  [I32]: "i32.store",
  [I64]: "i64.store",
  [V128]: "v128.store",
};

export class ShapeCode extends CodeStack {
  readonly plan: ShapePlan;
  readonly results: readonly Type[];
  readonly #types: Signature[];
  /** Whether there is much to throw and to catch. */
  #exceptional = false;
  /** Statements that may still be written. */
  #budget = 0;

  constructor({ random, plan, types, locals, results }: ShapeOptions) {
    super(random, locals);
    this.plan = plan;
    this.results = results;
    this.#types = types;
  }

  /** The code, without its `end`. */
  write(statements: number): number[] {
    this.#budget = statements;
    this.#exceptional = this.random.below(3) === 0;
    this.labels.push({ types: this.results, results: this.results, base: 0, catches: false });
    this.step();
    this.statements(statements);
    this.show();
    this.finish();
    return this.bytes;
  }

  statements(most: number): void {
    for (let count = 0; count < most && this.#budget-- > 0; count++) {
      const some = this.#exceptional && this.random.below(2) === 0 ? EXCEPTION_SHAPES : CONTROL_SHAPES;
      const shapes = this.labels.length > DEEPEST || this.random.below(3) > 0 ? VALUE_SHAPES : some;
      this.random.pick(shapes)(this);
    }
  }

  /** Leaves what locals hold in memory, now and then. */
  show(): void {
    for (const [index, type] of this.locals.entries()) {
      const name = STORES[type];
      if (name === undefined || this.random.below(3) === 0) continue;
      this.constant(I32, 4096 + 16 * this.random.below(400)).get(index).operate(name, 2, [], [0, 0]);
    }
  }

  /** Ends the guest after so many steps. */
  step(): void {
    const { steps } = GLOBALS;
    this.emit("global.get", leb(steps)).emit("i32.const", sleb(1)).emit("i32.sub").emit(
      "global.set",
      leb(steps),
    );
    this.emit("global.get", leb(steps)).emit("i32.const", sleb(0)).emit("i32.lt_s");
    this.emit("if", [EMPTY]).emit("unreachable").emit("end");
  }

  /** The index of a block's type. */
  typeOf(signature: Signature): Signature & { readonly index: number } {
    const key = JSON.stringify(signature);
    let index = this.#types.findIndex(({ params, results }) => JSON.stringify({ params, results }) === key);
    if (index < 0) index = this.#types.push({ params: signature.params, results: signature.results }) - 1;
    return { ...signature, index };
  }

  typesOfFunction(index: number): Signature {
    return this.plan.types[this.plan.functions[index] ?? 0] ?? { params: [], results: [] };
  }

  /** Types of operands on top, by chance, for the parameters of a block. */
  some(): Type[] {
    return this.stack.slice(this.stack.length - this.random.below(Math.min(this.own, 5) + 1));
  }

  /** Sets a local of the type of what is on top. */
  keep(): boolean {
    const type = this.stack.at(-1),
      local = type === undefined || this.own === 0 ? undefined : this.local(type);
    if (local === undefined) return false;
    if (this.random.below(2) === 0) this.set(local);
    else this.tee(local);
    return true;
  }

  /** A comparison of any kind, some of them the other way around; of operands that were not there if it must be fresh. */
  compare({ fresh = false } = {}): void {
    const { random } = this, type = random.pick([I32, I32, I64, F64] as const);
    const prefix = type === I32 ? "i32" : type === I64 ? "i64" : "f64";
    if (random.below(8) === 0) {
      (fresh ? this.push(I32).push(I32) : this.need([I32, I32])).operate("i32.and", 2, [I32]);
    } else {
      if (random.below(3) === 0) this.constant(type).push(type);
      else if (fresh) this.push(type).push(type);
      else this.need([type, type]);
      const name = random.pick([
        "eq",
        "ne",
        ...type === F64 ? ["lt", "ge"] : ["lt_s", "lt_u", "gt_s", "le_u", "ge_s"],
      ]);
      this.operate(`${prefix}.${name}`, 2, [I32]);
    }
    if (random.below(4) === 0) this.operate("i32.eqz", 1, [I32]);
  }

  /** An address: often a sum, hardly ever out of bounds. */
  address(wide: boolean): void {
    const { random } = this, type = wide ? I64 : I32, name = wide ? "i64" : "i32";
    if (random.below(30) > 0) this.need([type]).constant(type, 0xff8).operate(`${name}.and`, 2, [type]);
    else this.need([type]);
    const form = random.below(4);
    if (form === 1) this.constant(type, random.below(64)).operate(`${name}.add`, 2, [type]);
    if (form === 2) {
      this.push(type).constant(type, random.below(64)).operate(`${name}.and`, 2, [type]);
      if (random.below(2) === 0) {
        this.constant(type, 1 + random.below(4)).operate(`${name}.${random.pick(["shl", "mul"])}`, 2, [type]);
      }
      this.operate(`${name}.add`, 2, [type]);
    }
    if (form === 3) this.drop().constant(type, random.below(4000));
  }

  /** What comes behind alignment and memory. */
  memarg(wide: boolean): number[] {
    const offset = leb(this.random.below(3) === 0 ? 0 : this.random.below(100));
    return wide ? [0x40, 1, ...offset] : [0, ...offset];
  }
}

const INTEGER_OPERATIONS = [
  "add",
  "add",
  "sub",
  "mul",
  "and",
  "or",
  "xor",
  "shl",
  "shr_u",
  "shr_s",
  "rotl",
] as const;

function binary(type: Type, prefix: string, names: readonly string[]): Shape {
  return (code) => {
    const { random } = code;
    if (random.below(3) === 0) code.need([type]).constant(type);
    else if (random.below(4) === 0) code.constant(type).push(type);
    else code.need([type, type]);
    code.operate(`${prefix}.${random.pick(names)}`, 2, [type]);
    if (random.below(3) === 0) code.keep();
  };
}

const VALUE_SHAPES: readonly Shape[] = [
  (code) => void code.push(code.random.pick([I32, I64, F64, V128, FUNCREF])),
  (code) => {
    const local = code.random.below(code.locals.length);
    code.get(local);
    if (code.random.below(2) === 0) code.get(local);
  },
  (code) => code.keep(),
  (code) => code.keep(),
  (code) => code.own > 0 && void code.drop(),
  binary(I32, "i32", INTEGER_OPERATIONS),
  binary(I32, "i32", INTEGER_OPERATIONS),
  binary(I64, "i64", INTEGER_OPERATIONS),
  binary(F64, "f64", ["add", "sub", "mul"]),
  binary(V128, "i32x4", ["add", "sub", "mul"]),
  (code) => void code.need([I32]).constant(I32, 3).operate("i32.rem_s", 2, [I32]),
  (code) => {
    if (code.random.below(9) === 0) code.need([I64, I64]).operate("i64.div_s", 2, [I64]);
  },
  // Two that are fused: of a product, of a shift.
  (code) => {
    code.need([I32, I32]).constant(I32).operate(code.random.pick(["i32.mul", "i32.shl", "i32.shr_u"]), 2, [
      I32,
    ]);
    code.operate(code.random.pick(["i32.add", "i32.xor", "i32.or"]), 2, [I32]);
  },
  (code) => {
    code.need([F64, F64]).push(F64).operate("f64.mul", 2, [F64]).operate(
      code.random.pick(["f64.add", "f64.sub"]),
      2,
      [F64],
    );
  },
  (code) => {
    code.need([I32]).constant(I32).operate(code.random.pick(["i32.add", "i32.shr_u"]), 2, [I32]);
    code.constant(I32).operate(code.random.pick(["i32.add", "i32.sub", "i32.and"]), 2, [I32]);
  },
  (code) => {
    code.compare();
    if (code.random.below(2) === 0) code.keep();
  },
  (code) => void code.need([I32]).operate("i32.eqz", 1, [I32]),
  (code) => {
    const type = code.random.pick([I32, I64, F64, V128]);
    code.need([type, type]);
    if (code.random.below(3) === 0) code.push(I32);
    else code.compare({ fresh: true });
    code.operate("select", 3, [type]);
  },
  // Globals and what is fused with them.
  (code) => {
    code.operate("global.get", 0, [I32], leb(GLOBALS.i32));
    if (code.random.below(2) === 0) code.constant(I32).operate("i32.add", 2, [I32]);
    if (code.random.below(2) === 0) code.operate("global.set", 1, [], leb(GLOBALS.i32));
  },
  (code) => void code.need([I64]).operate("global.set", 1, [], leb(GLOBALS.i64)),
  (code) => void code.operate("global.get", 0, [I64], leb(GLOBALS.i64)),
  (code) =>
    void code.need([V128]).operate("global.set", 1, [], leb(GLOBALS.v128)).operate(
      "global.get",
      0,
      [V128],
      leb(GLOBALS.v128),
    ),
  // Memories.
  (code) => {
    const wide = code.random.below(3) === 0;
    code.address(wide);
    const [name, type] = code.random.pick(
      [["i32.load", I32], ["i64.load32_s", I64], ["i32.load8_u", I32], ["v128.load", V128]] as const,
    );
    code.operate(name, 1, [type], code.memarg(wide));
  },
  (code) => {
    const wide = code.random.below(3) === 0;
    code.address(wide);
    const [name, type] = code.random.pick(
      [["i32.store", I32], ["i64.store", I64], ["i32.store8", I32], ["v128.store", V128]] as const,
    );
    code.push(type).operate(name, 2, [], code.memarg(wide));
  },
  (code) => {
    const wide = code.random.below(3) === 0, lane = code.random.below(4);
    code.address(wide);
    code.push(V128);
    if (code.random.below(2) === 0) code.operate("v128.load32_lane", 2, [V128], code.memarg(wide), [lane]);
    else code.operate("v128.store32_lane", 2, [], code.memarg(wide), [lane]);
  },
  (code) => {
    const wide = code.random.below(2), type = wide === 1 ? I64 : I32;
    if (code.random.below(4) === 0) {
      code.constant(type, code.random.below(2)).operate("memory.grow", 1, [type], [wide]);
    } else code.operate("memory.size", 0, [type], [wide]);
  },
  (code) => {
    const to = code.random.below(2),
      from = code.random.below(2),
      type = (memory: number) => memory === 1 ? I64 : I32;
    code.constant(type(to), code.random.below(3000)).constant(type(from), code.random.below(3000));
    code.constant(type(to & from), code.random.below(300)).operate("memory.copy", 3, [], [to], [from]);
  },
  (code) => {
    const wide = code.random.below(2), type = wide === 1 ? I64 : I32;
    code.address(wide === 1);
    code.need([type, I32]).constant(type, code.random.below(60)).operate("memory.fill", 3, [], [wide]);
  },
  // Lanes.
  (code) => void code.need([V128, I32]).operate("i32x4.replace_lane", 2, [V128], [code.random.below(4)]),
  (code) => void code.need([V128, I64]).operate("i64x2.replace_lane", 2, [V128], [code.random.below(2)]),
  (code) => void code.need([V128, I32]).operate("i8x16.replace_lane", 2, [V128], [code.random.below(16)]),
  (code) =>
    void code.need([V128]).operate(code.random.pick(["i16x8.extract_lane_s", "i16x8.extract_lane_u"]), 1, [
      I32,
    ], [code.random.below(8)]),
  (code) => void code.need([V128]).operate("i64x2.extract_lane", 1, [I64], [code.random.below(2)]),
  (code) => void code.need([I32]).operate("i8x16.splat", 1, [V128]),
  (code) =>
    void code.need([V128, V128]).operate(
      "i8x16.shuffle",
      2,
      [V128],
      Array.from({ length: 16 }, () => code.random.below(32)),
    ),
  (code) => void code.need([V128, V128, V128]).operate("v128.bitselect", 3, [V128]),
  // Tables and references.
  (code) => void code.constant(I32, code.random.below(13)).operate("table.get", 1, [FUNCREF], [0]),
  (code) => void code.constant(I32, code.random.below(13)).push(FUNCREF).operate("table.set", 2, [], [0]),
  (code) => {
    const table = code.random.below(2), type = table === 0 ? FUNCREF : 0x6f;
    code.push(type).constant(I32, code.random.below(3)).operate("table.grow", 2, [I32], [table]);
  },
  (code) => void code.operate("table.size", 0, [I32], [code.random.below(2)]),
  (code) => void code.need([FUNCREF]).operate("ref.is_null", 1, [I32]),
  (code) => {
    const index = HOSTS.length + code.random.below(code.plan.functions.length - HOSTS.length);
    if (index < 12) code.operate("ref.func", 0, [FUNCREF], leb(index));
  },
  (code) => void code.need([I64]).operate("i32.wrap_i64", 1, [I32]),
  (code) => void code.need([I32]).operate("i64.extend_i32_s", 1, [I64]),
  (code) => void code.need([F64]).operate("i32.trunc_sat_f64_s", 1, [I32]),
];
