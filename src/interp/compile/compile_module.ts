/** Compiles a module to register code: plain data that can be posted to any thread. */
import type { MemoryKind } from "../machine_layout.ts";
import { CodeBuffer, IntList } from "./code_buffer.ts";
import type { CounterHints } from "./counter_code.ts";
import { FunctionCompiler } from "./function_compiler.ts";
import type { HandlerData } from "./handler_table.ts";
import { ModuleShape } from "./module_shape.ts";
import { type JoinSequences, joinSequences } from "./join_sequences.ts";
import { operation } from "../core/operations.ts";
import type { OwnedLayout } from "../owned_layout.ts";
import { WatchCode, type WatchData, type WatchOptions } from "./watch_code.ts";
import { InstructionReader } from "../../wasm/instructions.ts";
import type {
  ByteRange,
  ElementSegment,
  Export,
  GlobalType,
  Import,
  MemoryType,
  Module,
  RecursionGroup,
  SubType,
  TableType,
} from "../../wasm/module.ts";
import { op } from "../../wasm/opcodes.ts";
import { readNames } from "../../wasm/names.ts";
import { readModule } from "../../wasm/read_module.ts";
import { ENGINE_LIMITS } from "../../wasm/implementation_limits.ts";
import { FUNCREF, type ValueType } from "../../wasm/types.ts";
import { validateModule } from "../../wasm/validate_module.ts";

/** An element segment: indices of functions, -1 for null, or positions of the code that gives each element. */
export interface CompiledElements {
  readonly type: ValueType;
  readonly functions?: Int32Array;
  readonly code?: Int32Array;
  /** For active segments: the table, and the position of the code that gives the offset. */
  readonly active?: { readonly table: number; readonly offset: number };
}

/** A segment that only declares: it is dropped when the module is instantiated. */
const DECLARED: CompiledElements = { type: FUNCREF, functions: new Int32Array(0) };

/** A data segment. */
export interface CompiledData {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly active?: { readonly memory: number; readonly offset: number };
}

/** A module as the interpreter runs it. Positions are words of `code`; -1 stands for none. */
export interface CompiledModule {
  readonly kind: "interpreter";
  /** The name of the module in its name section. */
  readonly label: string;
  /** Position 0 holds the instruction to which functions called from outside return. */
  readonly code: Int32Array;
  /** Where each function begins that is not imported. */
  readonly entries: Int32Array;
  readonly memories: readonly MemoryKind[];
  readonly owned: OwnedLayout;
  readonly handlers: HandlerData;
  /** Positions of instructions that may trap or call, ascending, and their offsets in the module. */
  readonly notePositions: Int32Array;
  readonly noteOffsets: Int32Array;
  /** Positions that calls return to, ascending, and how many bytes behind the caller's frame the called one begins. */
  readonly returnPositions: Int32Array;
  readonly returnBases: Int32Array;
  readonly types: readonly SubType[];
  readonly groups: readonly RecursionGroup[];
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  readonly importedFunctions: number;
  /** Type index of every function. */
  readonly functions: readonly number[];
  readonly tables: readonly TableType[];
  readonly memoryTypes: readonly MemoryType[];
  readonly globals: readonly GlobalType[];
  /** Type index of every tag. */
  readonly tags: Int32Array;
  /** Position of the code that gives the initial value of each global and table. */
  readonly globalCode: Int32Array;
  readonly tableCode: Int32Array;
  readonly elements: readonly CompiledElements[];
  readonly data: readonly CompiledData[];
  /** The start function; -1 for none. */
  readonly start: number;
  readonly hints: CounterHints | undefined;
  /** Of code that can be watched. */
  readonly watch: WatchData | undefined;
}

export interface CompileOptions {
  /** What instrumentation added, so that it costs little; undefined for a module without. */
  readonly hints?: CounterHints | undefined;
  /** Has the code watched; undefined for code that is fast. */
  readonly watch?: WatchOptions | undefined;
  /** Joins the instructions of a function to sequences. @default by the table of them */
  readonly join?: JoinSequences;
}

/**
 * Compiles a module. Linear in its bytes.
 *
 * @param bytes are validated here: nothing else vouches for them
 * @throws {ModuleInvalidError}
 * @throws {ModuleRefusedError} for instructions that the interpreter does not have, and for code that would grow too long
 */
export function compileModule(bytes: Uint8Array, options: CompileOptions = {}): CompiledModule {
  const module = readModule(bytes, ENGINE_LIMITS);
  validateModule(module);
  return new ModuleCompiler(module, options).compile();
}

const REF_FUNC = op("ref.func"), REF_NULL = op("ref.null"), END = op("end");

/** The functions that expressions refer to, -1 for null; undefined where one of them is another expression. */
function functionIndices(
  reader: InstructionReader,
  expressions: readonly ByteRange[],
): Int32Array | undefined {
  const indices = new Int32Array(expressions.length);
  for (const [place, { start, end }] of expressions.entries()) {
    reader.reset(start, end);
    reader.next();
    if (reader.key === REF_FUNC) indices[place] = reader.index;
    else if (reader.key === REF_NULL) indices[place] = -1;
    else return undefined;
    if (!reader.next() || reader.key !== END) return undefined;
  }
  return indices;
}

class ModuleCompiler {
  readonly #code: CodeBuffer;
  readonly #compiler: FunctionCompiler;
  readonly #positions = new IntList();
  readonly #offsets = new IntList();

  readonly #watch: WatchCode | undefined;

  constructor(readonly module: Module, readonly options: CompileOptions) {
    const { hints, watch } = options;
    this.#watch = watch === undefined
      ? undefined
      : new WatchCode(watch, { bodies: module.bodies.length, imported: module.imported.function });
    this.#code = new CodeBuffer(module.bytes.length);
    const note = (position: number, offset: number) => {
      this.#positions.push(position);
      this.#offsets.push(offset);
    };
    this.#compiler = new FunctionCompiler(
      new ModuleShape(module),
      this.#code,
      new InstructionReader(module.bytes),
      { note },
      { counters: hints, watch: this.#watch, join: options.join ?? joinSequences },
    );
  }

  compile(): CompiledModule {
    const { module } = this, compiler = this.#compiler, { shape } = compiler, code = this.#code;
    code.emit1(operation("returned"));
    const entries = Int32Array.from(
      module.bodies,
      (body, place) => {
        this.#watch?.next(place);
        return compiler.compile(shape.typeOf(module.imported.function + place), body);
      },
    );
    this.#watch?.next(-1);
    const globalCode = Int32Array.from(
      module.globals,
      ({ init, type }) => init === undefined ? -1 : compiler.compileConstant(type, init),
    );
    const tableCode = Int32Array.from(
      module.tables,
      ({ init, element }) => init === undefined ? -1 : compiler.compileConstant(element, init),
    );
    const elements = module.elements.map((segment): CompiledElements =>
      segment.mode === "declarative" ? DECLARED : {
        type: segment.type,
        ...this.#contents(segment),
        ...(segment.mode !== "active" || segment.position === undefined ? {} : {
          active: {
            table: segment.table,
            offset: compiler.compileConstant(FUNCREF, segment.position),
          },
        }),
      }
    );
    const data = module.data.map((segment): CompiledData => ({
      bytes: Uint8Array.from(module.bytes.subarray(segment.start, segment.end)),
      ...(segment.position === undefined ? {} : {
        active: { memory: segment.memory, offset: compiler.compileConstant(FUNCREF, segment.position) },
      }),
    }));
    this.#linkCalls(entries);
    return {
      kind: "interpreter",
      label: readNames(module).module ?? "",
      code: code.words.slice(0, code.position),
      entries,
      memories: shape.memories,
      owned: shape.owned,
      handlers: compiler.handlers.taken(),
      notePositions: this.#positions.taken(),
      noteOffsets: this.#offsets.taken(),
      returnPositions: compiler.returns.taken(),
      returnBases: compiler.returnBases.taken(),
      types: module.types,
      groups: module.groups,
      imports: module.imports,
      exports: module.exports,
      importedFunctions: module.imported.function,
      functions: module.functions,
      tables: module.tables,
      memoryTypes: module.memories,
      globals: module.globals,
      tags: Int32Array.from(module.tags, ({ typeIndex }) => typeIndex),
      globalCode,
      tableCode,
      elements,
      data,
      start: module.start?.index ?? -1,
      hints: this.options.hints,
      watch: this.#watch?.taken(),
    };
  }

  /** Most segments name functions and nothing else, so that nothing has to be compiled for each element. */
  #contents(
    { type, functions, expressions = [] }: ElementSegment,
  ): Pick<CompiledElements, "functions" | "code"> {
    const indices = functions ?? functionIndices(this.#compiler.reader, expressions);
    if (indices !== undefined) return { functions: Int32Array.from(indices) };
    return { code: Int32Array.from(expressions, (range) => this.#compiler.compileConstant(type, range)) };
  }

  #linkCalls(entries: Int32Array): void {
    const { callsAt, callees } = this.#compiler, { words } = this.#code;
    for (let call = 0; call < callsAt.length; call++) {
      const at = callsAt.at(call), entry = entries[callees.at(call) - this.module.imported.function] ?? 0;
      words[at + 1] = 4 * (entry - at);
    }
  }
}
