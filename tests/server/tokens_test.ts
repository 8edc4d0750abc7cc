import { Tokens } from "../../src/server/tokens.ts";
import { AegisError } from "../../mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

function file(text?: string) {
  const kept = { text, read: () => kept.text, write: (next: string) => void (kept.text = next) };
  return kept;
}

Deno.test("G59 Tokens keep hashes alone, and know whose secret it is", () => {
  const kept = file(),
    tokens = new Tokens(kept),
    admin = tokens.add("admin", "admin", 1),
    reader = tokens.add("reader", "read", 2);
  assert(admin.length >= 48 && admin !== reader);
  assert(!kept.text?.includes(admin) && !kept.text?.includes(reader.slice(6)));
  const again = new Tokens(kept);
  assertEquals([again.verify(admin)?.name, again.verify(reader)?.role], ["admin", "read"]);
  for (const wrong of ["", "aegis_", `${admin} `, admin.slice(0, -1), admin.toUpperCase()]) {
    assertEquals(again.verify(wrong), undefined);
  }
  again.remove("reader");
  assertEquals(again.verify(reader), undefined);
  assertEquals(again.list(), [{ name: "admin", role: "admin", createdAt: 1 }]);
});

Deno.test("G59 Tokens refuse names twice, none, or wrong, the removal of the last that may do everything, and a damaged file", () => {
  const tokens = new Tokens(file());
  tokens.add("one", "admin", 0);
  const code = (work: () => void) => assertThrows(work, AegisError).code;
  assertEquals(code(() => tokens.add("one", "read", 0)), "WrongState");
  for (const name of ["", "a b", "a/b", "é", "a".repeat(65)]) {
    assertEquals(code(() => tokens.add(name, "read", 0)), "InvalidOption", name);
  }
  assertEquals(code(() => tokens.remove("one")), "WrongState");
  assertEquals(code(() => tokens.remove("two")), "NotFound");
  for (let count = 1; count < 100; count++) tokens.add(`t${count}`, "read", 0);
  assertEquals(code(() => tokens.add("more", "read", 0)), "Full");
  for (const text of ["", "{", "{}", "[1]", '[{"name":"a","role":"root","createdAt":0,"hash":"00"}]']) {
    assertEquals(code(() => new Tokens(file(text))), "InvalidOption", text);
  }
});
