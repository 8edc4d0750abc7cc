/** Messages between the host's thread and its relay Worker. Guests have numbers, which the host gives. */
import type { RelayedLinks } from "./guest_relay.ts";

/** First message: what every child starts as. */
export interface RelaySettings {
  readonly kind: "settings";
  readonly execPath: string;
  /** The text of a child's program. */
  readonly childProgram: string;
  /** The text of the program of a guest's Worker. */
  readonly guestProgram: string;
  /** Bytes of a guest's heap. */
  readonly heapSize: number;
  /** The most bytes of a frame. */
  readonly frameSize: number;
}

export type RelayRequest =
  | RelaySettings
  | {
    readonly kind: "guest";
    readonly id: number;
    readonly buffer: SharedArrayBuffer;
    readonly links: RelayedLinks;
    readonly start: object;
  }
  /** A message to a guest's Worker. */
  | { readonly kind: "post"; readonly id: number; readonly message: object }
  /** A guest's process is to end. */
  | { readonly kind: "end"; readonly id: number }
  /** All processes are to end. */
  | { readonly kind: "close" };

export type RelayReport =
  /** A guest is gone, and not because it was to end. */
  | { readonly kind: "lost"; readonly id: number; readonly why: string }
  /** A guest's process has ended. */
  | { readonly kind: "ended"; readonly id: number }
  | { readonly kind: "closed" };
