/** A module that somebody looks at: read as far as that was possible. */
import { type ModuleForm, moduleForm } from "../../inspection/module_form.ts";
import { hashOf } from "../forms/picked_module.ts";
import { binaryForm } from "../inspector/binary_form.ts";
import { ModuleInspector } from "../inspector/inspector_client.ts";
import type { WorkerProgram } from "../inspector/start_worker.ts";

/** What it was chosen as. */
export interface ModuleSource {
  /** As the file is called, or as the server has it. */
  readonly name: string;
  /** In binary or text form. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface ShownModule {
  readonly name: string;
  readonly form: ModuleForm;
  /** In binary form; of a text that is no module, the text. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256; undefined where the browser counts none, or there is no binary form. */
  readonly hash: string | undefined;
  /** Undefined where it cannot be read. */
  readonly inspector: ModuleInspector | undefined;
  /** Why it cannot be read. */
  readonly problem: unknown;
}

/** Reads a module in Workers. It never fails: why a module cannot be read is what is shown of it. */
export async function readShownModule(
  { name, bytes: given }: ModuleSource,
  startWorker: (program: WorkerProgram) => Worker,
): Promise<ShownModule> {
  const form = moduleForm(given);
  let bytes = given, hash: string | undefined;
  try {
    bytes = await binaryForm(given, startWorker);
    hash = await hashOf(bytes);
    const inspector = await ModuleInspector.open(bytes, { startWorker: () => startWorker("inspector") });
    return { name, form, bytes, hash, inspector, problem: undefined };
  } catch (problem) {
    return { name, form, bytes, hash, inspector: undefined, problem };
  }
}
