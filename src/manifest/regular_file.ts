/** Reads a file that somebody else may have named: a pipe would be waited for, and a device has no end. */

/** Bytes asked for at a time. */
const PART = 64 * 1024;

function checkRegular({ isFile, isDirectory }: Deno.FileInfo): void {
  if (isDirectory) throw new Deno.errors.IsADirectory("it is a directory");
  if (!isFile) throw new Error("it is no regular file");
}

/**
 * Reads a regular file up to a size. It is looked at before it is opened, since opening a pipe waits for who writes it, and
 * after that, since it may be another one then.
 *
 * @param most bytes; of a larger one there is one byte more
 * @throws what Deno throws; an `Error` for what is no regular file
 */
export async function readRegularFile(path: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
  checkRegular(await Deno.stat(path));
  using file = await Deno.open(path);
  checkRegular(await file.stat());
  let bytes = new Uint8Array(PART), size = 0;
  for (;;) {
    const length = await file.read(bytes.subarray(size));
    if (length === null) return bytes.slice(0, size);
    size += length;
    if (size > most) return bytes.slice(0, most + 1);
    if (size < bytes.length) continue;
    const larger = new Uint8Array(2 * size);
    larger.set(bytes);
    bytes = larger;
  }
}
