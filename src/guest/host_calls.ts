/** Calls from the guest to functions that the embedder registered: to the host, or to one that runs here. */
import { AbiError, type ContentAbi } from "./content_abi.ts";
import type { ImportedFunction } from "./engine.ts";
import type { GuestInstance } from "./instance.ts";
import { callInline, type Compile, compileInline } from "./inline_function.ts";
import type { Binding } from "./messages.ts";
import type { StopReason } from "./stop.ts";
import type { GuestEnd } from "../protocol/channel.ts";
import { FRAMES, RESULTS } from "../protocol/layout.ts";

export type HostBinding = Extract<Binding, { readonly from: "host" }>;

/** The instance that imports, once there is one. */
export interface Importer {
  readonly instance?: GuestInstance;
}

/** What calls need of the machine. */
export interface Caller {
  /** Whether one more call of the host's side is allowed. */
  countHostCall(): boolean;
  /** Whether the guest may go on; stops it if not. */
  mayGoOn(): boolean;
  /** Brings what the host shall know before it is called. */
  settle(): void;
  /** Parks the thread while the host works. */
  wait(work: () => void): void;
  stop(reason: StopReason): void;
  content(instance: GuestInstance): ContentAbi;
}

export class HostCalls {
  readonly #channel: GuestEnd;
  readonly #caller: Caller;
  readonly #compile: Compile;

  constructor(channel: GuestEnd, options: { readonly caller: Caller; readonly compile: Compile }) {
    this.#channel = channel;
    this.#caller = options.caller;
    this.#compile = options.compile;
  }

  /** The function behind an import. */
  bind(binding: HostBinding, importer: Importer): ImportedFunction {
    if (binding.source !== undefined) return this.#inline(binding, { source: binding.source, importer });
    return (...args) => this.#call(binding, { args, abi: this.#abiOf(importer) });
  }

  #abiOf({ instance }: Importer): ContentAbi {
    if (instance === undefined) throw new Error("An import was called before its instance was there");
    return this.#caller.content(instance);
  }

  /** Calls the host and parks until it has answered. */
  #call(
    binding: HostBinding,
    { args, abi }: { readonly args: readonly unknown[]; readonly abi: ContentAbi },
  ): unknown {
    const caller = this.#caller, channel = this.#channel;
    if (!caller.countHostCall()) return undefined;
    caller.settle();
    if (!caller.mayGoOn()) return undefined;
    const writer = channel.writer();
    writer.u32(binding.id);
    writer.values(abi.liftArguments(args, binding.params), binding.params);
    caller.wait(() => {
      channel.give(FRAMES.hostCall);
      channel.waitForTurn();
      while (channel.frameKind === FRAMES.readMemory || channel.frameKind === FRAMES.writeMemory) {
        this.#access(abi);
        channel.give(FRAMES.result);
        channel.waitForTurn();
      }
    });
    if (!caller.mayGoOn()) return undefined;
    if (channel.frameKind !== FRAMES.hostReturn) {
      caller.stop({ kind: "hostError" });
      return undefined;
    }
    const values = channel.reader().valuesInPlace(), [first] = values;
    if (typeof first === "object") return abi.give(first);
    return binding.results.length > 1 ? values : first;
  }

  /** The host looks into the memory of the guest that calls it. */
  #access(abi: ContentAbi): void {
    const channel = this.#channel, reader = channel.reader();
    try {
      const address = reader.f64();
      if (channel.frameKind === FRAMES.readMemory) {
        const bytes = abi.view(address, reader.f64()), writer = channel.writer();
        writer.u8(RESULTS.value);
        writer.alignedBytes(bytes);
      } else {
        const bytes = reader.alignedBytes();
        abi.view(address, bytes.length).set(bytes);
        channel.writer().u8(RESULTS.value);
      }
    } catch (error) {
      const writer = channel.writer();
      writer.u8(RESULTS.abi);
      writer.string(messageOf(error));
    }
  }

  /** A function of the host that runs here. What it throws is no failure of the guest's. */
  #inline(
    binding: HostBinding,
    { source, importer }: { readonly source: string; readonly importer: Importer },
  ): ImportedFunction {
    const run = compileInline(this.#compile, source), caller = this.#caller;
    return (...args) => {
      if (!caller.countHostCall()) return undefined;
      try {
        return callInline(run, { binding, args, abi: () => this.#abiOf(importer) });
      } catch (error) {
        if (error instanceof AbiError) throw error;
        caller.stop({ kind: "inlineError", message: messageOf(error) });
        return undefined;
      }
    };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
