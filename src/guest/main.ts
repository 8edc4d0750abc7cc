/**
 * Entry of the guest's Worker; bundled to self-contained text. The global scope is emptied before the first message
 * is read, so nothing that runs here later finds anything to reach out with.
 */
import type { Compile } from "./inline_function.ts";
import { Machine } from "./machine.ts";
import type { ReceivedMessage } from "./messages.ts";
import { scrubGlobals } from "./scrub.ts";
import { Service } from "./service.ts";
import { MOST_FRAMES } from "./trap_report.ts";
import { GuestEnd } from "../protocol/channel.ts";
import { FRAMES } from "../protocol/layout.ts";

/** What is used of the Worker's global scope; the library types describe a window. */
interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}

function startGuest(scope: WorkerScope, compile: Compile): void {
  let service: Service | undefined;
  scope.onmessage = (event) => {
    const message = event.data as ReceivedMessage; // `as`: only the host can post to this Worker
    if (message.kind !== "start") {
      service?.message(message);
      return;
    }
    const channel = new GuestEnd(message.buffer);
    service = new Service(channel, new Machine(channel, message, compile));
    channel.writer();
    channel.give(FRAMES.none);
    service.serve();
  };
}

// Frames of the shim and of added functions are left out of reports, so V8 must collect more than are reported.
Error.stackTraceLimit = 2 * MOST_FRAMES;
// For functions that the embedder sends; nobody else finds it any more.
const makeFunction = Function;
scrubGlobals(globalThis);
startGuest(
  globalThis as unknown as WorkerScope,
  (body) => makeFunction(body) as () => unknown, // it has no parameters
);
