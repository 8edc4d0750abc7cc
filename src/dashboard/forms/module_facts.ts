/** What a form has to know of a module: what can be called, what it needs, and why it would not run. */
import type { FuncType } from "../../core/value.ts";
import type { CallableExport } from "../../inspection/callable_exports.ts";
import type { Need } from "../../inspection/needs.ts";
import type { ModuleSummary } from "../inspector/inspector_protocol.ts";

/** A function that can be called by its name. */
export interface ExportedFunction {
  readonly name: string;
  /** In terms of what the module says that its parameters stand for, else of WebAssembly. */
  readonly type: FuncType;
  /** Why nobody outside can call it; its type is not known then. */
  readonly problem?: string;
}

export interface ModuleFacts {
  /** The first that the module exports. */
  readonly functions: readonly ExportedFunction[];
  /** How many more it exports. */
  readonly more: number;
  readonly needs: readonly Need[];
  /** Whether it is given arguments and streams of a program. */
  readonly needsWasi: boolean;
  /** Why it is invalid, or a run would refuse it. */
  readonly faults: readonly string[];
}

/** What of an inspection concerns forms. @param functions those that can be chosen */
export function factsOf(
  { needs, needsWasi, invalid, refusals, counts }: ModuleSummary,
  functions: readonly CallableExport[],
): ModuleFacts {
  return {
    functions: functions.map(({ name, params, results, problem }) => ({
      name,
      type: { params, results },
      ...(problem === undefined ? {} : { problem }),
    })),
    more: counts.callable - functions.length,
    needs,
    needsWasi,
    faults: [...(invalid === undefined ? [] : [invalid]), ...refusals].map(({ message }) => message),
  };
}

/** What runs where nothing is chosen: `_start`, else `main`, else the first that can be called. */
export function defaultFunction({ functions }: Pick<ModuleFacts, "functions">): string | undefined {
  const names = functions.filter(({ problem }) => problem === undefined).map(({ name }) => name);
  return ["_start", "main"].find((name) => names.includes(name)) ?? names[0];
}
