/**
 * One turn of the files broker: reads what a guest asks for, does it, answers. The guest's end of the channel is hostile: its
 * frame is read once, and whatever is wrong with it is an error number.
 */
import { errnoOf } from "./failure.ts";
import type { FileOperation, FileOperationName } from "./file_operation.ts";
import { FILE_OPERATIONS, isFileOperation } from "./file_operations.ts";
import type { SandboxFiles } from "./sandbox_files.ts";
import { ERRNO } from "../protocol/errno.ts";
import { FrameError, type FrameReader } from "../protocol/frame.ts";
import { FRAMES } from "../protocol/layout.ts";
import { readRequest, writeAnswer } from "../protocol/operation_frames.ts";
import { type Answer, OperationError, operationOf } from "../protocol/operations.ts";

/** Answers the guest, whatever it has written. Only when the broker has the turn. */
export function answerOperation(sandbox: SandboxFiles): void {
  try {
    perform(sandbox);
  } catch (error) {
    sandbox.failed(error);
    const { retryAfter = 0, missing = undefined } = error instanceof OperationError ? error : {};
    answerFailure(sandbox, { errno: ERRNO[errnoOf(error)], retryAfter, missing });
  }
  sandbox.channel.give();
}

/** Answers a guest whose operation is not done any more. */
export function answerCanceled(sandbox: SandboxFiles): void {
  answerFailure(sandbox, { errno: ERRNO.canceled });
  sandbox.channel.give();
}

function perform(sandbox: SandboxFiles): void {
  const { channel } = sandbox;
  if (channel.frameKind !== FRAMES.operation) throw new FrameError("Cannot perform what is no operation");
  const reader = channel.reader(), name = operationOf(reader.u32());
  if (name === undefined || !isFileOperation(name)) throw new OperationError("nosys");
  performNamed(sandbox, { name, reader });
}

function performNamed<Name extends FileOperationName>(
  sandbox: SandboxFiles,
  { name, reader }: { readonly name: Name; readonly reader: FrameReader },
): void {
  const operation: FileOperation<Name> = FILE_OPERATIONS[name];
  const reply = operation(sandbox, readRequest(reader, name));
  writeAnswer(sandbox.channel.writer(), name, { errno: ERRNO.success, reply });
}

function answerFailure(
  { channel }: SandboxFiles,
  answer: Pick<Answer<"close">, "errno" | "retryAfter" | "missing">,
): void {
  writeAnswer(channel.writer(), "close", answer); // a failure is the same for every operation
}
