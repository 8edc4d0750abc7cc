import type { LimitShare, ReportData } from "./execution_report.ts";
import { LIMITS } from "../core/limits.ts";
import { quote } from "../core/quote.ts";
import { formatByteSize, formatDuration } from "../core/unit_text.ts";

/** Denials that are written; the others are counted. */
const MOST_DENIALS = 20;

/** Alerts that are written, the last ones. */
const MOST_ALERTS = 20;

/** Host functions that are written, those that took longest. */
const MOST_FUNCTIONS = 20;

/** Rows whose columns stand below each other; the last column is not filled up. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row.map((cell, index) => index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0)).join("  ")
  );
}

function amount({ limit }: LimitShare, value: number | bigint): string {
  if (value === Infinity) return "unlimited";
  const { unit } = LIMITS[limit];
  if (unit === "bytes") return formatByteSize(Number(value));
  return unit === "time" ? formatDuration(Number(value)) : String(value);
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [title, ...aligned(rows).map((line) => `  ${line}`)];
}

function headRows({ module, lastCall, metrics, output }: ReportData): string[][] {
  const rows: string[][] = [];
  if (module === undefined) rows.push(["Module", "none"]);
  else {
    const name = module.name === undefined ? "" : `${quote(module.name)}, `;
    const engine = module.engine === "v8" ? "" : `, in the ${module.engine}`;
    rows.push(["Module", `${name}${formatByteSize(module.size)}, sha-256 ${module.hash}${engine}`]);
  }
  if (lastCall !== undefined) {
    const { execution, outcome = "no outcome", error } = lastCall;
    const how = error === undefined ? outcome : `${outcome}, ${error.code}: ${quote(error.message)}`;
    rows.push(["Last call", `${quote(lastCall.function)}, number ${execution}: ${how}`]);
  }
  const { duration, cpuTime } = metrics;
  rows.push(["Calls", `${metrics.calls} in ${formatDuration(duration)}, ${formatDuration(cpuTime)} of work`]);
  if (metrics.refusedGrowths > 0) rows.push(["Growths", `${metrics.refusedGrowths} refused`]);
  const cut = output.truncated ? ", and more that was not kept" : "";
  rows.push([
    "Output",
    `${formatByteSize(output.stdout)} to stdout, ${formatByteSize(output.stderr)} to stderr${cut}`,
  ]);
  return rows;
}

/** A report as lines for a person. */
export function reportText(report: ReportData): string {
  const { shares, hostFunctions, alerts, denials, metrics } = report;
  const functions = hostFunctions.filter(({ calls }) => calls > 0).toSorted((one, other) =>
    other.time - one.time
  );
  const lines = [
    `Sandbox ${report.sandbox} at ${new Date(report.time).toISOString()}`,
    ...aligned(headRows(report)),
    ...section(
      "Limits",
      shares.map((row) => [
        row.limit,
        amount(row, row.used),
        `of ${amount(row, row.allowed)}`,
        row.allowed === Infinity ? "" : `${(row.share * 100).toFixed(1)} %`,
      ]),
    ),
    ...section(
      "Host functions",
      functions.slice(0, MOST_FUNCTIONS).map(({ module, name, calls, time }) => [
        `${quote(module)}.${quote(name)}`,
        calls === 1 ? "1 call" : `${calls} calls`,
        formatDuration(time),
      ]),
    ),
    ...functions.length > MOST_FUNCTIONS ? [`  and ${functions.length - MOST_FUNCTIONS} more`] : [],
    ...section(
      alerts.length === 1 ? "1 alert" : `${alerts.length} alerts`,
      alerts.slice(-MOST_ALERTS).map(({ level, message }) => [level, quote(message)]),
    ),
    ...section(
      metrics.denials === 1 ? "Denied once" : `Denied ${metrics.denials} times`,
      denials.slice(-MOST_DENIALS).map(({ capability, action, target, reason = "" }) => [
        quote(capability),
        quote(action),
        quote(target),
        quote(reason),
      ]),
    ),
  ];
  return lines.map((line) => line.trimEnd()).join("\n");
}
