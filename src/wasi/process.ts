/** What one sandbox's WASI functions share. Every part forgets its life in `reset()`. */
import { Clocks } from "./clocks.ts";
import { type Descriptor, Descriptors, type DirectoryDescriptor, handleOf } from "./descriptors.ts";
import type { ProgramWords, WasiHost, WasiSettings } from "./host.ts";
import { Iovecs } from "./iovecs.ts";
import { SeededRandom, stateOfSeed } from "./random.ts";
import { ReadAheads } from "./read_ahead.ts";
import { StringTable } from "./string_table.ts";
import { Uses } from "./uses.ts";
import { ERRNO } from "../protocol/errno.ts";
import type { Answer } from "../protocol/operations.ts";

export class Process {
  args: StringTable;
  environ: StringTable;
  readonly descriptors: Descriptors;
  readonly uses: Uses;
  readonly clocks: Clocks;
  readonly readAheads: ReadAheads;
  readonly iovecs: Iovecs = new Iovecs();
  /** Undefined for secure bytes. */
  random: SeededRandom | undefined;
  /** Set when the guest has ended itself: nothing may happen any more. */
  ended = false;
  /** Whether the broker may hold open what must be closed when the life ends. */
  opened = false;
  /** Whether words are those of one call. */
  #given = false;
  readonly #settings: WasiSettings;

  constructor(settings: WasiSettings, readonly host: WasiHost) {
    this.#settings = settings;
    this.args = argumentTable(settings);
    this.environ = variableTable(settings);
    this.descriptors = new Descriptors(settings.preopens, settings.terminals);
    this.uses = new Uses(host.operations);
    this.clocks = new Clocks(settings.clock, host, (clock) => this.uses.note(clock));
    this.readAheads = new ReadAheads(host);
    this.#seed();
  }

  /** What the program is told from now on, up to the end of this life. */
  give(words: ProgramWords): void {
    this.args = argumentTable(words);
    this.environ = variableTable(words);
    this.#given = true;
  }

  /** Ends this life and begins the next one. */
  reset(): void {
    if (this.#given) this.give(this.#settings);
    this.#given = false;
    this.descriptors.reset();
    this.uses.reset();
    this.clocks.reset();
    this.readAheads.reset();
    this.#seed();
    this.ended = false;
    if (!this.opened) return;
    this.opened = false;
    this.host.operations.perform("closeAll", {});
  }

  /** The variables, which the guest is about to see. */
  useEnviron(): StringTable {
    if (this.#settings.env.length > 0 && !this.#given) this.uses.note("env");
    return this.environ;
  }

  /** The directories that this life found open. */
  preopens(): (DirectoryDescriptor & { readonly guestPath: Uint8Array })[] {
    return this.#fresh().filter((descriptor) =>
      descriptor.kind === "directory" && descriptor.guestPath !== undefined
    )
      .map((descriptor) => descriptor as DirectoryDescriptor & { readonly guestPath: Uint8Array }); // filtered so
  }

  /** A stream or the root as this life found it. */
  found(kind: "stream" | "root", stream: number | undefined): Descriptor | undefined {
    return this.#fresh().find((descriptor) =>
      descriptor.kind === kind && (descriptor.kind !== "stream" || descriptor.stream === stream)
    );
  }

  #fresh(): Descriptor[] {
    const { preopens, terminals } = this.#settings;
    return [...new Descriptors(preopens, terminals).entries()].map(([, descriptor]) => descriptor);
  }

  /** Opens what was open in another life. */
  openAgain(directory: number, path: string, flags: number): Answer<"open"> {
    // Before it is asked for: an answer that never comes back must not leave it open in the next life.
    this.opened = true;
    return this.host.operations.perform("open", { directory, path, flags });
  }

  /** Gives back what stands behind a descriptor that has left the table. Returns an error number. */
  discard(descriptor: Descriptor): number {
    if (descriptor.kind === "file") this.readAheads.release(descriptor.ahead);
    const handle = handleOf(descriptor);
    // The broker's first descriptors are the preopened directories, which stay open for the next life.
    if (handle === undefined || handle < this.#settings.preopens.length) return ERRNO.success;
    return this.host.operations.perform("close", { descriptor: handle }).errno;
  }

  #seed(): void {
    const { seed } = this.#settings;
    this.random = seed === undefined ? undefined : new SeededRandom(stateOfSeed(seed));
  }
}

function argumentTable({ args }: ProgramWords): StringTable {
  return new StringTable(args);
}

function variableTable({ env }: ProgramWords): StringTable {
  return new StringTable(env.map(([name, value]) => `${name}=${value}`));
}
