import { ModuleInvalidError } from "../core/errors.ts";

/** What `watr` says of a text that it does not take, as an error whose offset counts characters of the text. */
export function textError(error: unknown, text: string): ModuleInvalidError {
  // It has all bytes of a string on the stack at once.
  if (error instanceof RangeError) {
    return new ModuleInvalidError(
      "Cannot parse the text: a string in it is longer than the parser takes; load it as a binary module",
      0,
    );
  }
  const message = error instanceof Error ? error.message.split("\n")[0] ?? "" : String(error);
  const [, reason = message, line, column] = /^(.*?) at (\d+):(\d+)$/.exec(message) ?? [];
  if (line === undefined || column === undefined) {
    return new ModuleInvalidError(`Cannot parse the text: ${message}`, 0);
  }
  const before = text.split("\n").slice(0, Number(line) - 1).join("\n").length + (Number(line) > 1 ? 1 : 0);
  const place = `line ${line}, column ${column}`;
  return new ModuleInvalidError(`Cannot parse the text: ${reason} in ${place}`, before + Number(column) - 1);
}
