/** Amounts of limits as people write them, checked as the server will. */
import { formatLimit, type LimitName, LIMITS, resolveLimits, UNLIMITED_FUEL } from "../../core/limits.ts";
import type { LimitAmount } from "../api_types.ts";

/** What each limit is called on a form. */
export const LIMIT_LABELS: Readonly<Record<LimitName, string>> = {
  fuelLimit: "Fuel",
  memoryLimit: "Memory",
  timeout: "Timeout",
  stackLimit: "Stack",
  hostCallLimit: "Host calls",
  cpuTime: "Time at work",
  tableLimit: "Elements of a table",
  functionTableLimit: "Elements of a function table",
  memories: "Memories",
  tables: "Tables",
  moduleSize: "Size of the module",
  functions: "Functions",
  functionSize: "Size of a function",
  imports: "Imports",
  exports: "Exports",
  globals: "Globals",
  segments: "Segments",
  frameSize: "Size of arguments and results",
  outputSize: "Output that is kept",
  openFiles: "Open files",
  createdFiles: "Files made",
  fileSize: "Size of a file",
  readBytes: "Bytes read",
  writeBytes: "Bytes written",
  readRate: "Bytes read a second",
  writeRate: "Bytes written a second",
  connections: "Connections",
};

/** Those that most runs want to change. */
export const COMMON_LIMITS = [
  "fuelLimit",
  "memoryLimit",
  "timeout",
  "stackLimit",
  "hostCallLimit",
] as const satisfies readonly LimitName[];

/** An amount as it can be typed: `64MiB`, `1_000_000`, `unlimited`. */
export function limitText(name: LimitName, amount: LimitAmount): string {
  if (amount === null) return "unlimited";
  if (LIMITS[name].unit === "time" && Number(amount) > 0 && Number(amount) % 60_000 === 0) {
    return `${Number(amount) / 60_000}m`;
  }
  if (LIMITS[name].unit !== "count") return formatLimit(name, Number(amount)).replace(/ bytes?$/, "B");
  return String(amount).replace(/\B(?=(\d{3})+$)/g, "_");
}

/** Whether an amount is more than another. */
export function isMore(amount: LimitAmount, bound: LimitAmount): boolean {
  if (bound === null) return false;
  return amount === null || Number(amount) > Number(bound);
}

/** What was typed as a limit, or is sent as one. @throws {AegisError} where it is none */
export function limitAmount(name: LimitName, typed: string | number): LimitAmount {
  return amountJson(resolveLimits({ [name]: typed })[name]);
}

/** An amount as the server says it. */
export function amountJson(amount: number | bigint): LimitAmount {
  if (amount === Infinity || amount === UNLIMITED_FUEL) return null;
  return typeof amount === "bigint" ? String(amount) : amount;
}

/** Whether two amounts are the same. */
export function isSame(one: LimitAmount, other: LimitAmount): boolean {
  return one === null || other === null ? one === other : Number(one) === Number(other);
}

/**
 * What is wrong with what was typed as a limit.
 *
 * @param most what the server allows
 */
export function limitProblem(
  name: LimitName,
  { text, most }: { readonly text: string; readonly most: LimitAmount },
): string | undefined {
  const typed = text.trim();
  if (typed === "") return undefined;
  if (LIMITS[name].unit === "time" && /^[\d_.]+$/.test(typed)) return "Say the unit, as 500ms, 5s or 2m";
  try {
    return isMore(limitAmount(name, typed), most)
      ? `This server allows at most ${limitText(name, most)}`
      : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
