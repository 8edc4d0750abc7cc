/** The bytes of the interpreter's core for modules with these memories. */
export function buildCore(_memories: readonly ("i32" | "i64")[]): Uint8Array<ArrayBuffer> {
  throw new Error("the interpreter is not part of this build");
}
