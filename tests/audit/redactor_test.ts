import { Redactor } from "../../src/audit/redactor.ts";
import { assert, assertEquals } from "../assert.ts";

const SECRET = { value: "pa$$wörd/1", label: "secret:token" };

Deno.test("F50 Redactor takes a secret out in each form in which it travels, wherever it stands", () => {
  const redactor = new Redactor();
  redactor.add([SECRET]);
  const encoded = encodeURIComponent(SECRET.value);
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(SECRET.value)));
  assertEquals(
    redactor.clean(`a ${SECRET.value}${SECRET.value} b`, 256),
    "a {{secret:token}}{{secret:token}} b",
  );
  assertEquals(
    redactor.clean(`/x?k=${encoded}&b=${base64}`, 256),
    "/x?k={{secret:token}}&b={{secret:token}}",
  );
});

Deno.test("F50 Redactor leaves no half of a secret where a text is cut, now or before it came", () => {
  const redactor = new Redactor(), value = "0123456789abcdefghij";
  redactor.add([{ value, label: "secret:x" }]);
  for (let cut = 1; cut < 60; cut++) {
    const text = `${"-".repeat(20)}${value}${"-".repeat(20)}`;
    const now = redactor.clean(text, cut), before = redactor.clean(`${text.slice(0, cut)}…`, 256);
    assert(!/[0-9]/.test(now), now);
    assert(!/[0-9]/.test(before), before);
  }
});

Deno.test("F50 Redactor takes the longer of two secrets that begin alike, and the longer half", () => {
  const redactor = new Redactor();
  redactor.add([{ value: "abc", label: "secret:short" }, { value: "abcdef", label: "secret:long" }]);
  assertEquals(redactor.clean("abcdef abc", 256), "{{secret:long}} {{secret:short}}");
  redactor.add([{ value: "zzabcdex", label: "secret:other" }]);
  assertEquals(redactor.clean("..zzabcd…", 256), "..{{secret:other}}…");
  redactor.add([{ value: "efxyz", label: "secret:tail" }]);
  assertEquals(redactor.clean("..abcdef…", 256), "..{{secret:long}}…");
  assertEquals(redactor.clean("..abcdefxyz..", 256), "..{{secret:long}}..");
});

Deno.test("F50 Redactor looks for a secret as long as one of those that gave it", () => {
  const redactor = new Redactor();
  redactor.add([SECRET]);
  redactor.add([SECRET, { value: "", label: "secret:none" }]);
  redactor.remove([SECRET]);
  assertEquals(redactor.clean(SECRET.value, 256), "{{secret:token}}");
  redactor.remove([SECRET]);
  assertEquals(redactor.clean(SECRET.value, 256), SECRET.value);
});
