/** Calls of exports that take or return content: arguments are laid into the guest's memory, and taken out again. */
import type { ContentAbi } from "./content_abi.ts";
import type { PendingCall } from "./guest_state.ts";
import type { GuestInstance } from "./instance.ts";
import { quote } from "../core/quote.ts";
import type { Value } from "../core/value.ts";
import type { FrameValue } from "../protocol/frame.ts";

/** What calls need of the machine. */
export interface CallingMachine {
  /** The call that is under way, as far as another guest could go on with it. */
  pending: PendingCall | undefined;
  instance(index: number): GuestInstance | undefined;
  content(instance: GuestInstance): ContentAbi;
  enter<Result>(instance: GuestInstance, work: () => Result): Result;
  /** Goes on with the code of the call that was restored. */
  resume(): unknown;
  /** Hands over what the guest printed. */
  flushOutput(): void;
}

/** Gets content where it lies in the guest's memory, when all that the guest printed has been handed over. */
export type TakeContent = (bytes: Uint8Array) => void;

export class ExportCalls {
  constructor(readonly machine: CallingMachine) {}

  /** Calls an export. @throws what V8 throws when the guest traps, {AbiError} */
  call(instance: GuestInstance, name: string, args: readonly FrameValue[]): unknown {
    const target = exportedFunction(instance, name), { machine } = this;
    return machine.enter(instance, () => {
      if (isNumeric(args)) return target(...args);
      const { abi, lowered, rooms } = this.#lower(instance, args);
      const returned = target(...lowered);
      abi.free(rooms);
      return returned;
    });
  }

  /** Calls an export that returns content. @throws as {@linkcode call} */
  callForContent(
    instance: GuestInstance,
    { name, args }: { readonly name: string; readonly args: readonly FrameValue[] },
    take: TakeContent,
  ): void {
    const target = exportedFunction(instance, name), { machine } = this;
    machine.enter(instance, () => {
      const { abi, lowered, rooms } = this.#lower(instance, args);
      const returned = target(...lowered);
      machine.flushOutput();
      abi.lift(returned, rooms, take);
    });
  }

  /** Goes on with the call that was restored. @param take called if it returns content @throws as {@linkcode call} */
  goOn(call: PendingCall, take: TakeContent): unknown {
    const { machine } = this, instance = machine.instance(call.instance);
    if (instance === undefined) throw new TypeError(`There is no instance ${call.instance}`);
    const returned = machine.resume();
    if (call.content === undefined) {
      if (call.rooms.length > 0) machine.content(instance).free(call.rooms);
      return returned;
    }
    machine.flushOutput();
    machine.content(instance).lift(returned, call.rooms, take);
    return undefined;
  }

  /** Lays arguments into the guest's memory, and notes of the call under way which room they take. */
  #lower(instance: GuestInstance, args: readonly FrameValue[]) {
    const { machine } = this, abi = machine.content(instance), { args: lowered, rooms } = abi.lower(args);
    if (machine.pending !== undefined) machine.pending = { ...machine.pending, rooms };
    return { abi, lowered, rooms };
  }
}

function exportedFunction(instance: GuestInstance, name: string): (...args: unknown[]) => unknown {
  const target = instance.exports[name];
  if (typeof target !== "function") throw new TypeError(`The instance exports no function ${quote(name)}`);
  return target as (...args: unknown[]) => unknown; // V8 checks what it is given
}

function isNumeric(args: readonly FrameValue[]): args is readonly Value[] {
  return !args.some((value) => typeof value === "object");
}
