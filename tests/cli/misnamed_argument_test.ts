import { misnamedArgument } from "../../src/cli/misnamed_argument.ts";
import { NO_GRANTS } from "../../src/manifest/grants.ts";
import { assertEquals } from "../assert.ts";

function said(args: readonly string[], ...granted: readonly (readonly [host: string, guest: string])[]) {
  const directories = granted.map(([host, guest]) => ({ host, guest, rights: "read" }) as const);
  return misnamedArgument({ args, grants: { ...NO_GRANTS, directories } });
}

Deno.test("misnamedArgument() gives the guest's name of what an argument names as this machine does", () => {
  const sentence = (word: string, name: string) =>
    `The guest finds "${word}" under the name that was granted: "${name}"`;
  assertEquals(said(["-n", "/here/a/b"], ["/here", "."]), sentence("/here/a/b", "a/b"));
  assertEquals(said(["/here/a/b"], ["/here/a", "a"]), sentence("/here/a/b", "a/b"));
  assertEquals(said(["/here"], ["/here", "."]), sentence("/here", "."));
});

Deno.test("misnamedArgument() says nothing of words that are right, or that nothing was granted for", () => {
  assertEquals(said(["a/b", "/etc/x", "/hereafter"], ["/here", "."]), undefined);
  assertEquals(said(["/here/a"], ["/here", "."], ["/x", "/here"]), undefined);
  assertEquals(said(["/here/a"], ["/here", "/in"]), undefined);
});
