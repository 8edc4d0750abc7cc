import { isWasiModule, type WasiArguments, type WasiFunctionName } from "../../src/wasi/functions.ts";
import type { WasiSettings } from "../../src/wasi/host.ts";
import { RIGHTS } from "../../src/wasi/rights.ts";
import { type BoundFunction, Wasi } from "../../src/wasi/wasi.ts";
import { ERRNO, type ErrnoName } from "../../src/protocol/errno.ts";
import { FakeHost, SETTINGS } from "./fake_host.ts";
import type { Tree } from "./fake_operations.ts";
import { assert, assertEquals } from "../assert.ts";

const ENCODER = new TextEncoder(), DECODER = new TextDecoder();

const NAMES: readonly string[] = Object.keys(ERRNO);

/** Where results are written that a test reads at once. */
export const RESULT = 16;

/** Everything that can be asked for. */
export const ALL_RIGHTS = BigInt(Object.values(RIGHTS).reduce((bits, right) => bits | right, 0));

/** All rights but those of writing. */
export const READING = ALL_RIGHTS & ~BigInt(RIGHTS.fd_write);

/** A program that calls WASI: one page of memory, of which it uses the front for results and the rest as it goes. */
export class FakeGuest {
  readonly host: FakeHost;
  readonly wasi: Wasi;
  readonly #module: string;
  buffer = new ArrayBuffer(65_536);
  #next = 1024;

  constructor(
    { settings = {}, trees = [{}], host = new FakeHost(trees), module = "wasi_snapshot_preview1" }: {
      settings?: Partial<WasiSettings>;
      trees?: readonly Tree[];
      host?: FakeHost;
      module?: string;
    } = {},
  ) {
    assert(isWasiModule(module));
    this.host = host;
    this.#module = module;
    this.wasi = new Wasi({ ...SETTINGS, ...settings }, host);
  }

  get view(): DataView {
    return new DataView(this.buffer);
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer);
  }

  /** The function as an engine gets it. */
  bound(name: WasiFunctionName): BoundFunction {
    return this.wasi.bind(this.#module, name, () => this.buffer);
  }

  /** Calls a function and gives the name of its error number; integers are given as an engine does, signed. */
  call<Name extends WasiFunctionName>(name: Name, ...args: WasiArguments<Name>): ErrnoName {
    const given: readonly (number | bigint)[] = args;
    const errno = this.bound(name)(...given.map((value) => {
      return typeof value === "bigint" ? BigInt.asIntN(64, value) : value | 0;
    }));
    const text = NAMES[errno ?? 0];
    assert(text !== undefined, `${name} returned ${errno}`);
    return text as ErrnoName; // from the table's keys
  }

  /** Calls a function that has to succeed. */
  ok<Name extends WasiFunctionName>(name: Name, ...args: WasiArguments<Name>): void {
    assertEquals(this.call(name, ...args), "success", name);
  }

  /** Takes memory. */
  allocate(length: number): number {
    const at = this.#next;
    this.#next += (length + 7) & ~7;
    return at;
  }

  /** Puts text into memory. */
  put(text: string | Uint8Array): [at: number, length: number] {
    const bytes = typeof text === "string" ? ENCODER.encode(text) : text, at = this.allocate(bytes.length);
    this.bytes.set(bytes, at);
    return [at, bytes.length];
  }

  text(at: number, length: number): string {
    return DECODER.decode(this.bytes.subarray(at, at + length));
  }

  u32(at = RESULT): number {
    return this.view.getUint32(at, true);
  }

  u64(at = RESULT): bigint {
    return this.view.getBigUint64(at, true);
  }

  /** Puts a list of pieces into memory. */
  iovecs(...pieces: readonly (readonly [at: number, length: number])[]): [at: number, count: number] {
    const at = this.allocate(pieces.length * 8);
    for (const [index, [start, length]] of pieces.entries()) {
      this.view.setUint32(at + index * 8, start, true);
      this.view.setUint32(at + index * 8 + 4, length, true);
    }
    return [at, pieces.length];
  }

  /** Opens a path below descriptor 3; all that can be asked for unless told otherwise. */
  tryOpen(
    path: string,
    { fd = 3, lookup = 0, bits = 0, rights = ALL_RIGHTS, inheriting = ALL_RIGHTS, flags = 0 } = {},
  ): ErrnoName {
    return this.call("path_open", fd, lookup, ...this.put(path), bits, rights, inheriting, flags, RESULT);
  }

  open(path: string, how: Parameters<FakeGuest["tryOpen"]>[1] = {}): number {
    assertEquals(this.tryOpen(path, how), "success", path);
    return this.u32();
  }

  /** Reads into fresh memory. */
  read(fd: number, length: number): string {
    const at = this.allocate(length);
    this.ok("fd_read", fd, ...this.iovecs([at, length]), RESULT);
    return this.text(at, this.u32());
  }

  /** Writes all of a text. */
  write(fd: number, text: string): void {
    const piece = this.put(text);
    this.ok("fd_write", fd, ...this.iovecs(piece), RESULT);
    assertEquals(this.u32(), piece[1]);
  }

  /** Rights and flags of a descriptor. */
  fdstat(fd: number): { type: number; flags: number; rights: number; inheriting: number } {
    this.ok("fd_fdstat_get", fd, RESULT);
    return {
      type: this.view.getUint8(RESULT),
      flags: this.view.getUint16(RESULT + 2, true),
      rights: Number(this.u64(RESULT + 8)),
      inheriting: Number(this.u64(RESULT + 16)),
    };
  }
}
