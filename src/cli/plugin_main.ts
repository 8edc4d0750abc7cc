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

if (import.meta.main) {
  const io = systemIo();
  let status: number, plan: PluginCallPlan | undefined;
  try {
    plan = decodePluginPlan(Deno.args[0] ?? "");
    endWithParent(plan.parent);
    status = await callPlugin(plan, io);
  } catch (error) {
    status = statusOf(error);
    if (plan !== undefined && plan.format !== "human") {
      io.out(jsonText({ outcome: { kind: "error", status, error: failureJson(error) } }, plan.format));
    }
    io.err(failureLines(error, styleFor(io.colour)));
  }
  Deno.exit(status);
}
