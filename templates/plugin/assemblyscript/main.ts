// @ts-nocheck AssemblyScript: its types are not those of TypeScript.
import { give, take } from "./content";

export { aegis_alloc, aegis_free } from "./content";

export function greet(address: usize, length: u32): u64 {
  return give("Hello, " + take(address, length) + "!");
}
