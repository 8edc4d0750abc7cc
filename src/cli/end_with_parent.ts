/** Milliseconds between two looks at whether the first process still lives. */
const PARENT_CHECK = 500;

/**
 * Ends this process when the one that started it is gone: nobody is left to stop the guest, or to read its result. Where
 * one process does all, that is this one.
 */
export function endWithParent(parent: number): void {
  if (parent === Deno.pid) return;
  const look = () => {
    if (Deno.ppid !== parent) Deno.exit(1);
  };
  look();
  Deno.unrefTimer(setInterval(look, PARENT_CHECK));
}
