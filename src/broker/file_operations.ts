import type { FileOperation, FileOperationName } from "./file_operation.ts";
import { listDirectory } from "./list_directory.ts";
import { openPath } from "./open_path.ts";
import { allocate, read, setSize, sync, write } from "./file_content.ts";
import { readLink, setTimes, setTimesAt, stat, statAt } from "./metadata.ts";
import { createDirectory, link, removeDirectory, symlink, unlink } from "./path_changes.ts";
import { rename } from "./rename.ts";
import { type OperationName, OPERATIONS } from "../protocol/operations.ts";

/** What each operation does. */
export const FILE_OPERATIONS: { readonly [Name in FileOperationName]: FileOperation<Name> } = {
  open: openPath,
  close: (sandbox, { descriptor }) => {
    sandbox.open.close(descriptor);
    return {};
  },
  closeAll: (sandbox) => {
    sandbox.open.closeAll();
    return {};
  },
  read,
  write,
  stat,
  statAt,
  setSize,
  allocate,
  setTimes,
  setTimesAt,
  sync,
  readDirectory: listDirectory,
  createDirectory,
  removeDirectory,
  unlink,
  rename,
  link,
  readLink,
  symlink,
};

/** Whether an operation is one of those. */
export function isFileOperation(name: OperationName): name is FileOperationName {
  return OPERATIONS[name].by === "files";
}
