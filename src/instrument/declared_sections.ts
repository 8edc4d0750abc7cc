/**
 * Sections that declare the sizes of memories and tables: what can be asked for at most is lowered to what the runtime
 * allows.
 */
import type { Ceiling } from "./growth_functions.ts";
import { HOOKS, IMPORT_MODULE, SHIM_EXPORTS } from "./layout.ts";
import { type ByteWriter, writeValueType } from "../wasm/encoder.ts";
import {
  EXTERNAL_KINDS,
  type ExternalKind,
  type Limits64,
  type MemoryType,
  type Module,
  type TableType,
} from "../wasm/module.ts";
import { FUNCREF } from "../wasm/types.ts";

/** Pages of a memory that is indexed by i32. */
const MOST_PAGES_32 = 65536n;

/** Writes the imports, under the names by which the guest gives them. */
export function writeImports(writer: ByteWriter, module: Module, ceiling: Ceiling): void {
  if (module.imports.length === 0) return;
  writer.section("import", () => {
    writer.u32(module.imports.length);
    for (const [position, item] of module.imports.entries()) {
      writer.name(IMPORT_MODULE);
      writer.name(SHIM_EXPORTS.function(position));
      writer.u8(EXTERNAL_KINDS[item.kind]);
      writeImportType(writer, { module, ceiling }, item);
    }
  });
}

function writeImportType(
  writer: ByteWriter,
  { module, ceiling }: { readonly module: Module; readonly ceiling: Ceiling },
  { kind, index }: { readonly kind: ExternalKind; readonly index: number },
): void {
  switch (kind) {
    case "function":
      return writer.u32(module.functions[index] ?? 0);
    case "table": {
      const table = present(module.tables[index]);
      writeValueType(writer, table.element);
      return writeTableLimits(writer, table, { ceiling, imported: true });
    }
    case "memory":
      return writeMemoryLimits(writer, present(module.memories[index]), { ceiling, imported: true });
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

/** Writes the tables that the module defines, and behind them the one of the hooks. */
export function writeTables(writer: ByteWriter, module: Module, ceiling: Ceiling): void {
  const defined = module.tables.slice(module.imported.table);
  const hooks = BigInt(Object.keys(HOOKS).length);
  writer.section("table", () => {
    writer.u32(defined.length + 1);
    for (const table of defined) {
      if (table.init !== undefined) {
        writer.u8(0x40);
        writer.u8(0x00);
      }
      writeValueType(writer, table.element);
      writeTableLimits(writer, table, { ceiling, imported: false });
      if (table.init !== undefined) writer.copy(module.bytes, table.init.start, table.init.end);
    }
    writeValueType(writer, FUNCREF);
    writer.u8(1);
    writer.u64(hooks);
    writer.u64(hooks);
  });
}

/** Writes the memories that the module defines. */
export function writeMemories(writer: ByteWriter, module: Module, ceiling: Ceiling): void {
  const defined = module.memories.slice(module.imported.memory);
  if (defined.length === 0) return;
  writer.section("memory", () => {
    writer.u32(defined.length);
    for (const memory of defined) writeMemoryLimits(writer, memory, { ceiling, imported: false });
  });
}

/** How limits are written. */
interface Lowering {
  readonly ceiling: Ceiling;
  readonly imported: boolean;
}

function writeTableLimits(writer: ByteWriter, table: TableType, how: Lowering): void {
  writeLimits(writer, { ...table, shared: false }, how.ceiling.tableElements, how);
}

/** V8 knows no larger 32-bit memory than 4 GiB, whatever the runtime allows. */
function writeMemoryLimits(writer: ByteWriter, memory: MemoryType, how: Lowering): void {
  const { memoryPages } = how.ceiling;
  const most = memory.index64 || memoryPages < MOST_PAGES_32 ? memoryPages : MOST_PAGES_32;
  writeLimits(writer, memory, most, how);
}

/** An import without a maximum stays without: it takes whatever it is given. */
function writeLimits(
  writer: ByteWriter,
  type: Limits64 & { readonly shared: boolean },
  ceiling: bigint,
  { imported }: Lowering,
): void {
  const most = ceiling > type.min ? ceiling : type.min;
  const max = type.max === undefined ? (imported ? undefined : most) : type.max < most ? type.max : most;
  writer.u8((max === undefined ? 0 : 1) | (type.shared ? 2 : 0) | (type.index64 ? 4 : 0));
  writer.u64(type.min);
  if (max !== undefined) writer.u64(max);
}

function present<T>(item: T | undefined): T {
  if (item === undefined) throw new RangeError("A validated module lacks an item that it imports");
  return item;
}
