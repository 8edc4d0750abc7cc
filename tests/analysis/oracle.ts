/**
 * Counts fuel another way: before every single instruction, the module bumps an exported global by what the instruction
 * costs. No regions, no plan, nothing of `src/analysis` or `src/instrument`: only the reader, to find the instructions.
 * Run on bare V8, the global is what a call that returns normally must have consumed.
 *
 * What is charged stands in DESIGN's words: 1 an instruction, 0 for those that generate no code, 1 a function entry;
 * 1 a byte, element or page of a bulk operation; surcharges for many locals, throws, catch clauses, and values moved.
 */
import { BLOCK_KIND, InstructionReader } from "../../src/wasm/instructions.ts";
import type { FunctionBody, FunctionType, Module } from "../../src/wasm/module.ts";
import { ROWS } from "../../src/wasm/opcodes.ts";
import { V128 } from "../../src/wasm/types.ts";
import { readModule } from "../../src/wasm/read_module.ts";
import {
  type Bytes,
  exportOf,
  I32,
  I64,
  join,
  leb,
  rawModule,
  SECTION,
  section,
  sleb,
} from "../wasm/module_builder.ts";

/** Name of the export that holds the units. */
export const UNITS = "oracle:units";

/** Growth beyond these pays the least, whatever was asked for. */
export interface GrowthCeilings {
  readonly pages: bigint;
  readonly elements: bigint;
}

/** Those of a runtime with default limits. */
export const DEFAULT_CEILINGS: GrowthCeilings = { pages: 1024n, elements: 100_000n };

const FREE: ReadonlySet<string> = new Set(
  "nop drop block loop unreachable return else end catch catch_all delegate".split(" "),
);
const OPENERS: ReadonlySet<string> = new Set(["block", "loop", "if", "try", "try_table"]);
const CLOSERS: ReadonlySet<string> = new Set(["end", "delegate"]);
const THROW = 50, LEAST_GROWTH = 50, VALUES_PER_UNIT = 16, FREE_LOCALS = 64;

/** Sections in the order of a module; the tag section stands before the globals. */
const ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

/** The module, counting. Its start function counts, too. */
export function countingModule(bytes: Uint8Array, ceilings = DEFAULT_CEILINGS): Uint8Array<ArrayBuffer> {
  const module = readModule(bytes), counter = module.globals.length;
  const added: Readonly<Record<number, Bytes>> = {
    [SECTION.global]: [I64, 1, 0x42, 0, 0x0b],
    [SECTION.export]: exportOf(UNITS, 3, counter),
  };
  const sections: Bytes[] = [];
  for (const id of ORDER) {
    const found = module.sections.find((item) => item.id === id), more = added[id];
    if (id === SECTION.code && found !== undefined) {
      const bodies = module.bodies.map((body, index) =>
        new CountingBody(module, counter, ceilings).write(
          body,
          functionType(module, module.functions[module.imported.function + index]),
        )
      );
      sections.push(section(id, join([leb(bodies.length), ...bodies])));
    } else if (more !== undefined) {
      const payload = found === undefined ? [0] : [...bytes.subarray(found.start, found.end)];
      const [count, length] = readLeb(payload);
      sections.push(section(id, join([leb(count + 1), payload.slice(length), more])));
    } else if (found !== undefined) sections.push(section(id, [...bytes.subarray(found.start, found.end)]));
  }
  return rawModule(...sections);
}

function readLeb(bytes: ArrayLike<number>, at = 0): [value: number, length: number] {
  let value = 0, length = 0;
  for (;;) {
    const byte = bytes[at + length] ?? 0;
    value += (byte & 0x7f) * 128 ** length++;
    if (byte < 0x80) return [value, length];
  }
}

function functionType(module: Module, typeIndex: number | undefined): FunctionType {
  const type = module.types[typeIndex ?? -1]?.composite;
  if (type?.kind !== "func") throw new TypeError(`Type ${typeIndex} is no function type`);
  return type;
}

class CountingBody {
  readonly #code: Bytes = [];
  /** Values that a branch to each open label moves, innermost last. */
  readonly #arities: number[] = [];
  /** Number of catch clauses by the offset of the old `try` that they belong to. */
  readonly #clauses = new Map<number, number>();
  readonly #reader: InstructionReader;

  constructor(readonly module: Module, readonly counter: number, readonly ceilings: GrowthCeilings) {
    this.#reader = new InstructionReader(module.bytes);
  }

  write(body: FunctionBody, type: FunctionType): Bytes {
    const { bytes } = this.module, reader = this.#reader;
    const [groups, length] = readLeb(bytes, body.start);
    const firstAdded = type.params.length + body.localCount;
    const locals = [
      ...leb(groups + 2),
      ...bytes.subarray(body.start + length, body.code),
      1,
      I32,
      1,
      I64,
    ];
    this.#arities.push(type.results.length);
    const beyond = Math.max(0, body.localCount - FREE_LOCALS);
    this.#bump(1 + Math.floor(beyond / FREE_LOCALS));
    this.#countClauses(body);
    reader.reset(body.code, body.end);
    while (reader.next()) {
      const { mnemonic = "" } = ROWS[reader.key] ?? {};
      this.#bump(this.#cost(mnemonic));
      this.#bumpBySize(mnemonic, firstAdded);
      this.#follow(mnemonic);
      for (const byte of bytes.subarray(reader.offset, reader.end)) this.#code.push(byte);
    }
    return join([leb(locals.length + this.#code.length), locals, this.#code]);
  }

  #countClauses(body: FunctionBody): void {
    const open: number[] = [], reader = this.#reader;
    reader.reset(body.code, body.end);
    while (reader.next()) {
      const { mnemonic = "" } = ROWS[reader.key] ?? {};
      if (OPENERS.has(mnemonic)) open.push(reader.offset);
      if (CLOSERS.has(mnemonic)) open.pop();
      if (!/^catch/.test(mnemonic)) continue;
      const owner = open.at(-1) ?? -1;
      this.#clauses.set(owner, (this.#clauses.get(owner) ?? 0) + 1);
    }
  }

  #emit(...bytes: number[]): void {
    this.#code.push(...bytes);
  }

  #bump(units: number): void {
    if (units === 0) return;
    const counter = leb(this.counter);
    this.#emit(0x23, ...counter, 0x42, ...sleb(units), 0x7c, 0x24, ...counter);
  }

  #cost(mnemonic: string): number {
    const reader = this.#reader;
    if (mnemonic === "throw") {
      const { params } = functionType(this.module, this.module.tags[reader.index]?.typeIndex);
      return THROW + params.reduce((words, type) => words + (type === V128 ? 2 : 1), 0);
    }
    if (mnemonic === "rethrow" || mnemonic === "throw_ref") return THROW;
    if (mnemonic === "try_table") return 1 + reader.catchCount;
    if (mnemonic === "try") return 1 + (this.#clauses.get(reader.offset) ?? 0);
    return (FREE.has(mnemonic) ? 0 : 1) + Math.floor(this.#valuesMoved(mnemonic) / VALUES_PER_UNIT);
  }

  #valuesMoved(mnemonic: string): number {
    const { index, labels, labelCount } = this.#reader, { functions } = this.module;
    if (mnemonic === "return") return this.#arities[0] ?? 0;
    if (mnemonic === "br_table") return this.#arities.at(-1 - (labels[labelCount - 1] ?? 0)) ?? 0;
    if (/^br/.test(mnemonic)) return this.#arities.at(-1 - index) ?? 0;
    if (!/^(return_)?call/.test(mnemonic)) return 0;
    const type = functionType(this.module, /call$/.test(mnemonic) ? functions[index] : index);
    return type.params.length + type.results.length;
  }

  /** Opens and closes labels. */
  #follow(mnemonic: string): void {
    const { blockKind, blockType } = this.#reader;
    if (CLOSERS.has(mnemonic)) this.#arities.pop();
    if (!OPENERS.has(mnemonic)) return;
    const type = blockKind === BLOCK_KIND.index ? functionType(this.module, blockType) : undefined;
    this.#arities.push(
      mnemonic === "loop"
        ? type?.params.length ?? 0
        : type?.results.length ?? (blockKind === BLOCK_KIND.value ? 1 : 0),
    );
  }

  /** For instructions whose top operand is a size. */
  #bumpBySize(mnemonic: string, firstAdded: number): void {
    if (!/^(memory|table)\.(fill|copy|init|grow)$/.test(mnemonic)) return;
    const grow = mnemonic.endsWith("grow");
    const wide = this.#sizeIsWide(mnemonic),
      local = leb(firstAdded + (wide ? 1 : 0)),
      counter = leb(this.counter);
    const size = wide ? [0x20, ...local] : [0x20, ...local, 0xad];
    this.#emit(0x21, ...local, 0x23, ...counter, ...size);
    if (grow) {
      const ceiling = mnemonic === "memory.grow" ? this.ceilings.pages : this.ceilings.elements;
      const least = [0x42, ...sleb(LEAST_GROWTH)];
      const fair = [...size, ...least, 0x56, ...size, 0x42, ...sleb(ceiling), 0x58, 0x71];
      this.#emit(...least, ...fair, 0x1b);
    }
    this.#emit(0x7c, 0x24, ...counter, 0x20, ...local);
  }

  #sizeIsWide(mnemonic: string): boolean {
    const { index, index2 } = this.#reader;
    const spaces = mnemonic.startsWith("memory") ? this.module.memories : this.module.tables;
    if (mnemonic.endsWith("init")) return false;
    const wide = spaces[index]?.index64 === true;
    return mnemonic.endsWith("copy") ? wide && spaces[index2]?.index64 === true : wide;
  }
}
