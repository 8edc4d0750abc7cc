/** Checks of the fields of a decoded run plan. */
import { AegisError } from "../core/errors.ts";

export function malformed(part: string): AegisError {
  return new AegisError("InvalidOption", `Cannot read the run plan: ${part} is missing or of another form`);
}

export function record(value: unknown, part: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(part);
  return value as Record<string, unknown>; // any object admits reading keys as unknown
}

export function list(value: unknown, part: string): readonly unknown[] {
  if (!Array.isArray(value)) throw malformed(part);
  return value;
}

/** The fields of an encoded plan. @throws {AegisError} `InvalidOption` for one of another release */
export function planRecord(encoded: string, version: number): Record<string, unknown> {
  let decoded: unknown;
  try {
    decoded = JSON.parse(encoded);
  } catch {
    throw malformed("JSON");
  }
  const plan = record(decoded, "the plan");
  if (plan["version"] !== version) throw malformed(`version ${version}`);
  return plan;
}

export function texts(value: unknown, part: string): readonly string[] {
  return list(value, part).map((one) => text(one, part));
}

export function text(value: unknown, part: string): string {
  if (typeof value !== "string") throw malformed(part);
  return value;
}

export function textOrNull(value: unknown, part: string): string | null {
  return value === null ? null : text(value, part);
}

export function whole(value: unknown, part: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw malformed(part);
  return value;
}

export function truth(value: unknown, part: string): boolean {
  if (typeof value !== "boolean") throw malformed(part);
  return value;
}
