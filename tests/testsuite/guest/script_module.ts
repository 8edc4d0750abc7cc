/** Takes a module of a script through all checks, as the prepare Worker does. */
import { AdapterModule } from "./call_adapter.ts";
import type { Outcome, RunOptions } from "./program.ts";
import { SUITE_LIMITS } from "./suite_limits.ts";
import { AegisError, ModuleInvalidError } from "../../../src/core/errors.ts";
import type { CoreCache } from "../../../src/guest/core_cache.ts";
import { prepare, type Prepared } from "../../../src/guest/prepare.ts";
import { AegisModule } from "../../../src/sandbox/module.ts";
import type { Module } from "../../../src/wasm/module.ts";
import { readModule } from "../../../src/wasm/read_module.ts";
import { validateModule } from "../../../src/wasm/validate_module.ts";

/** A module that passed. */
export class ScriptModule {
  readonly aegis: AegisModule;
  #adapter: AdapterModule | undefined;

  constructor(readonly prepared: Prepared, readonly structure: Module) {
    this.aegis = new AegisModule(prepared, { hash: "", name: undefined });
  }

  get adapter(): AdapterModule {
    return this.#adapter ??= new AdapterModule(this.structure);
  }

  importsFrom(name: string): boolean {
    return this.structure.imports.some((item) => item.module === name);
  }
}

/** Why there is no module. */
export type Unprepared = Extract<Outcome, { kind: "refused" | "fault" }>;

/** A module, or why there is none. */
export type Preparation = ScriptModule | Unprepared;

/** Whether our own reader or validator refuses the bytes. */
function refusedByUs(bytes: Uint8Array): boolean {
  try {
    validateModule(readModule(bytes));
    return false;
  } catch {
    return true;
  }
}

/** @param label tells the module from the others of its script */
export async function prepareModule(
  bytes: Uint8Array<ArrayBuffer>,
  label: string,
  options: RunOptions["prepare"] & { readonly cores: CoreCache },
): Promise<Preparation> {
  try {
    const prepared = await prepare(bytes, { ...options, limits: SUITE_LIMITS, label, unboundedHeap: true });
    return new ScriptModule(prepared, readModule(bytes));
  } catch (error) {
    if (!(error instanceof AegisError)) return { kind: "fault", message: String(error) };
    return {
      kind: "refused",
      code: error.code,
      message: error.message,
      offset: error instanceof ModuleInvalidError ? error.offset : undefined,
      byUs: refusedByUs(bytes),
    };
  }
}
