/** The key of a chain that only its holder can forge. */
import { AegisError } from "../core/errors.ts";
import { quote } from "../core/quote.ts";

/** Bytes of a key: fewer could be guessed, more make no difference. */
const SHORTEST = 32, LONGEST = 4096;

function refuse(path: string, reason: string, suggestion: string): AegisError {
  return new AegisError("InvalidOption", `Cannot use the key file ${quote(path)}: ${reason}`, {
    field: "auditKey",
    suggestion,
  });
}

/**
 * Reads a key: all bytes of the file.
 *
 * @throws {AegisError} `InvalidOption` for what is no file, is too short, or can be read by others than its owner
 */
export function readAuditKey(path: string): Uint8Array {
  const make = `Make one: (umask 077; head -c 32 /dev/urandom > ${quote(path)})`;
  let bytes: Uint8Array;
  try {
    // A FIFO or a device would be waited for.
    if (!Deno.statSync(path).isFile) throw refuse(path, "it is no regular file", make);
    using file = Deno.openSync(path);
    const { mode, size } = file.statSync();
    if (mode !== null && (mode & 0o077) !== 0) {
      throw refuse(path, "others than its owner may read or write it", `chmod 600 ${quote(path)}`);
    }
    if (size < SHORTEST || size > LONGEST) {
      throw refuse(path, `it has ${size} bytes, and a key has ${SHORTEST} to ${LONGEST}`, make);
    }
    bytes = new Uint8Array(size);
    for (let at = 0; at < size;) at += file.readSync(bytes.subarray(at)) ?? size;
  } catch (error) {
    if (error instanceof AegisError) throw error;
    throw refuse(path, error instanceof Error ? error.message : String(error), make);
  }
  return bytes;
}
