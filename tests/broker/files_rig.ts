/** A files broker without a thread, on a real directory, and the guests' ends of its channels. */
import type { Clock } from "../../src/broker/clock.ts";
import { DENO_FILE_SYSTEM, type FileSystem } from "../../src/broker/file_system.ts";
import { FilesService } from "../../src/broker/files_service.ts";
import type { BrokerReport, FileQuotas, FilesMessage, Mount } from "../../src/broker/messages.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import { BROKER_WORDS } from "../../src/protocol/broker_words.ts";
import { GuestEnd } from "../../src/protocol/channel.ts";
import { ERRNO, type ErrnoName } from "../../src/protocol/errno.ts";
import { createSharedBuffer } from "../../src/protocol/frame.ts";
import { readAnswer, writeRequest } from "../../src/protocol/operation_frames.ts";
import {
  OPEN_FLAGS,
  type OperationName,
  type ReplyOf,
  type RequestOf,
} from "../../src/protocol/operations.ts";
import { assertEquals, fail } from "../assert.ts";

export const NO_QUOTAS: FileQuotas = {
  openFiles: 128,
  createdFiles: 1000,
  readBytes: Infinity,
  writeBytes: Infinity,
  fileSize: Infinity,
  readRate: Infinity,
  writeRate: Infinity,
};

/** A grant of everything in a directory, less what is said. */
export function mountOf(hostPath: string, less: Partial<Mount> = {}): Mount {
  return {
    hostPath,
    guestPath: "/data",
    read: true,
    write: true,
    create: true,
    delete: true,
    maxFileSize: Infinity,
    totalBytes: Infinity,
    only: undefined,
    ...less,
  };
}

export const READ_ONLY = { write: false, create: false, delete: false } as const;

/** The error number's name that an answer carries. */
export function errnoName(errno: number): ErrnoName {
  const found = Object.entries(ERRNO).find(([, number]) => number === errno);
  return found ? found[0] as ErrnoName : fail(`unknown errno ${errno}`); // `as`: a key of the table
}

/** Clocks that a test sets. */
export class TestClock implements Clock {
  time = 0;
  start: number = Date.now();

  now(): number {
    return this.time;
  }

  wall(): number {
    return this.start + this.time;
  }
}

export interface RigOptions {
  readonly fs?: FileSystem;
  readonly clock?: Clock;
}

export interface AttachOptions extends Partial<FileQuotas> {
  readonly auditAll?: boolean;
  /** Bytes of a frame at most. */
  readonly frame?: number;
  /** Whose guest it is. @default a sandbox of its own */
  readonly sandbox?: string;
}

/** The broker. */
export class Rig {
  readonly words: SharedArrayBuffer = new SharedArrayBuffer(4 * 10);
  readonly changes: Int32Array;
  readonly lock: SharedArrayBuffer = new SharedArrayBuffer(4);
  readonly service: FilesService;
  readonly reports: BrokerReport[] = [];
  #slots = 0;

  constructor({ fs = DENO_FILE_SYSTEM, clock = new TestClock() }: RigOptions = {}) {
    const changes = new SharedArrayBuffer(4 * 1024);
    this.changes = new Int32Array(changes);
    const start = {
      kind: "start",
      words: this.words,
      mail: new SharedArrayBuffer(4),
      lock: this.lock,
      changes,
      secret: new Uint32Array([1, 2, 3, 4]),
      spin: false,
    } as const satisfies FilesMessage;
    this.service = new FilesService(start, { fs, clock, report: (report) => this.reports.push(report) });
  }

  attach(mounts: readonly Mount[], options: AttachOptions = {}): RigGuest {
    const slot = this.#slots++;
    const { auditAll = false, frame = 2 ** 21, sandbox = `sandbox ${slot}`, ...quotas } = options;
    const channel = createSharedBuffer(frame);
    this.service.message({
      kind: "attach",
      slot,
      sandbox,
      channel,
      mounts,
      quotas: { ...NO_QUOTAS, ...quotas },
      auditAll,
    });
    return new RigGuest(this, { slot, channel });
  }

  /** Events told so far, oldest first, without their times. */
  events(): Omit<AuditEvent, "time">[] {
    this.service.audit.flush();
    return this.reports.flatMap((report) => report.kind === "audit" ? report.events : []).map((
      { time: _, ...rest },
    ) => rest);
  }

  close(): void {
    this.service.message({ kind: "close" });
  }
}

/** One guest. */
export class RigGuest {
  readonly slot: number;
  readonly buffer: SharedArrayBuffer;
  readonly end: GuestEnd;
  readonly #rig: Rig;

  constructor(rig: Rig, { slot, channel }: { readonly slot: number; readonly channel: SharedArrayBuffer }) {
    this.#rig = rig;
    this.slot = slot;
    this.buffer = channel;
    this.end = new GuestEnd(channel);
  }

  /** Gives the turn with whatever was written, and has it served. */
  give(): void {
    const words = new Int32Array(this.#rig.words);
    this.end.giveBroker("files", {
      words,
      bell: BROKER_WORDS.bell,
      readyWord: BROKER_WORDS.ready,
      readyBit: 1,
    });
    this.#rig.service.serve(this.slot);
  }

  /** The reply, or the error number's name. */
  ask<Name extends OperationName>(name: Name, request: RequestOf<Name>): ReplyOf<Name> | ErrnoName {
    writeRequest(this.end.writer(), name, request);
    this.give();
    const { errno, reply } = readAnswer(this.end.reader(), name);
    return reply ?? errnoName(errno);
  }

  /** The reply of an operation that must succeed. */
  perform<Name extends OperationName>(name: Name, request: RequestOf<Name>): ReplyOf<Name> {
    const answer = this.ask(name, request);
    return typeof answer === "string" ? fail(`${name} ${JSON.stringify(request)} failed: ${answer}`) : answer;
  }

  /** The error number's name, or "success". */
  errno<Name extends OperationName>(name: Name, request: RequestOf<Name>): ErrnoName {
    const answer = this.ask(name, request);
    return typeof answer === "string" ? answer : "success";
  }

  // The operations that tests use most, on the first mount.

  open(path: string, ...flags: (keyof typeof OPEN_FLAGS)[]): number {
    return this.perform("open", this.opening(path, flags)).descriptor;
  }

  openErrno(path: string, ...flags: (keyof typeof OPEN_FLAGS)[]): ErrnoName {
    return this.errno("open", this.opening(path, flags));
  }

  opening(path: string, flags: readonly (keyof typeof OPEN_FLAGS)[], directory = 0): RequestOf<"open"> {
    return { directory, path, flags: flags.reduce((bits, flag) => bits | OPEN_FLAGS[flag], 0) };
  }

  read(descriptor: number, offset = 0, length = 65536): string {
    return new TextDecoder().decode(this.perform("read", { descriptor, offset, length }).bytes.slice());
  }

  write(descriptor: number, text: string, offset = 0): ReplyOf<"write"> {
    return this.perform("write", { descriptor, offset, bytes: new TextEncoder().encode(text) });
  }

  writeErrno(descriptor: number, text: string, offset = 0): ErrnoName {
    return this.errno("write", { descriptor, offset, bytes: new TextEncoder().encode(text) });
  }

  readFile(path: string): string {
    const descriptor = this.open(path, "read", "follow"), text = this.read(descriptor);
    this.perform("close", { descriptor });
    return text;
  }

  names(descriptor = 0): string[] {
    const names: string[] = [];
    for (;;) {
      const { entries } = this.perform("readDirectory", { descriptor, cookie: names.length, most: 1000 });
      if (entries.length === 0) return names;
      names.push(...entries.map(({ name }) => name));
    }
  }

  at(path: string, directory = 0): { directory: number; path: string } {
    return { directory, path };
  }

  rename(path: string, toPath: string): ErrnoName {
    return this.errno("rename", { directory: 0, path, toDirectory: 0, toPath });
  }

  link(path: string, toPath: string, follow = 0): ErrnoName {
    return this.errno("link", { directory: 0, path, follow, toDirectory: 0, toPath });
  }
}

/** A directory of the host with `in/`, that tests grant, and `out`, a secret beside it. */
export class Place implements Disposable {
  readonly root: string = Deno.realPathSync(Deno.makeTempDirSync({ prefix: "aegis-files-" }));
  readonly path: string = `${this.root}/in`;
  readonly #rigs: Rig[] = [];

  constructor() {
    Deno.mkdirSync(this.path);
    Deno.writeTextFileSync(`${this.root}/out`, SECRET);
    Deno.mkdirSync(`${this.root}/outside`);
    Deno.writeTextFileSync(`${this.root}/outside/file`, SECRET);
  }

  file(path: string, text = "content"): this {
    Deno.writeTextFileSync(`${this.path}/${path}`, text);
    return this;
  }

  directory(path: string): this {
    Deno.mkdirSync(`${this.path}/${path}`, { recursive: true });
    return this;
  }

  link(path: string, target: string): this {
    Deno.symlinkSync(target, `${this.path}/${path}`);
    return this;
  }

  text(path: string): string {
    return Deno.readTextFileSync(`${this.path}/${path}`);
  }

  has(path: string): boolean {
    try {
      Deno.lstatSync(`${this.path}/${path}`);
      return true;
    } catch {
      return false;
    }
  }

  /** A grant of everything in `in/`, less what is said. */
  mount(less: Partial<Mount> = {}): Mount {
    return mountOf(this.path, less);
  }

  rig(options: RigOptions = {}): Rig {
    const rig = new Rig(options);
    this.#rigs.push(rig);
    return rig;
  }

  /** A broker with some of its file system replaced. */
  rigWith(fs: Partial<FileSystem>): Rig {
    return this.rig({ fs: { ...DENO_FILE_SYSTEM, ...fs } });
  }

  /** One guest that may do everything in `in/`, less what is said. */
  guest(less: Partial<Mount> = {}, options: AttachOptions = {}): RigGuest {
    return this.rig().attach([mountOf(this.path, less)], options);
  }

  [Symbol.dispose](): void {
    for (const rig of this.#rigs) rig.close();
    // What lies outside is as it was, whatever a test did.
    assertEquals(Deno.readTextFileSync(`${this.root}/out`), SECRET);
    assertEquals([...Deno.readDirSync(`${this.root}/outside`)].map(({ name }) => name), ["file"]);
    assertEquals(Deno.readTextFileSync(`${this.root}/outside/file`), SECRET);
    Deno.removeSync(this.root, { recursive: true });
  }
}

/** What no guest ever reads. */
export const SECRET = "secret of the host";
