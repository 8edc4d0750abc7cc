/** Entry of the inspector's Worker: reads hostile bytes for a page, and runs none of them. */
import { Inspector } from "./inspector.ts";
import type { InspectorRequest } from "./inspector_protocol.ts";
import { answerMessages, type WorkerScope } from "./worker_messages.ts";

function startInspecting(scope: WorkerScope): void {
  const inspector = new Inspector();
  // `as`: only the page that started this Worker can post to it.
  answerMessages(scope, (request) => inspector.answer(request as InspectorRequest));
}

startInspecting(globalThis as unknown as WorkerScope); // the types of the folder are those of pages
