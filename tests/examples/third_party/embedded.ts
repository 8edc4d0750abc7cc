/** WebAssembly that packages carry inside their JavaScript: as base64, or as an array of numbers. */
import { packageText } from "./package_file.ts";

/** `\0asm` and the first byte of the version, in base64. */
const BASE64_MODULE = /AGFzbQ[A-Za-z0-9+/]+=*/g;

/** `\0asm` and the version as numbers, perhaps with comments between them, up to the closing bracket. */
const ARRAY_MODULE = /\[((?:\s*\/\/.*\n)*\s*0,\s*97,\s*115,\s*109,[^\]]*)\]/g;

/** The modules that a text holds as base64, in order. */
export function base64Modules(text: string): Uint8Array[] {
  return [...text.matchAll(BASE64_MODULE)].map(([base64]) => Uint8Array.fromBase64(base64));
}

/** The modules that a text holds as arrays of numbers, in order. */
export function arrayModules(text: string): Uint8Array[] {
  return [...text.matchAll(ARRAY_MODULE)].map(([, list = ""]) =>
    Uint8Array.from(list.replace(/\/\/.*/g, "").match(/\d+/g) ?? [], Number)
  );
}

/** The first module that a file of a package holds in either form. */
export async function embeddedModule(name: string, path: string): Promise<Uint8Array> {
  const text = await packageText(name, path);
  const [module] = [...base64Modules(text), ...arrayModules(text)];
  if (module === undefined) throw new Error(`"${path}" of "${name}" holds no WebAssembly`);
  return module;
}
