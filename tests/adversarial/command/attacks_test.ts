/**
 * Hostile programs through `aegis run`, on both engines and in both back ends, and through what `aegis compile` makes: what a
 * person sees of them is their status, what they printed and what is said of them, and what is outside stays as it is.
 */
import { assert, assertEquals, assertMatch } from "../../assert.ts";
import { assertUnseen, SECRET, type Tree, withTree } from "../files/tree.ts";
import { bytesOf, type Guest, GUESTS } from "./guests.ts";
import { byBinary, byCommand, byCompiledEntry, type Runner } from "./runners.ts";

/** Where a base binary for `deno compile` is. */
const base = Deno.env.get("DENORT_BIN");
if (base === undefined) {
  console.error("ignored: no base binary for deno compile; name a denort in DENORT_BIN");
}

/** What a host may have in a directory that it grants. */
async function furnish({ inside, canary }: Tree): Promise<void> {
  await Deno.mkdir(`${inside}/folder`);
  for (const name of ["file", "folder/file"]) await Deno.writeTextFile(`${inside}/${name}`, "mine");
  for (
    const [name, target] of [["link", canary], ["up", ".."], ["root", "/"], ["loop", "loop"], [
      "canary",
      "../outside/canary",
    ]] as const
  ) await Deno.symlink(target, `${inside}/${name}`);
  const { success } = await new Deno.Command("mkfifo", { args: [`${inside}/fifo`] }).output();
  assert(success, "mkfifo");
}

// deno-lint-ignore no-control-regex -- that is what must not be there
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

async function defend(guest: Guest, runner: Runner, flags: readonly string[] = []): Promise<void> {
  await withTree(async (tree) => {
    await furnish(tree);
    const cwd = tree.inside.replace(/\/inside$/, "");
    await Deno.writeFile(`${cwd}/guest.wasm`, bytesOf(guest));
    const { status, out, err } = await runner("guest.wasm", [...guest.flags ?? [], ...flags], cwd);
    assertEquals(status, guest.status, err);
    assertMatch(out, guest.prints ?? /^$/);
    if (guest.says !== undefined) assertMatch(err, guest.says);
    assertUnseen(out, err);
    assert(
      !err.includes(SECRET) && !err.includes("not to be told") && !CONTROLS.test(err),
      JSON.stringify(err),
    );
  });
}

/** Engines and back ends of the command; where guests are the same to all of them, the first is enough. */
const WAYS = [
  { way: "on v8 in a worker", flags: [], all: true },
  { way: "on v8 in a process", flags: ["--isolation=process"], all: false },
  { way: "on interpreter in a worker", flags: ["--engine=interpreter"], all: false },
] as const;

for (const { way, flags, all } of WAYS) {
  for (const [attack, guest] of Object.entries(GUESTS)) {
    if (!all && !guest.everywhere) continue;
    Deno.test(`${way}, ${attack}, by the command`, () => defend(guest, byCommand, flags));
  }
}

for (const [attack, guest] of Object.entries(GUESTS)) {
  Deno.test(`on v8 in a worker, H63 ${attack}, by the program that is compiled`, () =>
    defend(guest, byCompiledEntry));
}

Deno.test({
  name: "H63 the compiled binary withstands every attack (needs the base binary: DENORT_BIN)",
  ignore: base === undefined,
  fn: async () => {
    for (const guest of Object.values(GUESTS)) await defend(guest, byBinary);
  },
});
