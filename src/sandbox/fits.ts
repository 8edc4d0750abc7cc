import { ModuleRefusedError } from "../core/errors.ts";
import type { LimitName, Limits } from "../core/limits.ts";
import { formatByteSize } from "../core/units.ts";
import type { Prepared } from "../guest/prepare.ts";

const PAGE_SIZE = 65536;

/**
 * Compares what a module declares with the limits of a sandbox, which may be lower than those of the runtime that the
 * module was prepared for.
 *
 * @throws {ModuleRefusedError}
 */
export function checkFits(prepared: Prepared, limits: Limits): void {
  const { memories, tables, imports } = prepared.layout;
  const imported = (kind: string) => imports.filter((item) => item.type.kind === kind).length;
  const ownTables = tables.slice(imported("table"));
  const elements = (functions: boolean) =>
    ownTables.filter((item) => (item.type.element === "funcref") === functions)
      .reduce((sum, item) => sum + Number(item.type.min), 0);
  const pages = memories.slice(imported("memory")).reduce((sum, item) => sum + Number(item.type.min), 0);
  const declared: [LimitName, number, string][] = [
    ["moduleSize", prepared.size, formatByteSize(prepared.size)],
    ["memories", memories.length, `${memories.length} memories`],
    ["memoryLimit", pages * PAGE_SIZE, `${formatByteSize(pages * PAGE_SIZE)} of memory`],
    ["tables", tables.length, `${tables.length} tables`],
    ["functionTableLimit", elements(true), `${elements(true)} function table elements`],
    ["tableLimit", elements(false), `${elements(false)} table elements`],
  ];
  for (const [name, amount, text] of declared) {
    if (amount <= limits[name]) continue;
    throw new ModuleRefusedError(
      `Cannot load the module: it has ${text}, the sandbox's ${name} is ${limits[name]}`,
      {
        field: name,
        suggestion: "Raise the limit.",
      },
    );
  }
}
