/**
 * Rewrites a checked module so that it counts its fuel and stack and asks before it grows. Takes the ORIGINAL
 * module, read and validated; what comes out is only ever compiled, never read again.
 *
 * Nothing shifts: all that is added stands at the end of its index space, bodies are copied with insertions, the
 * start section is left out (the guest calls the function once the counters are set). Custom sections are left out,
 * since the offsets in them would lie and names in V8's stack traces could be made to look like something else; frames
 * are named on the host. The name section that is written holds nothing but our label.
 */
import { AddedNames } from "./added_exports.ts";
import { Additions, type CodeContext } from "./additions.ts";
import { Counters } from "./counters.ts";
import type { Ceiling } from "./growth_functions.ts";
import { HOOKS, IMPORT_MODULE, LABEL_PREFIX, type Layout, SHIM_EXPORTS } from "./layout.ts";
import { type OriginMap, OriginMapBuilder } from "./origin_map.ts";
import { BodyRewriter } from "./rewrite_body.ts";
import { sectionEntries } from "./section_entries.ts";
import { buildShim } from "./shim.ts";
import type { CostModel } from "../analysis/cost.ts";
import type { ModulePlan } from "../analysis/plan.ts";
import type { StackPlan } from "../analysis/stack_plan.ts";
import { ModuleRefusedError } from "../core/errors.ts";
import { ByteWriter, writeValueType } from "../wasm/encoder.ts";
import { describeExports, describeExternal, describeImports } from "../wasm/external_type.ts";
import {
  EXTERNAL_KINDS,
  type ExternalKind,
  type Limits64,
  type Module,
  type Section,
} from "../wasm/module.ts";
import { sectionId, type SectionName, SECTIONS } from "../wasm/sections.ts";
import { FUNCREF, I32, I64 } from "../wasm/types.ts";

export interface InstrumentOptions {
  readonly plan: ModulePlan;
  readonly stack: StackPlan;
  readonly costs: CostModel;
  readonly ceiling: Ceiling;
  /** Letters and digits that tell this module from others. */
  readonly label: string;
}

export interface InstrumentedModule {
  readonly bytes: Uint8Array;
  /** The module through which it reaches anything of ours. */
  readonly shim: Uint8Array;
  readonly layout: Layout;
  readonly origin: OriginMap;
}

/** Sections in the order in which they stand in a module. */
const SECTION_ORDER: readonly SectionName[] = [...SECTIONS]
  .filter((row) => row.order > 0).sort((a, b) => a.order - b.order).map((row) => row.name);

/** Bytes of a function that V8 15 takes. */
const MOST_BODY_BYTES = 7_654_321;

/** Pages of a memory that is indexed by i32. */
const MOST_PAGES_32 = 65536n;

/** Instruments a module. Linear in its bytes. */
export function instrumentModule(module: Module, options: InstrumentOptions): InstrumentedModule {
  return new ModuleRewriter(module, options).rewrite();
}

class ModuleRewriter {
  readonly #sections: Map<number, Section>;
  readonly #names: AddedNames;
  readonly #origin = new OriginMapBuilder();
  readonly #context: CodeContext;
  /** First of the added globals: fuel, stack used, stack cap, stack shared. */
  readonly #firstGlobal: number;

  constructor(readonly module: Module, readonly options: InstrumentOptions) {
    this.#sections = new Map(module.sections.map((section) => [section.id, section]));
    this.#names = new AddedNames(module);
    this.#firstGlobal = module.globals.length;
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
    };
  }

  #section(writer: ByteWriter, name: SectionName, layout: Layout): void {
    const { additions, hookTable } = this.#context, { module } = this;
    switch (name) {
      case "type":
        return this.#extended(
          writer,
          name,
          additions.typeCount,
          () => writer.bytes(additions.types.written()),
        );
      case "import":
        return this.#imports(writer);
      case "function":
        return this.#extended(writer, name, additions.functions.length, () => {
          for (const added of additions.functions) writer.u32(added.type);
        });
      case "table":
        return this.#tables(writer);
      case "memory":
        return this.#memories(writer);
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
      default: {
        const section = this.#sections.get(sectionId(name));
        if (section !== undefined) {
          writer.section(name, () => writer.bytes(module.bytes.subarray(section.start, section.end)));
        }
      }
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

  #imports(writer: ByteWriter): void {
    const { module } = this;
    if (module.imports.length === 0) return;
    writer.section("import", () => {
      writer.u32(module.imports.length);
      for (const [position, item] of module.imports.entries()) {
        writer.name(IMPORT_MODULE);
        writer.name(SHIM_EXPORTS.function(position));
        writer.u8(EXTERNAL_KINDS[item.kind]);
        this.#importType(writer, item.kind, item.index);
      }
    });
  }

  #importType(writer: ByteWriter, kind: ExternalKind, index: number): void {
    const { module } = this;
    switch (kind) {
      case "function":
        return writer.u32(module.functions[index] ?? 0);
      case "table": {
        const table = present(module.tables[index]);
        writeValueType(writer, table.element);
        return this.#limits(writer, table, this.options.ceiling.tableElements, {
          imported: true,
          shared: false,
        });
      }
      case "memory": {
        const memory = present(module.memories[index]);
        return this.#limits(writer, memory, this.#pageCeiling(memory.index64), {
          imported: true,
          shared: memory.shared,
        });
      }
      case "global": {
        const global = present(module.globals[index]);
        writeValueType(writer, global.type);
        return writer.u8(global.mutable ? 1 : 0);
      }
      case "tag":
        writer.u8(0);
        return writer.u32(present(module.tags[index]).typeIndex);
    }
  }

  /** Pages that a memory can have in this runtime: V8 knows no larger 32-bit memory than 4 GiB. */
  #pageCeiling(index64: boolean): bigint {
    const { memoryPages } = this.options.ceiling;
    return index64 || memoryPages < MOST_PAGES_32 ? memoryPages : MOST_PAGES_32;
  }

  /**
   * Limits with the maximum lowered to what the runtime allows. An import without a maximum stays without: it takes
   * whatever it is given.
   */
  #limits(
    writer: ByteWriter,
    type: Limits64,
    ceiling: bigint,
    how: { imported: boolean; shared: boolean },
  ): void {
    const most = ceiling > type.min ? ceiling : type.min;
    const max = type.max === undefined
      ? (how.imported ? undefined : most)
      : type.max < most
      ? type.max
      : most;
    writer.u8((max === undefined ? 0 : 1) | (how.shared ? 2 : 0) | (type.index64 ? 4 : 0));
    writer.u64(type.min);
    if (max !== undefined) writer.u64(max);
  }

  #tables(writer: ByteWriter): void {
    const { module } = this, defined = module.tables.slice(module.imported.table);
    const hooks = BigInt(Object.keys(HOOKS).length);
    writer.section("table", () => {
      writer.u32(defined.length + 1);
      for (const table of defined) {
        if (table.init !== undefined) {
          writer.u8(0x40);
          writer.u8(0x00);
        }
        writeValueType(writer, table.element);
        this.#limits(writer, table, this.options.ceiling.tableElements, { imported: false, shared: false });
        if (table.init !== undefined) writer.bytes(module.bytes.subarray(table.init.start, table.init.end));
      }
      writeValueType(writer, FUNCREF);
      writer.u8(1);
      writer.u64(hooks);
      writer.u64(hooks);
    });
  }

  #memories(writer: ByteWriter): void {
    const defined = this.module.memories.slice(this.module.imported.memory);
    if (defined.length === 0) return;
    writer.section("memory", () => {
      writer.u32(defined.length);
      for (const memory of defined) {
        this.#limits(writer, memory, this.#pageCeiling(memory.index64), {
          imported: false,
          shared: memory.shared,
        });
      }
    });
  }

  /** Writes the payload of the code section; returns where in it the added functions begin. */
  #code(writer: ByteWriter): number {
    const { module } = this, { additions } = this.#context, body = new ByteWriter();
    const rewriter = new BodyRewriter(this.#context, { ...this.options, origin: this.#origin });
    // The count comes first, but functions may be added until the last body is written.
    const bodies = new ByteWriter(module.bytes.length + 1024);
    for (const [index, item] of module.bodies.entries()) {
      const firstPair = this.#origin.count;
      body.position = 0;
      rewriter.rewrite(body, index, item);
      if (body.position > MOST_BODY_BYTES) {
        throw new ModuleRefusedError(
          `Cannot run function ${
            module.imported.function + index
          }: it has ${body.position} bytes after instrumentation, V8 takes ${MOST_BODY_BYTES}`,
        );
      }
      bodies.u32(body.position);
      this.#origin.shift(firstPair, bodies.position);
      bodies.bytes(body.written());
    }
    const addedFrom = bodies.position;
    for (const added of additions.functions) {
      bodies.u32(added.body.length);
      bodies.bytes(added.body);
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
      instantiationCost: this.#instantiationCost(),
    };
  }

  /** What V8 does before any of our code can run: it makes every item, copies active segments and fills tables. */
  #instantiationCost(): number {
    const { module } = this, { costs } = this.options;
    let units = module.functions.length + module.globals.length + module.imports.length +
      module.exports.length;
    for (const data of module.data) if (data.mode === "active") units += (data.end - data.start) * costs.byte;
    for (const segment of module.elements) {
      if (segment.mode === "active") {
        units += (segment.functions ?? segment.expressions ?? []).length * costs.element;
      }
    }
    for (const table of module.tables.slice(module.imported.table)) {
      units += Number(table.min) * costs.element;
    }
    return units;
  }
}

function present<T>(item: T | undefined): T {
  if (item === undefined) throw new RangeError("A validated module lacks an item that it imports");
  return item;
}
