/** A folder for one test, and what is in it. */

/** Makes a folder, with its links resolved, and removes it afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "aegis_programs_" }));
  try {
    return await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Bytes as hexadecimal SHA-256. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/**
 * All that is below a folder: for each path below it the kind, the time of change in milliseconds, and size and digest
 * of a file or the target of a link. Two that are equal are the same tree.
 */
export async function snapshot(folder: string): Promise<Record<string, string>> {
  const found: [path: string, facts: string][] = [];
  const visit = async (path: string) => {
    for await (const { name } of Deno.readDir(`${folder}/${path}`)) {
      const below = `${path}${name}`, { mtime, ...info } = await Deno.lstat(`${folder}/${below}`);
      const time = mtime?.getTime();
      if (info.isSymlink) found.push([below, `link to ${await Deno.readLink(`${folder}/${below}`)}`]);
      else if (info.isDirectory) {
        found.push([below, `directory of ${time}`]);
        await visit(`${below}/`);
      } else {
        const bytes = await Deno.readFile(`${folder}/${below}`);
        found.push([below, `${bytes.length} bytes of ${time}: ${await sha256(bytes)}`]);
      }
    }
  };
  await visit("");
  return Object.fromEntries(found.toSorted(([left], [right]) => left < right ? -1 : 1));
}
