import { AegisError } from "../core/errors.ts";
import { checkOptionNames, type OptionNames } from "../core/option_names.ts";
import { quote } from "../core/quote.ts";
import { type ByteSize, parseByteSize } from "../core/units.ts";
import { OPERATION_OVERHEAD } from "../protocol/operations.ts";

/** Bounds of a channel, the same in each direction. Unknown keys are refused. */
export interface ChannelOptions {
  /** Messages that may wait to be read, from 1 to 65,536. @default 64 */
  readonly capacity?: number;
  /** Bytes of one message; no more than fit into a frame, see the limit `frameSize`. @default "64KiB" */
  readonly messageSize?: ByteSize;
  /** Bytes of all messages that wait; at least one of the largest. @default "1MiB", or what one of the largest takes */
  readonly queueSize?: ByteSize;
}

/** The options of a channel after they were read. */
export interface ChannelBounds {
  readonly capacity: number;
  readonly messageSize: number;
  readonly queueSize: number;
}

const OPTIONS: OptionNames<ChannelOptions> = {
  place: "of a channel",
  names: { capacity: true, messageSize: true, queueSize: true },
};

const MOST_CAPACITY = 65_536, STANDARD_CAPACITY = 64;
const STANDARD_MESSAGE = 64 * 1024, STANDARD_QUEUE = 1024 * 1024;

/** @param frameSize bytes of the sandbox's frames @throws {AegisError} `InvalidOption` */
export function readChannelOptions(options: ChannelOptions, frameSize: number): ChannelBounds {
  checkOptionNames(options, OPTIONS);
  const { capacity = STANDARD_CAPACITY } = options, largest = frameSize - OPERATION_OVERHEAD;
  if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > MOST_CAPACITY) {
    throw invalid(
      "capacity",
      `Cannot keep ${
        quote(String(capacity))
      } messages of a channel: use a whole number from 1 to ${MOST_CAPACITY}`,
    );
  }
  const messageSize = options.messageSize === undefined
    ? Math.min(STANDARD_MESSAGE, largest)
    : parseByteSize(options.messageSize, "messageSize");
  if (messageSize > largest) {
    throw invalid(
      "messageSize",
      `Cannot send messages of ${messageSize} bytes: a frame of the sandbox has room for ${largest}`,
      "Raise the limit frameSize.",
    );
  }
  const queueSize = options.queueSize === undefined
    ? Math.max(STANDARD_QUEUE, messageSize)
    : parseByteSize(options.queueSize, "queueSize");
  if (queueSize < messageSize) {
    throw invalid(
      "queueSize",
      `Cannot bound the messages of a channel to ${queueSize} bytes: one of them may have ${messageSize}`,
    );
  }
  return Object.freeze({ capacity, messageSize, queueSize });
}

function invalid(field: string, message: string, suggestion?: string): AegisError {
  return new AegisError("InvalidOption", message, {
    field,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
}
