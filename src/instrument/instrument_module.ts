/**
 * Rewrites a checked module so that it counts its fuel and stack and asks before it grows. Takes the ORIGINAL
 * module, read and validated; what comes out is only ever compiled, never read again.
 *
 * Nothing shifts: all that is added stands at the end of its index space, bodies are copied with insertions. The start
 * section is left out and active segments become passive: the guest calls the start function, and an added one that
 * applies the segments, once the counters are set. Custom sections are left out, since the offsets in them would lie
 * and names in V8's stack traces could be made to look like something else; frames are named on the host. The name
 * section that is written holds nothing but our label.
 */
import { AddedNames } from "./added_exports.ts";
import { Additions, type CodeContext } from "./additions.ts";
import { Counters } from "./counters.ts";
import { BranchHints } from "./branch_hints.ts";
import { CodeWriter } from "./code_writer.ts";
import { addInliningBallast, countSize } from "./inlining_ballast.ts";
import { writeImports, writeMemories, writeTables } from "./declared_sections.ts";
import { passedTypes, writeEntry } from "./function_meter.ts";
import type { Ceiling } from "./growth_functions.ts";
import { instantiationCost } from "./instantiation_cost.ts";
import { LABEL_PREFIX, type Layout } from "./layout.ts";
import type { Metering } from "./metering.ts";
import { type OriginMap, OriginMapBuilder } from "./origin_map.ts";
import { BodyRewriter } from "./rewrite_body.ts";
import { sectionEntries } from "./section_entries.ts";
import { initialiseFunction } from "./segments_initialise.ts";
import { writeDataCountSection, writeDataSection, writeElementSection } from "./segments_passive.ts";
import { buildShim } from "./shim.ts";
import type { CostModel } from "../analysis/cost.ts";
import { PASS } from "../analysis/passed_counters.ts";
import type { ModulePlan } from "../analysis/plan.ts";
import type { StackPlan } from "../analysis/stack_plan.ts";
import { ModuleRefusedError } from "../core/errors.ts";
import { ByteWriter, writeValueType } from "../wasm/encoder.ts";
import { describeExports, describeExternal, describeImports } from "../wasm/external_type.ts";
import { ENGINE_LIMITS } from "../wasm/implementation_limits.ts";
import {
  EXTERNAL_KINDS,
  type ExternalKind,
  type FunctionBody,
  type FunctionType,
  type Module,
  type Section,
} from "../wasm/module.ts";
import { sectionId, type SectionName, SECTIONS } from "../wasm/sections.ts";
import { I32, I64 } from "../wasm/types.ts";

export interface InstrumentOptions {
  readonly plan: ModulePlan;
  readonly stack: StackPlan;
  readonly costs: CostModel;
  readonly ceiling: Ceiling;
  /** Letters and digits that tell this module from others. */
  readonly label: string;
  /** Whether locals can be looked at between any two instructions, ours included. @default false */
  readonly exactLocals?: boolean;
}

export interface InstrumentedModule {
  readonly bytes: Uint8Array;
  /** The module through which it reaches anything of ours. */
  readonly shim: Uint8Array;
  readonly layout: Layout;
  readonly origin: OriginMap;
  /** Indices of what was added, for an engine that treats it in its own way: the global that counts fuel, the table of hooks. */
  readonly indices: { readonly fuel: number; readonly hookTable: number };
  readonly metering: Metering;
}

/** Sections in the order in which they stand in a module. */
const SECTION_ORDER: readonly SectionName[] = [...SECTIONS]
  .filter((row) => row.order > 0).sort((a, b) => a.order - b.order).map((row) => row.name);

/** Bytes of a function that V8 15 takes. */
const MOST_BODY_BYTES = 7_654_321;

/** Instruments a module. Linear in its bytes. */
export function instrumentModule(module: Module, options: InstrumentOptions): InstrumentedModule {
  return new ModuleRewriter(module, options).rewrite();
}

class ModuleRewriter {
  readonly #sections: Map<number, Section>;
  readonly #names: AddedNames;
  readonly #origin = new OriginMapBuilder();
  readonly #hints = new BranchHints();
  readonly #context: CodeContext;
  /** First of the added globals: fuel, stack used, stack cap, stack shared. */
  readonly #firstGlobal: number;
  /** The added function that applies the active segments. */
  readonly #initialise: number | undefined;
  /** The added functions that take the depth of the stack, by the body that they have. */
  readonly #targets: Map<number, number> = new Map();
  /** Types with passed counters, by the original type and what is passed. */
  readonly #meteredTypes: Map<number, number> = new Map();
  /** By body: the local in which it keeps what is owed. */
  readonly #owed: Int32Array;

  constructor(readonly module: Module, readonly options: InstrumentOptions) {
    this.#sections = new Map(module.sections.map((section) => [section.id, section]));
    this.#names = new AddedNames(module);
    this.#firstGlobal = module.globals.length;
    this.#owed = new Int32Array(module.bodies.length).fill(-1);
    const additions = new Additions(module), hookTable = module.tables.length;
    const hookType = additions.type([], []), growType = additions.type([I32, I64], [I32]);
    const counters = new Counters({
      fuel: this.#firstGlobal,
      stackUsed: this.#firstGlobal + 1,
      stackCap: this.#firstGlobal + 2,
      stackShared: this.#firstGlobal + 3,
      hookTable,
      hookType,
    });
    this.#context = { module, additions, counters, hookTable, growType };
    this.#addTargets();
    this.#initialise = initialiseFunction(this.#context);
  }

  #addTargets(): void {
    const { additions } = this.#context, { passed } = this.options.plan;
    for (const [body, bits] of passed.entries()) {
      if ((bits & PASS.entry) === 0) continue;
      this.#targets.set(body, this.module.functions.length + additions.functions.length);
      additions.functions.push({ type: this.#meteredType(body), code: new CodeWriter() });
    }
  }

  #typeOf(body: number): FunctionType {
    const type = this.module.types[this.#typeIndex(body)]?.composite;
    if (type?.kind !== "func") throw new TypeError(`Body ${body} of a validated module has no function type`);
    return type;
  }

  #typeIndex(body: number): number {
    return this.module.functions[this.module.imported.function + body] ?? 0;
  }

  /** The type of the function that direct calls reach, with the counters that it is passed. */
  #meteredType(body: number): number {
    const bits = this.options.plan.passed[body] ?? 0, original = this.#typeIndex(body);
    if (bits === 0) return original;
    const key = original * 8 + bits;
    let index = this.#meteredTypes.get(key);
    if (index === undefined) {
      const { params, results } = this.#typeOf(body);
      index = this.#context.additions.type(
        [...params, ...passedTypes(bits)],
        bits & PASS.owed ? [...results, I32] : results,
      );
      this.#meteredTypes.set(key, index);
    }
    return index;
  }

  rewrite(): InstrumentedModule {
    // Code first: it decides which types and functions are added, and those sections stand before it.
    const code = new ByteWriter(this.module.bytes.length + 1024);
    const layout = this.#layout();
    const addedFrom = this.#code(code);
    const writer = new ByteWriter(code.position + this.module.bytes.length + 1024);
    writer.header();
    let codeStart = 0;
    for (const name of SECTION_ORDER) {
      if (name === "code") {
        if (this.module.bodies.length + this.#context.additions.functions.length === 0) continue;
        this.#hints.write(writer);
        writer.u8(sectionId("code"));
        writer.u32(code.position);
        codeStart = writer.position;
        writer.bytes(code.written());
      } else this.#section(writer, name, layout);
    }
    this.#nameSection(writer, layout.label);
    this.#origin.shift(0, codeStart);
    const origin = this.#origin.build({
      addedFrom: codeStart + addedFrom,
      bodies: Uint32Array.from(this.module.bodies, (body) => body.start),
      firstFunction: this.module.imported.function,
    });
    return {
      bytes: writer.written(),
      shim: buildShim(this.module),
      layout,
      origin,
      indices: { fuel: this.#firstGlobal, hookTable: this.#context.hookTable },
      metering: {
        functions: Int32Array.from(
          this.module.bodies,
          (_, body) => this.#targets.get(body) ?? this.module.imported.function + body,
        ),
        owed: this.#owed,
        passed: this.options.plan.passed,
        atCallers: this.options.plan.chargedAtCallers,
      },
    };
  }

  #section(writer: ByteWriter, name: SectionName, layout: Layout): void {
    const { additions, hookTable } = this.#context, { module } = this, { ceiling } = this.options;
    const section = this.#sections.get(sectionId(name));
    switch (name) {
      case "type":
        return this.#extended(
          writer,
          name,
          additions.typeCount,
          () => writer.bytes(additions.types.written()),
        );
      case "import":
        return writeImports(writer, module, ceiling);
      case "function":
        return this.#functions(writer);
      case "table":
        return writeTables(writer, module, ceiling);
      case "memory":
        return writeMemories(writer, module, ceiling);
      case "global":
        return this.#extended(writer, name, 4, () => {
          for (const [type, opcode] of [[I64, 0x42], [I32, 0x41], [I32, 0x41], [I32, 0x41]] as const) {
            writeValueType(writer, type);
            writer.bytes(new Uint8Array([1, opcode, 0, 0x0b]));
          }
        });
      case "export": {
        const added: [string, ExternalKind, number][] = [
          [layout.added.fuel, "global", this.#firstGlobal],
          [layout.added.stackUsed, "global", this.#firstGlobal + 1],
          [layout.added.stackCap, "global", this.#firstGlobal + 2],
          [layout.added.stackShared, "global", this.#firstGlobal + 3],
          [layout.added.hooks, "table", hookTable],
          ...layout.memories.map((
            item,
            index,
          ): [string, ExternalKind, number] => [item.exportName, "memory", index]),
          ...layout.tables.map((
            item,
            index,
          ): [string, ExternalKind, number] => [item.exportName, "table", index]),
        ];
        if (layout.added.initialise !== undefined && this.#initialise !== undefined) {
          added.push([layout.added.initialise, "function", this.#initialise]);
        }
        if (layout.added.start !== undefined && module.start !== undefined) {
          added.push([layout.added.start, "function", module.start.index]);
        }
        return this.#extended(writer, name, added.length, () => {
          for (const [name, kind, index] of added) {
            writer.name(name);
            writer.u8(EXTERNAL_KINDS[kind]);
            writer.u32(index);
          }
        });
      }
      case "start":
        return;
      case "element":
        return section && writeElementSection(writer, module, section);
      case "data count":
        // What applies data segments names them, so that this is needed even where the original goes without.
        if (section === undefined && module.data.length === 0) return;
        return writeDataCountSection(writer, module);
      case "data":
        return section && writeDataSection(writer, module);
      default:
        if (section === undefined) return;
        return void writer.section(name, () => writer.copy(module.bytes, section.start, section.end));
    }
  }

  /** A section whose entries are kept byte for byte, with more behind them. */
  #extended(writer: ByteWriter, name: SectionName, added: number, write: () => void): void {
    const { count, entries } = sectionEntries(this.module, this.#sections.get(sectionId(name)));
    if (count + added === 0) return;
    writer.section(name, () => {
      writer.u32(count + added);
      writer.bytes(entries);
      write();
    });
  }

  #functions(writer: ByteWriter): void {
    const { module } = this, { additions } = this.#context;
    if (module.bodies.length + additions.functions.length === 0) return;
    writer.section("function", () => {
      writer.u32(module.bodies.length + additions.functions.length);
      for (let body = 0; body < module.bodies.length; body++) {
        writer.u32(this.#targets.has(body) ? this.#typeIndex(body) : this.#meteredType(body));
      }
      for (const added of additions.functions) writer.u32(added.type);
    });
  }

  /** Writes the payload of the code section; returns where in it the functions begin that are ours alone. */
  #code(writer: ByteWriter): number {
    const { module } = this,
      { additions } = this.#context,
      code = new CodeWriter(),
      sizes = { small: 0, large: 0 };
    const options = { ...this.options, origin: this.#origin, targets: this.#targets, owed: this.#owed };
    const rewriter = new BodyRewriter(this.#context, options);
    // The count comes first, but functions may be added until the last body is written.
    const bodies = new ByteWriter(module.bytes.length + 1024);
    const append = (functionIndex: number, firstPair = this.#origin.count) => {
      if (code.position > MOST_BODY_BYTES) {
        throw new ModuleRefusedError(
          `Cannot run function ${functionIndex}: it has ${code.position} bytes after instrumentation, V8 takes ${MOST_BODY_BYTES}`,
        );
      }
      bodies.u32(code.position);
      this.#origin.shift(firstPair, bodies.position);
      bodies.bytes(code.written());
      countSize(sizes, code.position);
      this.#hints.add(functionIndex, code);
      code.clear();
    };
    const rewrite = (index: number, body: FunctionBody, functionIndex: number) => {
      const firstPair = this.#origin.count;
      rewriter.rewrite(code, index, body);
      append(functionIndex, firstPair);
    };
    for (const [index, body] of module.bodies.entries()) {
      const functionIndex = module.imported.function + index;
      if (this.#targets.has(index)) {
        this.#origin.addOurs(bodies.position);
        writeEntry(code, this.#context, options, { index, params: this.#typeOf(index).params.length });
        append(functionIndex);
      } else {
        this.#meteredType(index); // types are written before functions
        rewrite(index, body, functionIndex);
      }
    }
    for (const [index, functionIndex] of this.#targets) {
      const body = module.bodies[index];
      if (body !== undefined) rewrite(index, body, functionIndex);
    }
    const ours = additions.functions.slice(this.#targets.size);
    for (const added of ours) countSize(sizes, added.code.position);
    addInliningBallast(this.#context, sizes);
    const addedFrom = bodies.position;
    for (let index = this.#targets.size; index < additions.functions.length; index++) {
      const added = additions.functions[index]?.code;
      if (added === undefined) continue;
      bodies.u32(added.position);
      bodies.bytes(added.written());
      this.#hints.add(module.functions.length + index, added);
    }
    const functions = module.functions.length + additions.functions.length;
    if (functions > ENGINE_LIMITS.functions) {
      throw new ModuleRefusedError(
        `Cannot run the module: it has ${functions} functions after instrumentation, V8 takes ${ENGINE_LIMITS.functions}`,
      );
    }
    writer.u32(module.bodies.length + additions.functions.length);
    const bodiesStart = writer.position;
    this.#origin.shift(0, bodiesStart);
    writer.bytes(bodies.written());
    return bodiesStart + addedFrom;
  }

  #nameSection(writer: ByteWriter, label: string): void {
    writer.section("custom", () => {
      writer.name("name");
      writer.section(0, () => writer.name(label)); // subsection 0 is the module's name
    });
  }

  #layout(): Layout {
    const { module } = this, names = this.#names;
    return {
      label: LABEL_PREFIX + this.options.label,
      added: {
        fuel: names.name("fuel"),
        stackUsed: names.name("stack-used"),
        stackCap: names.name("stack-cap"),
        stackShared: names.name("stack-shared"),
        hooks: names.name("hooks"),
        ...(this.#initialise === undefined ? {} : { initialise: names.name("initialise") }),
        ...(module.start === undefined ? {} : { start: names.name("start") }),
      },
      memories: module.memories.map((_, index) => {
        const type = describeExternal(module, "memory", index);
        if (type.kind !== "memory") throw new TypeError("A memory is described as a memory");
        return { exportName: names.name(`memory-${index}`), type };
      }),
      tables: module.tables.map((_, index) => {
        const type = describeExternal(module, "table", index);
        if (type.kind !== "table") throw new TypeError("A table is described as a table");
        return { exportName: names.name(`table-${index}`), type };
      }),
      imports: describeImports(module),
      exports: describeExports(module),
      functionCount: module.functions.length,
      instantiationCost: instantiationCost(module, this.options.costs),
    };
  }
}
