// @ts-nocheck AssemblyScript: its types are not those of TypeScript.
import { give, take } from "./content";

export { aegis_alloc, aegis_free } from "./content";

const HEAD = '{"status":200,"headers":[["content-type","text/plain; charset=utf-8"]],"body":"';

/** The path as JSON has it, without its quotes: it is put into JSON again. A parser of JSON would be a package. */
function pathOf(request: string): string {
  const key = '"path":"', at = request.indexOf(key);
  if (at < 0) return "/";
  const start = at + key.length;
  let end = start;
  while (end < request.length && request.charAt(end) != '"') end += request.charAt(end) == "\\" ? 2 : 1;
  return request.substring(start, end);
}

export function handle(address: usize, length: u32): u64 {
  return give(HEAD + "Hello from {{name}}: " + pathOf(take(address, length)) + '\\n"}');
}
