/**
 * A log that is appended to, and that no guest may change. Where it is is found out once, links followed, before anything
 * is granted; the process that writes it opens that very file, and no other that has come to its place since.
 */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";
import { basename, dirname, join } from "../sandbox/path.ts";
import { reasonOf } from "./read_input.ts";

/** Where a log is. */
export interface LogFile {
  /** Absolute, links followed. */
  readonly path: string;
  /** Which file that is; `null` for one that is not there yet. */
  readonly identity: string | null;
}

/**
 * Finds out where a log is. It need not be there yet; its folder must be.
 *
 * @throws {AegisError} `InvalidOption` for what is no file, and for one that has another name as well
 */
export function locateLog(path: string): LogFile {
  try {
    const place = join(Deno.realPathSync(dirname(path)), basename(path)), real = realPath(place);
    if (real === undefined) return { path: place, identity: null };
    const found = Deno.statSync(real);
    checkOwn(real, found);
    return { path: real, identity: identityOf(found) };
  } catch (error) {
    throw refusal(path, error);
  }
}

/** Undefined where there is nothing; a link that leads nowhere is something. */
function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  try {
    Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  throw unusable(path, "it is a link that leads nowhere");
}

/** Opens a log; one that is made is for its owner alone. @throws {AegisError} `InvalidOption` */
export function openLog({ path, identity }: LogFile): Deno.FsFile {
  try {
    const file = identity === null ? openNew(path) : Deno.openSync(path, { append: true });
    try {
      const found = file.statSync();
      checkOwn(path, found);
      if (identity !== null && identity !== identityOf(found)) {
        throw unusable(path, "another file has come to its place");
      }
      return file;
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    throw refusal(path, error);
  }
}

/** A link that somebody has put there is not followed. */
function openNew(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { append: true, createNew: true, mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return Deno.openSync(path, { append: true }); // of a server that started at the same time
  }
}

/** What has a second name may be written under that, wherever it is. */
function checkOwn(path: string, { isFile, nlink }: Deno.FileInfo): void {
  if (!isFile) throw unusable(path, "it is no file");
  if ((nlink ?? 1) > 1) throw unusable(path, "it has another name as well, under which it may be changed");
}

function identityOf({ dev, ino }: Deno.FileInfo): string {
  return `${dev}:${ino}`;
}

function unusable(path: string, why: string): AegisError {
  return new AegisError("InvalidOption", `Cannot log to ${quote(path)}: ${why}`, {
    field: "auditLog",
    suggestion: "Name a file of its own, or one that is not there yet.",
  });
}

function refusal(path: string, error: unknown): AegisError {
  if (error instanceof AegisError) return error;
  return new AegisError("InvalidOption", `Cannot log to ${quote(path)}: ${reasonOf(error)}`, {
    field: "auditLog",
    cause: error,
  });
}
