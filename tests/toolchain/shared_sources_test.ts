/** How blocks of memory cross stands in templates and in examples: who reads one of them must not learn another way. */
import { assert, assertEquals } from "../assert.ts";

function read(path: string): string {
  return Deno.readTextFileSync(new URL(`../../${path}`, import.meta.url));
}

/** A function of a source, from its name to the brace in the first column. */
function functionOf(source: string, name: string): string {
  const start = source.search(new RegExp(`\\b(?:fn|function) ${name}\\b`));
  assert(start >= 0, name);
  return source.slice(start, source.indexOf("\n}\n", start));
}

Deno.test("aegis.h of the templates is that of the examples", () => {
  assertEquals(read("templates/library/c/aegis.h"), read("examples/guest/aegis.h"));
});

Deno.test("the allocators of the templates are those of the examples", () => {
  for (
    const [template, example, names] of [
      ["rust/src/content.rs", "greet.rs", ["layout", "aegis_alloc", "aegis_free", "taken"]],
      ["assemblyscript/content.ts", "greet.ts", ["aegis_alloc", "aegis_free"]],
    ] as const
  ) {
    const [ours, theirs] = [read(`templates/library/${template}`), read(`examples/guest/${example}`)];
    for (const name of names) assertEquals(functionOf(ours, name), functionOf(theirs, name), name);
  }
});
