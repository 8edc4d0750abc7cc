/**
 * A channel between what its two ends do. The host's end is open until the host closes it; the guest's end until the
 * guest closes it or its life ends, and is open again with the next. Messages that are queued outlive both.
 */
import type { ChannelBounds } from "./channel_options.ts";
import { MessageQueue } from "./message_queue.ts";

export class ChannelEnds {
  readonly name: string;
  readonly bounds: ChannelBounds;
  readonly toGuest: MessageQueue;
  readonly fromGuest: MessageQueue;
  /** Whether the host has closed its end. */
  closed = false;

  constructor(name: string, bounds: ChannelBounds) {
    this.name = name;
    this.bounds = bounds;
    const size = { messages: bounds.capacity, bytes: bounds.queueSize };
    this.toGuest = new MessageQueue(size);
    this.fromGuest = new MessageQueue(size);
  }

  /** Nothing comes from the guest any more, and it reads nothing, until it begins again. */
  endGuest(): void {
    this.fromGuest.endSource();
    this.toGuest.endSink();
  }

  beginGuest(): void {
    this.fromGuest.beginSource();
    this.toGuest.beginSink();
  }

  /** Nothing is left of what went on, and who waits for something is told of the end. */
  forget(): void {
    this.endGuest();
    this.toGuest.clear();
    this.fromGuest.clear();
  }

  /** The host sends nothing more, and takes nothing but what is there. */
  closeHost(): void {
    this.closed = true;
    this.fromGuest.endSink();
    this.toGuest.endSource();
    this.toGuest.refusePutters();
  }
}
