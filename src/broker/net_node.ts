/**
 * Deno's built-in modules for sockets, TLS and HTTP, as far as they are used. `fetch` would be simpler and is not safe:
 * it resolves a name where nobody can look at the address, obeys proxies of the environment without a permission, keeps
 * connections alive across requests and unpacks bodies.
 */

/** Listeners get what the event carries; each reads it with care. */
type Listener = (first: unknown, second: unknown) => void;

interface NodeEmitter {
  on(event: string, listener: Listener): unknown;
  once(event: string, listener: Listener): unknown;
}

/** A connection; with `tls.connect` one inside another. */
export interface NodeSocket extends NodeEmitter {
  readonly remoteAddress?: string | undefined;
  /** Bytes that came in, those of TLS included where TLS is spoken over it; also after the end. */
  readonly bytesRead: number;
  destroy(error?: Error): unknown;
}

/** The list that `net.connect` asks before it connects. */
export interface NodeBlockList {
  check(address: string, family?: string): boolean;
}

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
  /** 4, 6, or 0 for either. */
  readonly family: 0 | 4 | 6;
  /**
   * False: one address an attempt. With true, Deno 2.9 loses a name's permission at the second address, prints that and
   * never settles.
   */
  readonly autoSelectFamily: false;
  readonly blockList: NodeBlockList;
}

export interface SecureOptions {
  readonly socket: NodeSocket;
  readonly host: string;
  /** Absent for an address. */
  readonly servername?: string;
  readonly ALPNProtocols: readonly string[];
  readonly minVersion: "TLSv1.2";
  readonly rejectUnauthorized: true;
}

export interface RequestOptions {
  /** The connection that is there. With an `agent`, be it false, Deno ignores this and connects by itself. */
  readonly createConnection: () => NodeSocket;
  readonly agent?: never;
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  /** Names and values in turn: nothing is added, merged or reordered. */
  readonly headers: readonly string[];
  readonly setHost: false;
  /** Bytes of the head of a response. */
  readonly maxHeaderSize: number;
  readonly insecureHTTPParser: false;
}

export interface NodeRequest extends NodeEmitter {
  end(body?: Uint8Array): unknown;
}

export interface NodeResponse extends NodeEmitter, AsyncIterable<Uint8Array> {
  /** Bytes of the body that are here and were not yet asked for. */
  readonly readableLength: number;
  readonly statusCode: number;
  /** Such as `1.1`. */
  readonly httpVersion: string;
  /** Names and values in turn, one character a byte. */
  readonly rawHeaders: readonly string[];
}

/** What of the modules is used; tests give others. */
export interface NodeModules {
  connect(options: ConnectOptions): NodeSocket;
  /** A list that blocks nothing, with another `check`. */
  blockList(check: NodeBlockList["check"]): NodeBlockList;
  secure(options: SecureOptions): NodeSocket;
  request(options: RequestOptions): NodeRequest;
}

interface NodeProcess {
  getBuiltinModule(name: "net"): {
    connect: NodeModules["connect"];
    readonly BlockList: new () => NodeBlockList;
  };
  getBuiltinModule(name: "tls"): { connect: NodeModules["secure"] };
  getBuiltinModule(name: "http"): { request: NodeModules["request"] };
}

/** The modules of this Deno. They load without an import, so the program of the Worker stays a plain script. */
export function nodeModules(): NodeModules {
  const { process } = globalThis as unknown as { readonly process: NodeProcess }; // Deno types it as all of Node's
  const net = process.getBuiltinModule("net");
  const tls = process.getBuiltinModule("tls");
  const http = process.getBuiltinModule("http");
  return {
    connect: (options) => net.connect(options),
    blockList: (check) => Object.assign(new net.BlockList(), { check }),
    secure: (options) => tls.connect(options),
    request: (options) => http.request(options),
  };
}
