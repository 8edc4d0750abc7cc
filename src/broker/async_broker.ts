/** A Worker that is a broker which serves in its event loop. Only the host posts to it. */
import { AsyncLoop, type AsyncLoopOptions } from "./async_loop.ts";
import type { AsyncMessage, AttachAsyncMessage, BrokerReport } from "./messages.ts";

/** What is used of the Worker's global scope; the library types describe a window. */
interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** Makes this Worker the broker: it serves from the first message to the last. */
export function startAsyncBroker<Attach extends AttachAsyncMessage<unknown>>(
  options: Omit<AsyncLoopOptions<Attach>, "report">,
): void {
  const scope = globalThis as unknown as WorkerScope; // this runs in a Worker alone
  const report = (message: BrokerReport) => scope.postMessage(message);
  let loop: AsyncLoop<Attach> | undefined;
  scope.onmessage = async (event) => {
    const message = event.data as AsyncMessage<Attach>; // `as`: only the host can post to this Worker
    if (message.kind === "start") {
      loop = new AsyncLoop(message, { ...options, report });
      await loop.run();
      return;
    }
    await loop?.message(message);
    if (message.kind === "close") scope.close();
  };
}
