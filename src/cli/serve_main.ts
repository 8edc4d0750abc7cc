/**
 * Entry of the process that listens for `aegis serve`. Its command line holds its permissions and one plan, written by
 * `serve_command.ts`; it parses nothing that a person typed.
 */
import { failureLines, statusOf } from "./failure.ts";
import { ENDING_SIGNALS } from "./host_process.ts";
import { decodeServePlan } from "./serve_plan.ts";
import { startSite } from "./serve_host.ts";
import { styleFor } from "./style.ts";
import { systemIo } from "./system_io.ts";

if (import.meta.main) {
  const io = systemIo(), ended = Promise.withResolvers<void>();
  let status = 0;
  try {
    const plan = decodeServePlan(Deno.args[0] ?? "");
    const starting = Promise.resolve().then(() => startSite(plan, io)); // when signals are heard
    let closing: Promise<void> | undefined;
    const close = () => {
      closing ??= starting.then((site) => site.close());
      closing.then(ended.resolve, ended.reject);
    };
    /** A way by which a person asks; who asks twice by the same one does not want to wait. */
    const askedBy = () => {
      let times = 0;
      return () => ++times > 1 ? Deno.exit(130) : close();
    };
    // Before it says that it listens: who reads that may send a signal at once.
    const bySignal = askedBy(), byParent = askedBy();
    for (const signal of ENDING_SIGNALS) Deno.addSignalListener(signal, bySignal);
    readWishes(byParent).then(close);
    await starting;
    await ended.promise;
  } catch (error) {
    io.err(failureLines(error, styleFor(io.colour)));
    status = statusOf(error);
  }
  Deno.exit(status);
}

/** Reads what the first process passes on, up to its end. */
async function readWishes(wish: () => void): Promise<void> {
  for await (const bytes of Deno.stdin.readable) for (const _ of bytes) wish();
}
