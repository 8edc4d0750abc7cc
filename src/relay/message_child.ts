import type { SendPacket } from "./child_link.ts";
import { type PacketKind, PACKETS } from "./wire.ts";
import { decodeData, encodeData } from "../protocol/data.ts";

/** What it is made with. */
export interface MessageChildPorts {
  readonly worker: Worker;
  readonly send: SendPacket;
  readonly fail: (why: string) => void;
}

/** Inside a child whose Worker only takes messages and answers with messages: they pass as they are. */
export class MessageChild {
  readonly #worker: Worker;

  constructor({ worker, send, fail }: MessageChildPorts) {
    this.#worker = worker;
    worker.onmessage = (event: MessageEvent<unknown>) => {
      try {
        send(PACKETS.report, encodeData(event.data));
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error));
      }
    };
  }

  /** Takes a packet from the host. */
  packet(kind: PacketKind, content: Uint8Array<ArrayBuffer>): void {
    if (kind === PACKETS.post) this.#worker.postMessage(decodeData(content));
  }
}
