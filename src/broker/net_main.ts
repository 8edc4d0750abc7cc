/**
 * Entry of the network broker's Worker; bundled to self-contained text. It holds the Deno permission for the hosts that
 * a runtime grants, and no other; only the host posts to it.
 */
import type { BrokerReport, NetMessage } from "./messages.ts";
import { NetLoop } from "./net_loop.ts";
import { nodeModules } from "./net_node.ts";
import type { NetPorts } from "./net_ports.ts";

/** What is used of the Worker's global scope; the library types describe a window. */
interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** Asks without ever prompting: without a permission, connecting would ask whoever sits at a terminal. */
function permitted(host: string, port: number): boolean {
  try {
    return Deno.permissions.querySync({ name: "net", host: `${host}:${port}` }).state === "granted";
  } catch {
    return false; // what Deno cannot read as a host
  }
}

const PORTS: Omit<NetPorts, "modules"> = {
  permitted,
  now: () => performance.now(),
  wallTime: () => Date.now(),
  delay: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

function startNet(scope: WorkerScope): void {
  const report = (message: BrokerReport) => scope.postMessage(message);
  let loop: NetLoop | undefined;
  scope.onmessage = async (event) => {
    const message = event.data as NetMessage; // `as`: only the host can post to this Worker
    if (message.kind === "start") {
      loop = new NetLoop(message, { ports: { ...PORTS, modules: nodeModules() }, report });
      await loop.run();
      return;
    }
    await loop?.message(message);
    if (message.kind === "close") scope.close();
  };
}

startNet(globalThis as unknown as WorkerScope);
