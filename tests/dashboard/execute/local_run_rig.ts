/** Runs to put into commands and programs, as a server with a policy has them. */
import { type LocalRun, localRun } from "../../../src/dashboard/execute/local_run.ts";
import type { Policy } from "../../../src/dashboard/api_types.ts";
import type { ExportedFunction } from "../../../src/dashboard/forms/module_facts.ts";
import type { NewTask } from "../../../src/dashboard/forms/new_task.ts";
import type { Need } from "../../../src/inspection/needs.ts";
import { ServerRig } from "../../server/rig.ts";
import type { AegisOptions } from "../../../mod.ts";

/** What a server of these options answers to `GET /policy`. */
export async function policyOf(runtime: AegisOptions = {}): Promise<Policy> {
  await using rig = await ServerRig.start({ runtime });
  return (await rig.ask("GET", "/api/v1/policy")).body as Policy; // as the schema says
}

export interface RunOf {
  readonly policy: Policy;
  readonly task?: Omit<NewTask, "module" | "name">;
  readonly called?: ExportedFunction;
  readonly fileName?: string;
  readonly needs?: readonly Need["capability"][];
  readonly needsWasi?: boolean;
}

const MAIN: ExportedFunction = { name: "main", type: { params: [], results: [] } };

/** A run of a module that needs what is said. */
export function runOf(
  { policy, task = {}, called = MAIN, fileName = "add.wasm", needs = [], needsWasi = false }: RunOf,
): LocalRun {
  const facts = {
    needsWasi,
    needs: needs.map((capability) => ({ capability, doc: "", imports: [], flags: [] })),
  };
  return localRun(task, { fileName, facts, called, policy });
}

/** Texts that shells, languages and terminals take for something else. */
export const HOSTILE = [
  "",
  "it's",
  `"double" and 'single'`,
  "$(touch /tmp/x) `id` ${HOME} $HOME",
  "two\nlines\n",
  "\n",
  "back\\slash\\n \\' \\",
  "!! ~ # * ? [a-z] {a,b} | & ; < > ( )",
  "-e",
  "--help",
  "--",
  "=cmd",
  "~root",
  "#no comment",
  "%s %d %%",
  "\x1b[201~\nrm -rf /\n",
  "\x03\x04\r\t\x7f\x9b",
  "a\u202eb\u2066c\u200b\u2028",
  "ünïcödé 漢字 🦕",
  "</script><img src=x onerror=alert(1)>",
  "${'a'}`${1}`",
] as const;
