import { gunzipSync } from "node:zlib";

/** Bytes of a header, and what contents are rounded up to. */
const BLOCK = 512;

/** Where a header's fields lie: ustar, as POSIX.1-1988 has it. */
const FIELDS = { name: [0, 100], size: [124, 136], type: [156, 157], prefix: [345, 500] } as const;

/**
 * Writes the directories and files of a tar in gzip below a folder. It knows what the packages use and refuses the rest:
 * links, devices, extended headers.
 *
 * @throws {Error} for other entries, and for names that would leave the folder
 */
export async function unpackTar(packed: Uint8Array, folder: string): Promise<void> {
  const bytes = gunzipSync(packed), decoder = new TextDecoder();
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const header = bytes.subarray(at, at + BLOCK);
    const field = (name: keyof typeof FIELDS) => {
      const [from, to] = FIELDS[name],
        text = decoder.decode(header.subarray(from, to)),
        end = text.indexOf("\0");
      return (end < 0 ? text : text.slice(0, end)).trim();
    };
    const prefix = field("prefix"), name = prefix === "" ? field("name") : `${prefix}/${field("name")}`;
    const type = field("type"), size = parseInt(field("size"), 8);
    if (name.startsWith("/") || name.split("/").includes("..")) throw new Error(`Cannot unpack "${name}"`);
    at += BLOCK;
    if (type === "5") await Deno.mkdir(`${folder}/${name}`, { recursive: true });
    else if (type === "0" || type === "") {
      await Deno.writeFile(`${folder}/${name}`, bytes.subarray(at, at + size));
    } else throw new Error(`Cannot unpack "${name}" of type "${type}"`);
    at += Math.ceil(size / BLOCK) * BLOCK;
  }
}
