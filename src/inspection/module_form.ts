/** First bytes of every module in binary form. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d] as const;

/** Forms in which a module can be given. */
export type ModuleForm = "wasm" | "wat";

/** Tells text from binary by content: a name can lie, and stdin has none. Text cannot hold a NUL. */
export function moduleForm(bytes: Uint8Array): ModuleForm {
  if (bytes.length === 0 || MAGIC.every((byte, index) => bytes[index] === byte)) return "wasm";
  return bytes.includes(0) || !isText(bytes) ? "wasm" : "wat";
}

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, 4096), { stream: true });
    return true;
  } catch {
    return false;
  }
}
