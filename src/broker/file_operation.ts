import type { SandboxFiles } from "./sandbox_files.ts";
import type { OperationsBy, ReplyOf, RequestOf } from "../protocol/operations.ts";

/** The name of an operation that the files broker performs. */
export type FileOperationName = OperationsBy<"files">;

/** Performs one operation for one sandbox. @throws {OperationError}, and whatever the file system throws */
export type FileOperation<Name extends FileOperationName> = (
  sandbox: SandboxFiles,
  request: RequestOf<Name>,
) => ReplyOf<Name>;
