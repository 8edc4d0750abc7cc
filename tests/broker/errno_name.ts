import { ERRNO } from "../../src/protocol/errno.ts";

const NAMES = new Map<number, string>(Object.entries(ERRNO).map(([name, number]) => [number, name]));

/** The name of an error number. */
export function nameOf(errno: number): string {
  return NAMES.get(errno) ?? `errno ${errno}`;
}
