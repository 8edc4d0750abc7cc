/** What a person wrote of a module that is watched: names, types, instructions. Read out of the original when asked for. */
import type { CompiledModule } from "../compile/compile_module.ts";
import type { WatchData } from "../compile/watch_code.ts";
import { functionAt } from "../run/instance.ts";
import { widthOf } from "../owned_layout.ts";
import { cutText } from "../../core/cut.ts";
import { plainText } from "../../core/plain_text.ts";
import { formatInstruction } from "../../wasm/disassemble.ts";
import { InstructionReader } from "../../wasm/instructions.ts";
import type { FunctionType, Module } from "../../wasm/module.ts";
import { type Names, readNames } from "../../wasm/names.ts";
import { readModule } from "../../wasm/read_module.ts";
import { BOTTOM, type ValueType } from "../../wasm/types.ts";
import { BodyWalker } from "../../wasm/validate_module.ts";

/** Operands that are known of every instruction of a body. */
const KNOWN_OPERANDS = 3;

/** Instructions of which that is kept, of all bodies together. */
const MOST_KEPT = 1 << 20;

/** Characters of a name, and of an instruction, that are shown. */
const LONGEST_NAME = 120, LONGEST_TEXT = 200;

/** Instructions whose text is kept. */
const MOST_TEXTS = 50_000;

const NO_TYPE: FunctionType = { kind: "func", params: [], results: [] };

/** What is known of the instructions of a body, in their order. */
interface KnownBody {
  readonly offsets: Int32Array;
  readonly heights: Int32Array;
  /** Types of the uppermost operands, {@linkcode KNOWN_OPERANDS} for each instruction. */
  readonly types: Int32Array;
}

/** Where a value lies, in bytes from the start of the frame. */
export interface TypedPlace {
  readonly type: ValueType;
  readonly at: number;
}

export class WatchedModule {
  readonly data: WatchData;
  readonly original: Module;
  readonly #names: Names;
  readonly #shown = new Map<number, string>();
  readonly #reader: InstructionReader;
  #walker: BodyWalker | undefined;
  #bodies = new Map<number, KnownBody>();
  #kept = 0;
  readonly #texts = new Map<number, string>();

  /** @param compiled for watching */
  constructor(readonly compiled: CompiledModule, data: WatchData) {
    this.data = data;
    this.original = readModule(data.original);
    this.#names = readNames(this.original);
    this.#reader = new InstructionReader(data.original);
  }

  /** The body whose code lies at a position; -1 for code that was added. */
  bodyAt(position: number): number {
    const index = functionAt(this.compiled, position);
    return index === undefined ? -1 : this.data.originals[index - this.compiled.importedFunctions] ?? -1;
  }

  /** The function that has a body. */
  functionOf(body: number): number {
    return this.original.imported.function + body;
  }

  /** A name for a function: its own, that of an export or import, or its index. On one line, and without ";". */
  nameOf(index: number): string {
    let shown = this.#shown.get(index);
    if (shown === undefined) {
      shown = plainText(this.#nameOf(index), LONGEST_NAME).replaceAll(";", "_");
      this.#shown.set(index, shown);
    }
    return shown;
  }

  #nameOf(index: number): string {
    const own = this.#names.of("function", index);
    if (own !== undefined && own !== "") return own;
    const { exports, imports } = this.original;
    const exported = exports.find((item) => item.kind === "function" && item.index === index);
    if (exported !== undefined && exported.name !== "") return exported.name;
    const imported = imports.find((item) => item.kind === "function" && item.index === index);
    return imported === undefined ? `func[${index}]` : `${imported.module}.${imported.name}`;
  }

  /** The type of a function. */
  typeOf(index: number): FunctionType {
    const type = this.original.types[this.original.functions[index] ?? -1]?.composite;
    return type?.kind === "func" ? type : NO_TYPE;
  }

  /** Parameters and locals of a body, with their places; at most so many. */
  locals(body: number, most: number): TypedPlace[] {
    const found: TypedPlace[] = [];
    let at = 0, passed = this.data.passed[body] ?? 0;
    for (const type of this.typeOf(this.functionOf(body)).params) {
      if (found.length < most) found.push({ type, at });
      at += widthOf(type);
    }
    let place = this.data.locals[body] ?? 0;
    for (const { type, count } of this.original.bodies[body]?.locals ?? []) {
      for (let left = count; left > 0 && found.length < most; left--) {
        // The first ones lie where parameters were added.
        if (passed > 0) {
          found.push({ type, at });
          at += widthOf(type);
          passed--;
          continue;
        }
        found.push({ type, at: place });
        place += widthOf(type);
      }
    }
    return found;
  }

  /** Number of parameters and locals of a body. */
  localCount(body: number): number {
    return this.typeOf(this.functionOf(body)).params.length + (this.original.bodies[body]?.localCount ?? 0);
  }

  /** The number of the last place at which code stops, up to a position; -1 for none. */
  stopAt(position: number): number {
    const { stopPositions } = this.data;
    let low = 0, high = stopPositions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((stopPositions[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** The instruction at an offset of the original, as text; cut where it is long. */
  textAt(offset: number): string {
    let text = this.#texts.get(offset);
    if (text !== undefined) return text;
    text = cutText(this.#formatAt(offset), LONGEST_TEXT);
    if (this.#texts.size >= MOST_TEXTS) this.#texts.clear();
    this.#texts.set(offset, text);
    return text;
  }

  #formatAt(offset: number): string {
    const reader = this.#reader;
    reader.reset(offset, this.original.bytes.length);
    reader.next();
    return formatInstruction(reader);
  }

  /** The uppermost operands at a stop, the top first; at most {@linkcode KNOWN_OPERANDS}. */
  topOperands(body: number, stop: number): TypedPlace[] {
    const known = this.#known(body), place = indexOf(known.offsets, this.data.stopOffsets[stop] ?? 0);
    const height = known.heights[place] ?? 0, found: TypedPlace[] = [];
    let at = this.#top(stop, height);
    for (let depth = 0; depth < Math.min(height, KNOWN_OPERANDS); depth++) {
      const type = known.types[KNOWN_OPERANDS * place + depth] ?? 0;
      at -= widthOf(type);
      found.push({ type, at });
    }
    return found;
  }

  /** Operands at a stop, the top first, and how many there are; at most so many. */
  operands(
    body: number,
    stop: number,
    most: number,
  ): { readonly count: number; readonly operands: TypedPlace[] } {
    const operands: TypedPlace[] = [], offset = this.data.stopOffsets[stop] ?? 0;
    let count = 0;
    this.#walk(body, (reader, height, reachable, typeAt) => {
      if (reader.offset !== offset || !reachable) return;
      count = height;
      let at = this.#top(stop, height);
      for (let depth = 0; depth < Math.min(height, most); depth++) {
        const type = typeAt(depth);
        at -= widthOf(type);
        operands.push({ type, at });
      }
    });
    return { count, operands };
  }

  /** Where the guest's own operands end: above them may lie what was added for a call. */
  #top(stop: number, height: number): number {
    return (this.data.stopTops[stop] ?? 0) - 8 * ((this.data.stopHeights[stop] ?? 0) - height);
  }

  #known(body: number): KnownBody {
    let known = this.#bodies.get(body);
    if (known !== undefined) return known;
    const offsets: number[] = [], heights: number[] = [], types: number[] = [];
    this.#walk(body, (reader, height, reachable, typeAt) => {
      if (!reachable) return;
      offsets.push(reader.offset);
      heights.push(height);
      for (let depth = 0; depth < KNOWN_OPERANDS; depth++) {
        types.push(depth < height ? typeAt(depth) : BOTTOM);
      }
    });
    known = {
      offsets: Int32Array.from(offsets),
      heights: Int32Array.from(heights),
      types: Int32Array.from(types),
    };
    if (this.#kept + offsets.length > MOST_KEPT) {
      this.#bodies = new Map();
      this.#kept = 0;
    }
    this.#kept += offsets.length;
    this.#bodies.set(body, known);
    return known;
  }

  #walk(
    body: number,
    see: (
      reader: InstructionReader,
      height: number,
      reachable: boolean,
      typeAt: (depth: number) => ValueType,
    ) => void,
  ): void {
    this.#walker ??= new BodyWalker(this.original);
    this.#walker.walk(body, {
      instruction: (reader, height, reachable, operands) =>
        see(reader, height, reachable, (depth) => operands.typeAt(depth)),
    });
  }
}

/** The place of a number in an ascending list; -1 if it is not there. */
function indexOf(ascending: Int32Array, value: number): number {
  let low = 0, high = ascending.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1, found = ascending[middle] ?? 0;
    if (found === value) return middle;
    if (found < value) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
