/** Messages between the host's thread and its relay Worker. Guests and brokers have numbers, which the host gives. */
import type { BrokerPost } from "./broker_relay.ts";
import type { BrokerReport } from "../broker/messages.ts";
import type { BrokerLinks } from "../protocol/broker_link.ts";
import type { BrokerPerformer } from "../protocol/operations.ts";

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
    readonly links: BrokerLinks;
    readonly start: object;
  }
  /** A message to a guest's Worker. */
  | { readonly kind: "post"; readonly id: number; readonly message: object }
  | {
    readonly kind: "broker";
    readonly id: number;
    readonly performer: BrokerPerformer;
    /** The text of the program of its Worker. */
    readonly program: string;
    /** Flags that give its process Deno permissions. */
    readonly permissions: readonly string[];
    /** Variables that its process finds. */
    readonly environment: Readonly<Record<string, string>>;
  }
  /** A message to a broker's Worker. */
  | { readonly kind: "brokerPost"; readonly id: number; readonly message: BrokerPost }
  /** A guest's or a broker's process is to end. */
  | { readonly kind: "end"; readonly id: number }
  /** All processes are to end. */
  | { readonly kind: "close" };

export type RelayReport =
  /** A guest or a broker is gone, and not because it was to end. */
  | { readonly kind: "lost"; readonly id: number; readonly why: string }
  /** A message of a broker's Worker. */
  | { readonly kind: "report"; readonly id: number; readonly report: BrokerReport }
  /** A guest's or a broker's process has ended. */
  | { readonly kind: "ended"; readonly id: number }
  | { readonly kind: "closed" };
