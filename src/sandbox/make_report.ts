import { ExecutionReport, limitShares, reportedCall } from "./execution_report.ts";
import type { GuestSession } from "./guest_session.ts";
import type { Surroundings } from "./surroundings.ts";

/** Reports on a sandbox as it is now. */
export function makeReport(
  { id, settings: { limits }, executions, functions, io }: Surroundings,
  session: GuestSession,
): ExecutionReport {
  const { module, fuelBudget } = session, metrics = session.metrics(), kept = io.output.kept;
  const output = { stdout: kept.stdout.length, stderr: kept.stderr.length, truncated: kept.truncated };
  const call = { execution: executions.count, function: executions.name };
  return new ExecutionReport({
    time: Date.now(),
    sandbox: id,
    ...(module === undefined ? {} : {
      module: {
        hash: module.hash,
        ...(module.name === undefined ? {} : { name: module.name }),
        size: module.size,
        engine: module.engine,
      },
    }),
    ...(call.execution === 0 ? {} : { lastCall: reportedCall(call, executions.outcome) }),
    limits,
    metrics,
    shares: limitShares({ limits, metrics, fuelBudget, output }),
    hostFunctions: functions.usage(),
    alerts: io.alerts.kept,
    denials: io.denials.kept,
    output,
  });
}
