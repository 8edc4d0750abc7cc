/** Columns of a row, each as what it is: the database gives what the schema says, which is asserted here alone. */
import type { Row } from "./database.ts";
import { AegisError } from "../../core/errors.ts";

function wrong(column: string): AegisError {
  return new AegisError("InvalidOption", `Cannot read column "${column}" of the database`, { field: "data" });
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw wrong(column);
  return value;
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw wrong(column);
  return value;
}

export function bytesOf(row: Row, column: string): Uint8Array<ArrayBuffer> {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrong(column);
  return Uint8Array.from(value);
}

/** Undefined for NULL. */
export function optionalText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : textOf(row, column);
}

/** Undefined for NULL. */
export function optionalNumber(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberOf(row, column);
}
