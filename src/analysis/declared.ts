/** What a module declares of each thing that a limit counts: the one place where a module is measured against limits. */
import { ModuleRefusedError } from "../core/errors.ts";
import type { LimitName, Limits } from "../core/limits.ts";
import { formatByteSize } from "../core/unit_text.ts";
import type { Module, TableType } from "../wasm/module.ts";
import { PAGE_SIZE } from "../wasm/page_size.ts";
import { FUNCREF } from "../wasm/types.ts";

/** Limits that a module is measured against before it runs. */
export type DeclaredName = Extract<
  LimitName,
  | "moduleSize"
  | "functionSize"
  | "functions"
  | "imports"
  | "exports"
  | "globals"
  | "segments"
  | "memories"
  | "tables"
  | "memoryLimit"
  | "functionTableLimit"
  | "tableLimit"
>; // deno-fmt-ignore-line

/** Amounts by limit; imported memories and tables count where they are defined. */
export type Declared = Readonly<Record<DeclaredName, number>>;

/** How an amount is put into a message. */
const NOUNS: Readonly<Record<DeclaredName, (amount: number) => string>> = {
  moduleSize: (amount) => `a size of ${formatByteSize(amount)}`,
  functionSize: (amount) => `a function of ${formatByteSize(amount)}`,
  functions: (amount) => `${amount} functions`,
  imports: (amount) => `${amount} imports`,
  exports: (amount) => `${amount} exports`,
  globals: (amount) => `${amount} globals`,
  segments: (amount) => `${amount} data and element segments`,
  memories: (amount) => `${amount} memories`,
  tables: (amount) => `${amount} tables`,
  memoryLimit: (amount) => `${formatByteSize(amount)} of memory`,
  functionTableLimit: (amount) => `${amount} function table elements`,
  tableLimit: (amount) => `${amount} table elements`,
};

/** Measures a module. */
export function measureModule(module: Module): Declared {
  const { imported } = module, tables = module.tables.slice(imported.table);
  const elements = (wanted: (table: TableType) => boolean) =>
    tables.filter(wanted).reduce((sum, table) => sum + Number(table.min), 0);
  const pages = module.memories.slice(imported.memory).reduce((sum, memory) => sum + Number(memory.min), 0);
  return {
    moduleSize: module.bytes.length,
    functionSize: module.bodies.reduce((most, body) => Math.max(most, body.end - body.start), 0),
    functions: module.functions.length,
    imports: module.imports.length,
    exports: module.exports.length,
    globals: module.globals.length,
    segments: module.elements.length + module.data.length,
    memories: module.memories.length,
    tables: module.tables.length,
    memoryLimit: pages * PAGE_SIZE,
    functionTableLimit: elements((table) => table.element === FUNCREF),
    tableLimit: elements((table) => table.element !== FUNCREF),
  };
}

/** @throws {ModuleRefusedError} for the first amount that is above its limit */
export function checkDeclared(declared: Declared, limits: Limits): void {
  for (const name of Object.keys(NOUNS) as DeclaredName[]) {
    if (declared[name] <= limits[name]) continue;
    const allowed = LIMIT_TEXT[name]?.(limits[name]) ?? String(limits[name]);
    throw new ModuleRefusedError(
      `Cannot run the module: it has ${NOUNS[name](declared[name])}, ${name} is ${allowed}`,
      {
        field: name,
        suggestion: `Raise ${name}.`,
      },
    );
  }
}

const LIMIT_TEXT: Readonly<Partial<Record<DeclaredName, (limit: number) => string>>> = {
  moduleSize: formatByteSize,
  functionSize: formatByteSize,
  memoryLimit: formatByteSize,
};
