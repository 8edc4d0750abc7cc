/** A sensor that reads a file of this machine: the last whole number in it, looked up by path at every reading. */
import { LARGEST_I32, SMALLEST_I32 } from "../core/i32.ts";

/** Bytes from the end of the file that are read. */
const TAIL = 64 * 1024;

/** A whole number that stands alone: no part of a name, nor of a number with a point. */
const NUMBER = /(?<![\p{L}\p{N}_.])[-+]?\d+(?!\.?[\p{L}\p{N}_])/gu;

/** What may be the rest of a number whose beginning was not read. */
const CUT_NUMBER = /^[-+.\p{L}\p{N}_]+/u;

/** The number in a file, or why there is none; never throws. Blocks this thread as long as the disk takes. */
export function readSensorFile(path: string): { readonly value: number } | { readonly why: string } {
  try {
    if (!Deno.statSync(path).isFile) return { why: "it is no regular file" }; // opening a FIFO would wait for a writer
    using file = Deno.openSync(path, { read: true });
    if (!file.statSync().isFile) return { why: "it is no regular file" };
    return lastNumber(tailOf(file));
  } catch (error) {
    return { why: whyNot(error) };
  }
}

function tailOf(file: Deno.FsFile): string {
  const start = Math.max(0, file.statSync().size - TAIL), bytes = new Uint8Array(TAIL);
  file.seekSync(start, Deno.SeekMode.Start);
  let length = 0;
  while (length < TAIL) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null || count === 0) break;
    length += count;
  }
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  return start === 0 ? text : text.replace(CUT_NUMBER, "");
}

/** @param text of a file */
export function lastNumber(text: string): { readonly value: number } | { readonly why: string } {
  const last = text.match(NUMBER)?.at(-1);
  if (last === undefined) return { why: "it has no whole number" };
  const value = Number(last);
  if (value < SMALLEST_I32 || value > LARGEST_I32) return { why: "its last number has more than 32 bits" };
  return { value: value | 0 };
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "it does not exist";
  if (error instanceof Deno.errors.NotCapable) return "this process may not read it";
  if (error instanceof Deno.errors.PermissionDenied) return "the system does not let this process read it";
  return "it cannot be read";
}
