/**
 * Entry of the server's process. Its command line holds its permissions and one plan, written by `server_command.ts`; it
 * parses nothing that a person typed.
 */
import { failureLines, statusOf } from "./failure.ts";
import { decodeServerPlan } from "./server_plan.ts";
import { startServer } from "./server_host.ts";
import { styleFor } from "./style.ts";
import { systemIo } from "./system_io.ts";

/** Milliseconds between two looks at whether the first process still lives. */
const PARENT_CHECK = 500;

/** Milliseconds in which signals are one wish: a terminal sends Ctrl-C to both processes, and the first one passes it on. */
const SAME_WISH = 500;

if (import.meta.main) {
  const io = systemIo(), ended = Promise.withResolvers<void>();
  let status = 0;
  try {
    const plan = decodeServerPlan(Deno.args[0] ?? "");
    const starting = Promise.resolve().then(() => startServer(plan, io)); // when signals are heard
    let asked: number | undefined;
    const end = () => {
      const now = performance.now();
      if (asked !== undefined && now - asked > SAME_WISH) Deno.exit(130); // who asks twice does not want to wait
      if (asked !== undefined) return;
      asked = now;
      starting.then((server) => server.close()).then(ended.resolve, ended.reject);
    };
    // Before it says that it listens: who reads that may send a signal at once.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) Deno.addSignalListener(signal, end);
    Deno.unrefTimer(
      setInterval(() => Deno.ppid !== plan.parent && asked === undefined && end(), PARENT_CHECK),
    );
    await starting;
    await ended.promise;
  } catch (error) {
    io.err(failureLines(error, styleFor(io.colour)));
    status = statusOf(error);
  }
  Deno.exit(status);
}
