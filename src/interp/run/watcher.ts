/** What is told of code that is watched, while the guest stands still. What is thrown here ends the guest's code where it is. */
import type { Instance, StoreFunction } from "./instance.ts";

/** Where the guest is: addresses in the machine. */
export interface WatchedPlace {
  readonly instance: Instance;
  readonly pc: number;
  readonly fp: number;
}

/** A call that leaves the guest. */
export interface LeavingCall {
  readonly target: StoreFunction;
  /** Where its arguments lie and, when it has returned, its results. */
  readonly base: number;
}

export interface Watcher {
  /** Instructions until {@linkcode stepped} is called next, 1 for the next one. */
  readonly steps: number;
  /** Before an instruction. */
  stepped(place: WatchedPlace): void;
  /** A function has begun: its arguments lie at the start of the frame. */
  entered(place: WatchedPlace): void;
  /** A function ends: its results lie at the start of the frame. */
  left(place: WatchedPlace): void;
  /** An exception is caught in the frame at an address: those above it are gone. */
  unwound(fp: number): void;
  /** A call from outside has failed whose frame began at an address: that and those above it are gone. */
  failed(fp: number): void;
  /** A function of the host is called. */
  calling(place: WatchedPlace, call: LeavingCall): void;
  returned(place: WatchedPlace, call: LeavingCall): void;
}
