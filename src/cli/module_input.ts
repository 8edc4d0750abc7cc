import type { CommandIo } from "./io.ts";
import { checkKind } from "./module_kind.ts";
import { type ModuleForm, moduleForm } from "../inspection/module_form.ts";

/** A module as bytes, whatever form it was given in. */
export interface ModuleInput {
  readonly form: ModuleForm;
  /** In binary form. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Largest module, or text of one, that validate and inspect read: V8's own limit. */
export const LARGEST_MODULE: number = 2 ** 30;

/**
 * Translates text, and leaves binary as it is.
 *
 * @param shown how messages name it
 * @throws {AegisError} `ModuleInvalid` for what is no module, `ModuleRefused` for a component
 */
export async function toBinary(bytes: Uint8Array<ArrayBuffer>, shown: string): Promise<ModuleInput> {
  checkKind(bytes, shown);
  const form = moduleForm(bytes);
  if (form === "wasm") return { form, bytes };
  const { compileWat } = await import("../sandbox/wat.ts");
  return { form, bytes: new Uint8Array(await compileWat(new TextDecoder().decode(bytes))) };
}

/** Reads a module from a file or from stdin. */
export async function readModuleInput(operand: string, io: CommandIo): Promise<ModuleInput> {
  return await toBinary(await io.read(operand, LARGEST_MODULE), operand);
}
