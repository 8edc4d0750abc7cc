/** What is given for a module and is none, told by its first bytes: nobody is helped by what a parser says of it. */

/** What whoever built for another interface than WASI preview 1 can do. */
export const REBUILD = "Build it for preview 1, in Rust with the target wasm32-wasip1.";

/** What a component is told, behind its name: Aegis could run it if it were built otherwise. */
export const IS_COMPONENT = "it is a component, of WASI preview 2; Aegis runs core modules";

/** First bytes of a component in binary form, behind those that a module begins with, too. */
const COMPONENT_VERSION = [0x0d, 0x00, 0x01, 0x00] as const;

/** Whether bytes begin as every module and every component in binary form does. */
export function hasMagic(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
}

/** Whether bytes begin as a component in binary form. */
export function isComponent(bytes: Uint8Array): boolean {
  return hasMagic(bytes) && COMPONENT_VERSION.every((byte, index) => bytes[4 + index] === byte);
}
