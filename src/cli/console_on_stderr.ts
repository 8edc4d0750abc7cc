/** A console that never prints to standard output, where that belongs to a protocol. */

/** Methods that print to stderr as they are; and those that only keep or clear something. */
const ON_STDERR: readonly string[] = ["error", "warn", "assert", "trace"],
  SILENT: readonly string[] = [
    "clear",
    "groupEnd",
    "time",
    "countReset",
    "profile",
    "profileEnd",
    "timeStamp",
  ];

/** Changes every method of a console that is not known to print to stderr, those of later releases too. */
export function consoleOnStderr(target: Console): void {
  const error = target.error.bind(target), methods = target as unknown as Record<string, unknown>; // by their names
  for (const name of Object.keys(target)) {
    if (typeof methods[name] !== "function" || ON_STDERR.includes(name)) continue;
    methods[name] = SILENT.includes(name) ? () => {} : (...words: unknown[]) => error(...words);
  }
}
