/** Checks what a module declares outside of its bodies. Whatever needs no types is checked by the reader. */
import { IMPLEMENTATION_LIMITS } from "../implementation_limits.ts";
import type { ElementSegment } from "../module.ts";
import { formatType, type ValueType } from "../types.ts";
import type { CodeState } from "./code_state.ts";
import { checkConstant } from "./constant_expression.ts";
import { invalid } from "./invalid.ts";
import { isDefaultable } from "./locals.ts";
import type { ModuleContext } from "./module_context.ts";

/** Declared supertypes: open to subtypes, of a fitting form, and no more of them above each other than V8 allows. */
export function checkSupertypes({ module, types }: ModuleContext): void {
  const depths = new Uint8Array(module.types.length);
  const limit = IMPLEMENTATION_LIMITS.subtypingDepth.limit;
  module.types.forEach((type, index) => {
    const [supertype] = type.supertypes;
    if (supertype === undefined) return;
    const fail = (reason: string) => invalid({ kind: "type", index }, reason, type.offset);
    const above = module.types[supertype];
    if (above === undefined) throw fail(`its supertype ${supertype} does not exist`);
    if (above.final) throw fail(`its supertype ${supertype} is final`);
    if (!types.isCompositeSubtype(type.composite, above.composite)) {
      throw fail(`its ${type.composite.kind} type does not match supertype ${supertype}`);
    }
    const depth = (depths[supertype] ?? 0) + 1;
    if (depth > limit) {
      throw fail(`it has ${depth} supertypes above each other, at most ${limit} are allowed`);
    }
    depths[index] = depth;
  });
}

/** Exceptions carry values and return none. */
export function checkTags(context: ModuleContext): void {
  context.module.tags.forEach((tag, index) => {
    const type = context.functionTypeAt(tag.typeIndex);
    if (type === undefined || type.results.length > 0) {
      throw invalid(
        { kind: "tag", index },
        `type ${tag.typeIndex} of a tag must have no results`,
        tag.offset,
      );
    }
  });
}

export function checkTables(state: CodeState): void {
  const { module } = state.context;
  module.tables.forEach((table, index) => {
    const subject = { kind: "table", index };
    if (table.init !== undefined) checkConstant(state, subject, table.init, table.element);
    else if (index >= module.imported.table && !isDefaultable(table.element)) {
      throw invalid(
        subject,
        `elements of type ${formatType(table.element)} need a value to start with`,
        table.offset,
      );
    }
  });
}

export function checkGlobals(state: CodeState): void {
  const { context } = state;
  context.module.globals.forEach((global, index) => {
    context.visibleGlobals = index;
    if (global.init !== undefined) checkConstant(state, { kind: "global", index }, global.init, global.type);
  });
  context.visibleGlobals = context.module.globals.length;
}

export function checkElements(state: CodeState): void {
  state.context.module.elements.forEach((segment, index) => checkElementSegment(state, segment, index));
}

function checkElementSegment(state: CodeState, segment: ElementSegment, index: number): void {
  const { context } = state;
  const subject = { kind: "element segment", index };
  if (segment.position !== undefined) {
    const table = context.tableElements[segment.table] ?? 0;
    if (!context.isSubtype(segment.type, table)) {
      throw invalid(
        subject,
        `a table of ${formatType(table)} cannot hold ${formatType(segment.type)}`,
        segment.offset,
      );
    }
    checkConstant(state, subject, segment.position, context.tableAddresses[segment.table] ?? 0);
  }
  for (const expression of segment.expressions ?? []) checkConstant(state, subject, expression, segment.type);
  for (const functionIndex of segment.functions ?? []) context.declaredFunctions[functionIndex] = 1;
}

export function checkData(state: CodeState): void {
  const { context } = state;
  context.module.data.forEach((segment, index) => {
    if (segment.position === undefined) return;
    const address: ValueType = context.memoryAddresses[segment.memory] ?? 0;
    checkConstant(state, { kind: "data segment", index }, segment.position, address);
  });
}

/** Functions that are exported may be named by `ref.func`. */
export function declareExports({ module, declaredFunctions }: ModuleContext): void {
  for (const { kind, index } of module.exports) {
    if (kind === "function") declaredFunctions[index] = 1;
  }
}

export function checkStart(context: ModuleContext): void {
  const { start, functions } = context.module;
  if (start === undefined) return;
  const type = context.functionTypeAt(functions[start.index] ?? -1);
  if (type === undefined || type.params.length > 0 || type.results.length > 0) {
    throw invalid(
      { kind: "start function", index: start.index },
      "it must have no parameters and no results",
      start.offset,
    );
  }
}
