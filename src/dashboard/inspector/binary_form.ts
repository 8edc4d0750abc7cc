import { moduleForm } from "../../inspection/module_form.ts";
import type { WorkerProgram } from "./start_worker.ts";
import { WatCompiler } from "./wat_client.ts";

/**
 * A module in binary form; a text is parsed in a Worker.
 *
 * @throws {WorkerError} for a text that is no module, or takes too long
 */
export async function binaryForm(
  given: Uint8Array<ArrayBuffer>,
  startWorker: (program: WorkerProgram) => Worker,
): Promise<Uint8Array<ArrayBuffer>> {
  if (moduleForm(given) === "wasm") return given;
  const compiler = new WatCompiler({ startWorker: () => startWorker("wat") });
  try {
    return await compiler.compile(new TextDecoder().decode(given));
  } finally {
    compiler.close();
  }
}
