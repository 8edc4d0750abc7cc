/**
 * Entry of the process broker's Worker; bundled to self-contained text. It holds the Deno permission for the programs
 * that a runtime grants, and no other; only the host posts to it.
 */
import { startAsyncBroker } from "./async_broker.ts";
import { AsyncClient } from "./async_client.ts";
import type { AttachProcessMessage } from "./messages.ts";
import { ProcessOperations } from "./process_operations.ts";
import { DENO_PROCESS_PORTS } from "./process_ports.ts";

function startProcess(): void {
  startAsyncBroker<AttachProcessMessage>({
    delay: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
    client: (sandbox, audit) =>
      new AsyncClient({
        performer: "process",
        channel: sandbox.channel,
        operations: (room) => new ProcessOperations({ sandbox, ports: DENO_PROCESS_PORTS, audit, room }),
      }),
  });
}

startProcess();
