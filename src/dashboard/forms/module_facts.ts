/** What a form has to know of a module: what can be called, what it needs, and why it would not run. */
import { fitsType } from "../../core/signature.ts";
import type { FuncType } from "../../core/value.ts";
import { type Inspection, inspectModule } from "../../inspection/inspection.ts";
import { moduleForm } from "../../inspection/module_form.ts";
import type { Need } from "../../inspection/needs.ts";
import { judgeModule } from "../../inspection/verdict.ts";
import { readModule } from "../../wasm/read_module.ts";
import { readSignatures, type StatedSignatures } from "../../wasm/read_signatures.ts";

/** A function that can be called by its name. */
export interface ExportedFunction {
  readonly name: string;
  /** In terms of what the module says that its parameters stand for, else of WebAssembly. */
  readonly type: FuncType;
}

export interface ModuleFacts {
  readonly functions: readonly ExportedFunction[];
  readonly needs: readonly Need[];
  /** Whether it is given arguments and streams of a program. */
  readonly needsWasi: boolean;
  /** Why it is invalid, or a run would refuse it. */
  readonly faults: readonly string[];
}

/** A module that was read. */
export interface ReadModule {
  /** In binary form. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly facts: ModuleFacts;
}

/** Reads modules in binary or text form. @throws {Error} where it cannot */
export type ModuleReader = (bytes: Uint8Array<ArrayBuffer>) => Promise<ReadModule>;

/** What of an inspection concerns forms. */
export function factsOf(inspection: Inspection, signatures: StatedSignatures["exports"]): ModuleFacts {
  return {
    functions: inspection.exports.flatMap(({ name, type }) => {
      if (type.kind !== "function") return [];
      const stated = signatures.get(name);
      const meant = stated !== undefined && fitsType(stated, type) ? stated : type;
      return [{ name, type: { params: meant.params, results: meant.results } }];
    }),
    needs: inspection.needs,
    needsWasi: inspection.needsWasi,
    faults: [
      ...(inspection.invalid === undefined ? [] : [inspection.invalid.message]),
      ...inspection.refusals.map(({ message }) => message),
    ],
  };
}

export const readModuleHere: ModuleReader = (bytes) => {
  if (moduleForm(bytes) === "wat") return Promise.reject(new Error("Text form is not read yet"));
  const module = readModule(bytes), verdict = judgeModule(module);
  const inspection = inspectModule(module, { ...verdict, form: "wasm" });
  return Promise.resolve({ bytes, facts: factsOf(inspection, readSignatures(module).exports) });
};

/** What runs where nothing is chosen: `_start`, else `main`, else the first that there is. */
export function defaultFunction({ functions }: ModuleFacts): string | undefined {
  const names = functions.map(({ name }) => name);
  return ["_start", "main"].find((name) => names.includes(name)) ?? names[0];
}
