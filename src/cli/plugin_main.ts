/**
 * Entry of the process that runs plugins for `aegis plugin call`. Its command line holds its permissions and one plan,
 * written by `plugin_call.ts`; it parses nothing that a person typed, and ends the process itself, since a thread that a
 * guest keeps busy would not let it.
 */
import { endWithParent } from "./end_with_parent.ts";
import { failureJson, failureLines, statusOf } from "./failure.ts";
import { jsonText } from "./json.ts";
import { callPlugin } from "./plugin_host_run.ts";
import { decodePluginPlan, type PluginCallPlan } from "./plugin_plan.ts";
import { styleFor } from "./style.ts";
import { systemIo } from "./system_io.ts";

/** Calls a plugin. @param text the plan, encoded @returns the exit status */
export async function pluginMain(text: string): Promise<number> {
  const io = systemIo();
  let plan: PluginCallPlan | undefined;
  try {
    plan = decodePluginPlan(text);
    endWithParent(plan.parent);
    return await callPlugin(plan, io);
  } catch (error) {
    const status = statusOf(error);
    if (plan !== undefined && plan.format !== "human") {
      io.out(jsonText({ outcome: { kind: "error", status, error: failureJson(error) } }, plan.format));
    }
    io.err(failureLines(error, styleFor(io.colour)));
    return status;
  }
}

if (import.meta.main) Deno.exit(await pluginMain(Deno.args[0] ?? ""));
