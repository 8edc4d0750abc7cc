/** Prints a size with the largest binary unit that divides it, else in bytes: `64MiB`, `1000 bytes`. */
export function formatByteSize(bytes: number): string {
  for (const [unit, size] of [["GiB", 1024 ** 3], ["MiB", 1024 ** 2], ["KiB", 1024]] as const) {
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return bytes === 1 ? "1 byte" : `${bytes} bytes`;
}

/** Prints a time for people: `12.3µs`, `4.56ms`, `1.20s`. A figure that rounds up to 1000 takes the next unit. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < 0.99995) return `${(milliseconds * 1000).toFixed(1)}µs`;
  if (milliseconds < 999.995) return `${milliseconds.toFixed(2)}ms`;
  return `${(milliseconds / 1000).toFixed(2)}s`;
}
