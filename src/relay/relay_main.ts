/**
 * Entry of the relay Worker; bundled to self-contained text. It runs beside the host's thread, with the host's
 * permissions, since it starts processes; only the host posts to it, and what children send it checks before use.
 */
import { Children } from "./children.ts";
import type { RelayReport, RelayRequest } from "./relay_messages.ts";

/** What is used of the Worker's global scope; the library types describe a window. */
interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: RelayReport): void;
}

function startRelay(scope: WorkerScope): void {
  const report = (report: RelayReport) => scope.postMessage(report);
  let children: Children | undefined;
  scope.onmessage = async (event) => {
    const request = event.data as RelayRequest; // `as`: only the host can post to this Worker
    switch (request.kind) {
      case "settings":
        children = new Children(request, report);
        return;
      case "guest":
        return children?.guest(request);
      case "post":
        return children?.post(request.id, request.message);
      case "broker":
        return children?.broker(request);
      case "brokerPost":
        return children?.brokerPost(request.id, request.message);
      case "end":
        return children?.end(request.id);
      case "close":
        await children?.close();
        return report({ kind: "closed" });
    }
  };
}

startRelay(globalThis as unknown as WorkerScope);
