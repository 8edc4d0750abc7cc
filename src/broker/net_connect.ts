/**
 * Connections to addresses that were looked at first. A name is resolved once, by the very call that connects, and two
 * hooks see the address before the connection is made: the socket's event `lookup`, which literals do not cause, and
 * the `check` of a block list. Once connected, the peer's address must be the one that was let through, before a byte
 * is written: should a later Deno drop the hooks, nothing is reached any more.
 */
import type { Deadline } from "./deadline.ts";
import type { Allowance } from "./net_allowance.ts";
import { Connection } from "./net_connection.ts";
import { errnoOf } from "./net_failure.ts";
import type { NodeModules, NodeSocket } from "./net_node.ts";
import { isAddress, normaliseHost } from "../policy/host_name.ts";
import type { ErrnoName } from "../protocol/errno.ts";
import { OperationError } from "../protocol/operations.ts";

/** Where a hop goes. */
export interface Target {
  /** Normalised. */
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

export interface VettedOptions {
  readonly modules: NodeModules;
  readonly deadline: Deadline;
  /** Whether the hop may connect to an address that its host resolved to; asked once in each attempt. */
  readonly vet: (address: string) => boolean;
  /** What all that comes in is charged to. */
  readonly reads: Allowance;
}

/** Milliseconds for one address to answer, so that one that swallows all leaves time for the other family. */
const LONGEST_CONNECT = 5000;

/** Failures after which an address of the other family is tried. */
const OTHER_FAMILY_HELPS: readonly ErrnoName[] = [
  "connrefused",
  "hostunreach",
  "netunreach",
  "timedout",
];

type Connected = { readonly socket: NodeSocket } | {
  readonly error: unknown;
  /** The address that was let through, when it came so far. */
  readonly tried: string | undefined;
};

/** Errors of a socket come as events, at any time; one that nobody listens to would end the Worker. */
function quiet(socket: NodeSocket): NodeSocket {
  socket.on("error", () => {});
  return socket;
}

/** Whether two texts are one address, mapped or not. */
function sameAddress(one: string | undefined, other: string | undefined): boolean {
  const first = one === undefined ? undefined : normaliseHost(one);
  return first !== undefined && first === (other === undefined ? undefined : normaliseHost(other));
}

/** One attempt, at one address. */
async function attempt(
  target: Target,
  options: VettedOptions & { readonly family: 0 | 4 | 6 },
): Promise<Connected> {
  const { modules, deadline, vet } = options, { host, port } = target;
  let tried: string | undefined, given = false;
  let socket: NodeSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const mayUse = (address: unknown): boolean => {
    // An attempt that was given up must not connect when its name is resolved at last.
    if (given || deadline.over || typeof address !== "string") return false;
    if (sameAddress(address, tried)) return true;
    given = !vet(address);
    if (!given) tried = address;
    return !given;
  };
  const refused = () => new OperationError("notcapable");
  try {
    const connecting = new Promise<NodeSocket>((resolve, reject) => {
      const blockList = modules.blockList((address) => !mayUse(address));
      const made = quiet(
        modules.connect({ host, port, family: options.family, autoSelectFamily: false, blockList }),
      );
      socket = made;
      made.on("lookup", (error, address) => {
        if (error || mayUse(address)) return;
        reject(refused());
        made.destroy();
      });
      made.on("error", reject);
      made.on("close", () => reject(new OperationError("connreset")));
      made.once("connect", () => sameAddress(made.remoteAddress, tried) ? resolve(made) : reject(refused()));
      timer = setTimeout(() => reject(new OperationError("timedout")), LONGEST_CONNECT);
    });
    return { socket: await deadline.race(connecting) };
  } catch (error) {
    given = true;
    socket?.destroy();
    return { error, tried };
  } finally {
    clearTimeout(timer);
  }
}

async function connectPlain(target: Target, options: VettedOptions): Promise<NodeSocket> {
  const first = await attempt(target, { ...options, family: 0 });
  if ("socket" in first) return first.socket;
  const { error, tried } = first;
  const again = tried !== undefined && !options.deadline.over && !isAddress(target.host) &&
    OTHER_FAMILY_HELPS.includes(errnoOf(error));
  if (!again) throw error;
  const second = await attempt(target, { ...options, family: tried.includes(":") ? 4 : 6 });
  if ("socket" in second) return second.socket;
  // A host that has no address of the other family fails as it did before.
  throw second.tried !== undefined || errnoOf(second.error) === "notcapable" ? second.error : error;
}

/** Speaks TLS over a connection. */
async function secure(connection: Connection, { target, options }: {
  readonly target: Target;
  readonly options: VettedOptions;
}): Promise<void> {
  const { host } = target;
  await options.deadline.race(
    new Promise<void>((resolve, reject) => {
      const made = quiet(options.modules.secure({
        socket: connection.socket,
        host,
        ...(isAddress(host) ? {} : { servername: host }),
        ALPNProtocols: ["http/1.1"],
        minVersion: "TLSv1.2",
        rejectUnauthorized: true,
      }));
      connection.secure(made);
      made.on("error", reject);
      made.on("close", () => reject(new OperationError("connreset")));
      made.once("secureConnect", () => resolve());
    }),
  );
}

/**
 * Connects to a host, at an address that `vet` lets through.
 *
 * @throws {OperationError} `notcapable` when its address is refused; what the socket fails with
 */
export async function connectVetted(target: Target, options: VettedOptions): Promise<Connection> {
  const connection = new Connection(await connectPlain(target, options), options.reads);
  try {
    if (target.secure) await secure(connection, { target, options });
    return connection;
  } catch (error) {
    connection.close();
    throw connection.reason(error);
  }
}
