/** A broker and a host of a few lines: a file tree in memory, standard input from a list. No links, no times. */
import { ERRNO, type ErrnoName } from "../../src/protocol/errno.ts";
import {
  type Answer,
  APPEND,
  type DirectoryEntry,
  FILE_TYPES,
  OPEN_FLAGS,
  OperationError,
  type OperationName,
  type Operations,
  type OperationsBy,
  type ReplyOf,
  type RequestOf,
} from "../../src/protocol/operations.ts";

interface FakeFile {
  readonly kind: "file";
  readonly id: number;
  bytes: Uint8Array;
  accessed: bigint;
  modified: bigint;
}

interface FakeDirectory {
  readonly kind: "directory";
  readonly id: number;
  readonly entries: Map<string, FakeNode>;
  readonly parent: FakeDirectory | undefined;
}

type FakeNode = FakeFile | FakeDirectory;

interface Open {
  readonly node: FakeNode;
  readonly flags: number;
  listing: DirectoryEntry[];
}

/** Files by path, directories by a path with a slash behind it. */
export type Tree = Readonly<Record<string, string | Uint8Array>>;

type Performed = Exclude<OperationName, OperationsBy<"net" | "process">>;

type Handlers = { readonly [Name in Performed]: (request: RequestOf<Name>) => ReplyOf<Name> };

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

function fail(errno: ErrnoName): never {
  throw new OperationError(errno);
}

export class FakeOperations implements Operations {
  /** Every operation, in order. */
  readonly log: { name: OperationName; request: Record<string, unknown> }[] = [];
  /** Pieces of standard input; each is read by one operation. */
  readonly input: string[] = [];
  /** How long standard input is not ready: polls that find nothing. */
  emptyPolls = 0;
  /** Bytes that one read or write moves at most. */
  cap = Infinity;
  /** Called before an operation is performed. */
  before: (name: OperationName) => void = () => {};
  /** Words that count changes, as the broker adds to them. */
  readonly changes = new Int32Array(new SharedArrayBuffer(64 * 4));
  readonly roots: readonly FakeDirectory[];
  #open: (Open | undefined)[] = [];
  #ids = 1;

  /** @param trees what the preopened directories hold */
  constructor(trees: readonly Tree[] = [{}]) {
    this.roots = trees.map((tree) => {
      const root: FakeDirectory = this.#directory(undefined);
      for (const [path, content] of Object.entries(tree)) this.#plant(root, path, content);
      return root;
    });
    this.#reopen();
  }

  /** Descriptors that are open beside the preopened directories. */
  get opened(): number {
    return this.#open.filter((open) => open !== undefined).length - this.roots.length;
  }

  /** Operations of that name so far. */
  count(name: OperationName): number {
    return this.log.filter((entry) => entry.name === name).length;
  }

  /** The content of a file; undefined when there is none. */
  text(path: string, root = 0): string | undefined {
    const node = this.roots[root]?.entries.get(path);
    return node?.kind === "file" ? DECODER.decode(node.bytes) : undefined;
  }

  /** Changes a file as another sandbox would: the words tell; or as somebody else would. */
  change(path: string, content: string, told: boolean): void {
    const node = this.roots[0]?.entries.get(path);
    if (node?.kind !== "file") throw new TypeError(`no file ${path}`);
    node.bytes = ENCODER.encode(content);
    if (told) this.#changed(node);
  }

  perform<Name extends OperationName>(name: Name, request: RequestOf<Name>): Answer<Name> {
    // Bytes lie in the guest's memory, which changes.
    const fields: Record<string, unknown> = { ...request };
    if (fields.bytes instanceof Uint8Array) fields.bytes = fields.bytes.slice();
    this.log.push({ name, request: fields });
    this.before(name);
    try {
      const handler = this.#handlers[name as Performed] as (request: RequestOf<Name>) => ReplyOf<Name>; // of that name
      return { errno: ERRNO.success, reply: handler(fields as RequestOf<Name>) }; // the copy of it
    } catch (error) {
      if (error instanceof OperationError) return { errno: ERRNO[error.errno] };
      throw error;
    }
  }

  #directory(parent: FakeDirectory | undefined): FakeDirectory {
    return { kind: "directory", id: this.#ids++, entries: new Map(), parent };
  }

  #file(content: string | Uint8Array): FakeFile {
    const bytes = typeof content === "string" ? ENCODER.encode(content) : content;
    return { kind: "file", id: this.#ids++, bytes, accessed: 1000n, modified: 2000n };
  }

  #plant(root: FakeDirectory, path: string, content: string | Uint8Array): void {
    const names = path.split("/"), last = names.pop() ?? "";
    let at = root;
    for (const name of names) {
      const found = at.entries.get(name), next = found?.kind === "directory" ? found : this.#directory(at);
      at.entries.set(name, next);
      at = next;
    }
    if (last !== "") at.entries.set(last, this.#file(content));
  }

  #reopen(): void {
    this.#open = this.roots.map((node) => ({ node, flags: OPEN_FLAGS.read, listing: [] }));
  }

  #changed(file: FakeFile): void {
    Atomics.add(this.changes, file.id % this.changes.length, 1);
  }

  #opened(descriptor: number): Open {
    return this.#open[descriptor] ?? fail("badf");
  }

  #openFile(descriptor: number): FakeFile {
    const { node } = this.#opened(descriptor);
    return node.kind === "file" ? node : fail("isdir");
  }

  #resize(file: FakeFile, size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(file.bytes.subarray(0, size));
    file.bytes = bytes;
    this.#changed(file);
  }

  /** The directory that a path's last component stands in, that component, and whether it must be a directory. */
  #resolve(directory: number, path: string): { parent: FakeDirectory; name: string; slash: boolean } {
    const root = this.#opened(directory).node;
    if (root.kind !== "directory") fail("notdir");
    const names = path.split("/").filter((name) => name !== "" && name !== ".");
    let at = root;
    const last = names.pop() ?? ".";
    for (const name of names) {
      const next = name === ".." ? at.parent : at.entries.get(name);
      if (next === undefined) fail(name === ".." ? "perm" : "noent");
      if (next.kind !== "directory") fail("notdir");
      at = next;
    }
    if (last === ".." && at.parent === undefined) fail("perm");
    return { parent: at, name: last, slash: path.endsWith("/") };
  }

  #lookup(directory: number, path: string): FakeNode | undefined {
    const { parent, name, slash } = this.#resolve(directory, path);
    const node = name === "." ? parent : name === ".." ? parent.parent : parent.entries.get(name);
    if (slash && node?.kind === "file") fail("notdir");
    return node;
  }

  #stat(node: FakeNode): ReplyOf<"stat"> {
    const file = node.kind === "file" ? node : undefined;
    return {
      device: 7n,
      inode: BigInt(node.id),
      type: file === undefined ? FILE_TYPES.directory : FILE_TYPES.regularFile,
      links: 1,
      size: file?.bytes.length ?? 0,
      accessed: file?.accessed ?? 0n,
      modified: file?.modified ?? 0n,
      changed: 3000n,
    };
  }

  #setTimes(node: FakeNode, request: { accessed: bigint; modified: bigint; flags: number }): object {
    if (node.kind === "directory") return {};
    if ((request.flags & 1) !== 0) node.accessed = request.accessed;
    if ((request.flags & 4) !== 0) node.modified = request.modified;
    return {};
  }

  readonly #handlers: Handlers = {
    readInput: ({ length }) => {
      const bytes = ENCODER.encode(this.input.shift() ?? "");
      if (bytes.length > length) this.input.unshift(DECODER.decode(bytes.subarray(length)));
      return { bytes: bytes.subarray(0, length) };
    },
    pollInput: () => ({ ready: this.emptyPolls-- > 0 ? 0 : 1 }),
    writeOutput: () => ({}),
    watched: () => ({ bytes: new Uint8Array() }),
    log: () => ({}),
    readSensor: () => fail("notcapable"),
    sendAlert: () => fail("notcapable"),
    used: () => ({}),
    refusedFile: () => fail("notcapable"),
    refusedRequest: () => fail("notcapable"),
    refusedCommand: () => fail("notcapable"),
    channelOpen: () => fail("notcapable"),
    channelSend: () => fail("badf"),
    channelReceive: () => fail("badf"),
    channelClose: () => fail("badf"),

    open: ({ directory, path, flags }) => {
      let node = this.#lookup(directory, path);
      if (node === undefined) {
        if ((flags & OPEN_FLAGS.create) === 0) fail("noent");
        const { parent, name } = this.#resolve(directory, path);
        parent.entries.set(name, node = this.#file(""));
      } else if ((flags & OPEN_FLAGS.exclusive) !== 0) fail("exist");
      if (node.kind === "file" && (flags & OPEN_FLAGS.directory) !== 0) fail("notdir");
      if (node.kind === "directory" && (flags & OPEN_FLAGS.write) !== 0) fail("isdir");
      if (node.kind === "file" && (flags & OPEN_FLAGS.truncate) !== 0) this.#resize(node, 0);
      const free = this.#open.findIndex((open) => open === undefined);
      const descriptor = free < 0 ? this.#open.length : free;
      this.#open[descriptor] = { node, flags, listing: [] };
      const type = node.kind === "file" ? FILE_TYPES.regularFile : FILE_TYPES.directory;
      return { descriptor, type, file: node.id };
    },
    close: ({ descriptor }) => {
      this.#opened(descriptor);
      this.#open[descriptor] = undefined;
      return {};
    },
    closeAll: () => {
      this.#reopen();
      return {};
    },
    read: ({ descriptor, offset, length }) => ({
      bytes: this.#openFile(descriptor).bytes.subarray(offset, offset + Math.min(length, this.cap)),
    }),
    write: ({ descriptor, offset, bytes }) => {
      const file = this.#openFile(descriptor), at = offset === APPEND ? file.bytes.length : offset;
      const written = Math.min(bytes.length, this.cap), end = at + written;
      if (end > 2 ** 26) fail("fbig");
      if (end > file.bytes.length) this.#resize(file, end);
      file.bytes.set(bytes.subarray(0, written), at);
      this.#changed(file);
      return { written, end };
    },
    stat: ({ descriptor }) => this.#stat(this.#opened(descriptor).node),
    statAt: ({ directory, path }) => this.#stat(this.#lookup(directory, path) ?? fail("noent")),
    setSize: ({ descriptor, size }) => {
      if (size > 2 ** 26) fail("fbig");
      this.#resize(this.#openFile(descriptor), size);
      return {};
    },
    allocate: ({ descriptor, offset, length }) => {
      const file = this.#openFile(descriptor);
      if (offset + length > 2 ** 26) fail("fbig");
      if (offset + length > file.bytes.length) this.#resize(file, offset + length);
      return {};
    },
    setTimes: (request) => this.#setTimes(this.#opened(request.descriptor).node, request),
    setTimesAt: (request) =>
      this.#setTimes(this.#lookup(request.directory, request.path) ?? fail("noent"), request),
    sync: () => ({}),
    readDirectory: ({ descriptor, cookie, most }) => {
      const open = this.#opened(descriptor), { node } = open;
      if (node.kind !== "directory") fail("notdir");
      if (cookie === 0) {
        const all: [string, FakeNode][] = [[".", node], ["..", node.parent ?? node], ...node.entries];
        open.listing = all.map(([name, { id, kind }]) => ({
          name,
          inode: BigInt(id),
          type: kind === "file" ? FILE_TYPES.regularFile : FILE_TYPES.directory,
        }));
      }
      return { entries: open.listing.slice(cookie, cookie + most) };
    },
    createDirectory: ({ directory, path }) => {
      const { parent, name } = this.#resolve(directory, path);
      if (this.#lookup(directory, path) !== undefined) fail("exist");
      parent.entries.set(name, this.#directory(parent));
      return {};
    },
    removeDirectory: ({ directory, path }) => {
      const node = this.#lookup(directory, path) ?? fail("noent"),
        { parent, name } = this.#resolve(directory, path);
      if (node.kind !== "directory") fail("notdir");
      if (node.entries.size > 0) fail("notempty");
      parent.entries.delete(name);
      return {};
    },
    unlink: ({ directory, path }) => {
      const node = this.#lookup(directory, path) ?? fail("noent"),
        { parent, name } = this.#resolve(directory, path);
      if (node.kind === "directory") fail("isdir");
      parent.entries.delete(name);
      return {};
    },
    rename: ({ directory, path, toDirectory, toPath }) => {
      const node = this.#lookup(directory, path) ?? fail("noent"), from = this.#resolve(directory, path);
      const to = this.#resolve(toDirectory, toPath);
      from.parent.entries.delete(from.name);
      to.parent.entries.set(to.name, node);
      return {};
    },
    link: ({ directory, path, toDirectory, toPath }) => {
      const node = this.#lookup(directory, path) ?? fail("noent"), to = this.#resolve(toDirectory, toPath);
      if (node.kind === "directory") fail("perm");
      if (to.parent.entries.has(to.name)) fail("exist");
      to.parent.entries.set(to.name, node);
      return {};
    },
    readLink: ({ path }) => path === "link" ? { target: "where it leads" } : fail("inval"),
    symlink: () => fail("perm"),
  };
}
