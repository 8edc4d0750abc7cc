import type { CostModel } from "../analysis/cost.ts";
import type { Module } from "../wasm/module.ts";

/**
 * Fuel for what no instruction of the guest does when a module is instantiated: V8 makes every item and fills tables,
 * active segments are copied. Known before, since segments have their sizes; so it is charged before.
 */
export function instantiationCost(module: Module, costs: CostModel): number {
  let units = module.functions.length + module.globals.length + module.imports.length + module.exports.length;
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
