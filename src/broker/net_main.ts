/**
 * Entry of the network broker's Worker; bundled to self-contained text. It holds the Deno permission for the hosts that
 * a runtime grants, and no other; only the host posts to it.
 */
import { startAsyncBroker } from "./async_broker.ts";
import { AsyncClient } from "./async_client.ts";
import type { AttachNetMessage } from "./messages.ts";
import { AllowanceBook } from "./net_allowance.ts";
import { nodeModules } from "./net_node.ts";
import { NetOperations } from "./net_operations.ts";
import type { NetPorts } from "./net_ports.ts";

/** Asks without ever prompting: without a permission, connecting would ask whoever sits at a terminal. */
function permitted(host: string, port: number): boolean {
  try {
    return Deno.permissions.querySync({ name: "net", host: `${host}:${port}` }).state === "granted";
  } catch {
    return false; // what Deno cannot read as a host
  }
}

function startNet(): void {
  const ports: NetPorts = {
    modules: nodeModules(),
    permitted,
    now: () => performance.now(),
    wallTime: () => Date.now(),
    delay: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
  const book = new AllowanceBook(ports);
  startAsyncBroker<AttachNetMessage>({
    delay: ports.delay,
    forget: (sandbox) => book.forget(sandbox),
    client: (sandbox, audit) =>
      new AsyncClient({
        performer: "net",
        channel: sandbox.channel,
        operations: (room) =>
          new NetOperations({ sandbox, allowances: book.of(sandbox), ports, audit, room }),
      }),
  });
}

startNet();
