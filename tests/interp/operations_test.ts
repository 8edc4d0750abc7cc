/** Each instruction on values, in every form in which the compiler emits it, against V8: bit by bit. */
import { bytesOfMemory, callExport, type Exports, onBoth, outcome } from "./rig.ts";
import { RULES } from "../../src/interp/compile/rules.ts";
import { ByteWriter, writeFunctionType, writeOpcode } from "../../src/wasm/encoder.ts";
import { EXTERNAL_KINDS } from "../../src/wasm/module.ts";
import type { OpcodeRow } from "../../src/wasm/opcode.ts";
import { opcodeKey } from "../../src/wasm/opcode.ts";
import { op, OPCODES } from "../../src/wasm/opcodes.ts";
import { F32, F64, I32, I64, V128, type ValueType } from "../../src/wasm/types.ts";
import { assert, assertEquals } from "../assert.ts";
import { Random } from "../wasm/random.ts";

/** Proposals that the interpreter leaves to V8. */
const REFUSED: ReadonlySet<string> = new Set(["gc", "threads"]);

const TYPES: Readonly<Record<string, ValueType>> = { i32: I32, i64: I64, f32: F32, f64: F64, v128: V128 };

/** Where operands lie in the memory of a test, 16 bytes each, and where the results go. */
const OPERANDS = 0, RESULTS = 256;

Deno.test("the compiler has a rule for every instruction of the table but those of the proposals that it refuses", () => {
  for (const { prefix, sub, mnemonic, feature } of OPCODES) {
    assertEquals(RULES[opcodeKey(prefix, sub)] !== undefined, !REFUSED.has(feature), mnemonic);
  }
});

/** Bits that are worth trying, by type. */
function interesting(type: ValueType, random: Random): bigint {
  const of32 = [
    0n,
    1n,
    2n,
    31n,
    32n,
    0x7fffffffn,
    0x80000000n,
    0xffffffffn,
    0x3f800000n,
    0x7f800000n,
    0xff800000n,
  ];
  const floats32 = [
    0x7fc00000n,
    0xffc00000n,
    0x7fa00000n,
    0x80000000n,
    0x4f000000n,
    0xcf000001n,
    0x00000001n,
  ];
  const of64 = [
    0n,
    1n,
    63n,
    64n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 1n,
    0xffffffffn,
    0x3ff0000000000000n,
  ];
  const floats64 = [0x7ff8000000000000n, 0xfff8000000000000n, 0x7ff4000000000000n, 0x43e0000000000000n, 1n];
  const any = BigInt(random.below(2 ** 31)) << 33n | BigInt(random.below(2 ** 31)) << 2n |
    BigInt(random.below(4));
  switch (type) {
    case I32:
    case F32:
      return random.below(3) === 0 ? BigInt.asUintN(32, any) : random.pick([...of32, ...floats32]);
    case V128:
      return interesting(random.pick([I64, F64]), random) << 64n |
        interesting(random.pick([I64, F64]), random);
    default:
      return random.below(3) === 0 ? any : random.pick([...of64, ...floats64]);
  }
}

interface Case {
  readonly row: OpcodeRow;
  readonly operands: readonly ValueType[];
  readonly result: ValueType;
}

const CASES: readonly Case[] = OPCODES.filter((row) =>
  row.cost === "plain" && row.signature !== undefined && !REFUSED.has(row.feature) &&
  row.immediates.every((kind) => kind === "lane" || kind === "lanes")
).flatMap((row): Case[] => {
  const [operands = "", result = ""] = row.signature?.split("->") ?? [], type = TYPES[result.trim()];
  const types = operands.split(" ").filter((name) => name !== "").map((name) => TYPES[name] ?? I32);
  return type === undefined || types.length === 0 ? [] : [{ row, operands: types, result: type }];
});

const LOAD: ReadonlyMap<ValueType, string> = new Map([
  [I32, "i32.load"],
  [I64, "i64.load"],
  [F32, "f32.load"],
  [F64, "f64.load"],
  [V128, "v128.load"],
]);

/** Writes functions `0`, `1` … of one module, each without parameters, around one instruction. */
class Writer {
  readonly code = new ByteWriter();

  access(mnemonic: string, address: number): this {
    writeOpcode(this.code, op(mnemonic));
    this.code.u8(0);
    this.code.u32(address);
    return this;
  }

  plain(...mnemonics: string[]): this {
    for (const mnemonic of mnemonics) writeOpcode(this.code, op(mnemonic));
    return this;
  }

  i32(value: number): this {
    writeOpcode(this.code, op("i32.const"));
    this.code.s32(value);
    return this;
  }

  local(mnemonic: string, index: number): this {
    writeOpcode(this.code, op(mnemonic));
    this.code.u32(index);
    return this;
  }

  load(type: ValueType, address: number): this {
    return this.i32(0).access(LOAD.get(type) ?? "", address);
  }

  constant(type: ValueType, bits: bigint): this {
    const bytes = new ByteWriter();
    switch (type) {
      case I32:
        return this.i32(Number(BigInt.asIntN(32, bits)));
      case I64:
        writeOpcode(this.code, op("i64.const"));
        this.code.s64(bits);
        return this;
      case F32:
      case F64:
      case V128: {
        const [name, size] = type === F32
          ? ["f32.const", 4]
          : type === F64
          ? ["f64.const", 8]
          : ["v128.const", 16];
        writeOpcode(this.code, op(name));
        for (let byte = 0; byte < size; byte++) bytes.u8(Number(bits >> BigInt(8 * byte) & 0xffn));
        this.code.bytes(bytes.written());
      }
    }
    return this;
  }

  instruction({ row }: Case, random: Random): this {
    writeOpcode(this.code, opcodeKey(row.prefix, row.sub));
    const lanes = Number(/x(\d+)/.exec(row.mnemonic)?.[1] ?? 16);
    if (row.immediates.includes("lane")) this.code.u8(random.below(lanes));
    if (row.immediates.includes("lanes")) {
      for (let lane = 0; lane < 16; lane++) this.code.u8(random.below(32));
    }
    return this;
  }
}

/** Ways in which an instruction stands in code: each writes a function that leaves what it saw in memory. */
const FORMS: Readonly<Record<string, (writer: Writer, of: Case, random: Random) => void>> = {
  registers: (writer, of, random) => {
    writer.i32(0);
    of.operands.forEach((type, place) => writer.load(type, OPERANDS + 16 * place));
    store(writer.instruction(of, random), of);
  },
  "a constant behind": (writer, of, random) => {
    writer.i32(0);
    of.operands.forEach((type, place) =>
      place < of.operands.length - 1
        ? writer.load(type, OPERANDS + 16 * place)
        : writer.constant(type, interesting(type, random))
    );
    store(writer.instruction(of, random), of);
  },
  "a constant in front": (writer, of, random) => {
    writer.i32(0);
    of.operands.forEach((type, place) =>
      place > 0 ? writer.load(type, OPERANDS + 16 * place) : writer.constant(type, interesting(type, random))
    );
    store(writer.instruction(of, random), of);
  },
  branch: (writer, of, random) => conditional(writer, of, random, []),
  "branch on the opposite": (writer, of, random) => conditional(writer, of, random, ["i32.eqz"]),
  select: (writer, of, random) => {
    if (of.result !== I32) return;
    // Through locals, so that what is chosen from is no constant.
    writer.load(I64, OPERANDS).local("local.set", 0).load(I64, OPERANDS + 16).local("local.set", 1);
    writer.i32(0).local("local.get", 0).local("local.get", 1);
    of.operands.forEach((type, place) => writer.load(type, OPERANDS + 16 * place));
    writer.instruction(of, random).plain("select").access("i64.store", RESULTS);
  },
};

function store(writer: Writer, { result }: Case): void {
  writer.access((LOAD.get(result) ?? "").replace("load", "store"), RESULTS);
}

function conditional(writer: Writer, of: Case, random: Random, then: readonly string[]): void {
  if (of.result !== I32) return;
  writer.plain("block").code.u8(0x40);
  of.operands.forEach((type, place) => writer.load(type, OPERANDS + 16 * place));
  writer.instruction(of, random).plain(...then);
  writer.plain("br_if").code.u8(0);
  writer.i32(0).i32(77).access("i32.store", RESULTS).plain("end");
}

function moduleOf(bodies: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter();
  writer.header();
  writer.section("type", () => {
    writer.u32(1);
    writeFunctionType(writer, { params: [], results: [] });
  });
  writer.section("function", () => {
    writer.u32(bodies.length);
    for (const _ of bodies) writer.u32(0);
  });
  writer.section("memory", () => writer.bytes(new Uint8Array([1, 0, 1])));
  writer.section("export", () => {
    writer.u32(bodies.length + 1);
    writer.name("memory");
    writer.u8(EXTERNAL_KINDS.memory);
    writer.u32(0);
    for (const index of bodies.keys()) {
      writer.name(String(index));
      writer.u8(EXTERNAL_KINDS.function);
      writer.u32(index);
    }
  });
  writer.section("code", () => {
    writer.u32(bodies.length);
    for (const body of bodies) {
      writer.sized(() => {
        writer.bytes(new Uint8Array([1, 2, I64])); // two locals
        writer.bytes(body);
        writer.u8(0x0b);
      });
    }
  });
  return writer.written().slice();
}

function fill(exports: Exports, operands: readonly bigint[]): void {
  const bytes = bytesOfMemory(exports), view = new DataView(bytes.buffer);
  bytes.fill(0);
  for (const [place, bits] of operands.entries()) {
    view.setBigUint64(OPERANDS + 16 * place, BigInt.asUintN(64, bits), true);
    view.setBigUint64(OPERANDS + 16 * place + 8, bits >> 64n, true);
  }
}

for (const [form, write] of Object.entries(FORMS)) {
  Deno.test(`instructions give the bits that V8 gives: ${form}`, () => {
    const random = new Random(7), of: Case[] = [], bodies: Uint8Array[] = [];
    for (const item of CASES) {
      for (let variant = 0; variant < 3; variant++) {
        const writer = new Writer();
        write(writer, item, random);
        if (writer.code.position === 0) continue;
        of.push(item);
        bodies.push(writer.code.written().slice());
      }
    }
    assert(of.length > 100, "too few instructions have this form");
    const { v8, interpreter } = onBoth(moduleOf(bodies));
    for (const [index, item] of of.entries()) {
      for (let round = 0; round < 8; round++) {
        const operands = item.operands.map((type) => interesting(type, random));
        const [one, other] = [v8, interpreter].map((exports) => {
          fill(exports, operands);
          const ended = outcome(() => callExport(exports, String(index)));
          return `${ended} ${bytesOfMemory(exports).subarray(RESULTS, RESULTS + 16)}`;
        });
        assertEquals(other, one, `${item.row.mnemonic} ${operands.map((bits) => bits.toString(16))}`);
      }
    }
  });
}
