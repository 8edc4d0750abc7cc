/**
 * Entry of the files broker's Worker; bundled to self-contained text. It holds the Deno permissions for the paths that a
 * runtime grants, and no others. Nothing that a guest wrote is ever run here, and only the host posts to it.
 */
import { SYSTEM_CLOCK } from "./clock.ts";
import { DENO_FILE_SYSTEM } from "./file_system.ts";
import { FilesLoop } from "./files_loop.ts";
import { FilesService } from "./files_service.ts";
import type { BrokerReport, FilesMessage } from "./messages.ts";

/** What is used of the Worker's global scope; the library types describe a window. */
interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: BrokerReport): void;
  close(): void;
}

function startFiles(scope: WorkerScope): void {
  const clock = SYSTEM_CLOCK, report = (report: BrokerReport) => scope.postMessage(report);
  let service: FilesService | undefined, loop: FilesLoop | undefined, read = 0;
  scope.onmessage = (event) => {
    const message = event.data as FilesMessage; // `as`: only the host can post to this Worker
    read++;
    if (message.kind === "start") {
      service = new FilesService(message, { fs: DENO_FILE_SYSTEM, clock, report });
      loop = new FilesLoop(service, { words: message.words, mail: message.mail, clock, spin: message.spin });
      report({ kind: "ready" });
    }
    service?.message(message);
    if (message.kind === "close") scope.close();
    else loop?.run(read);
  };
}

startFiles(globalThis as unknown as WorkerScope);
