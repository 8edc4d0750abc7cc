import { checkHeld, permissionFlags } from "../../src/sandbox/child_permissions.ts";
import { assertEquals, assertThrows } from "../assert.ts";

Deno.test("G57 permissionFlags() names what is given, and says nothing of what is not", () => {
  assertEquals(permissionFlags({}, []), []);
  assertEquals(
    permissionFlags({ read: [], write: [], net: [], run: [] }, []),
    [],
    "a flag alone would give all",
  );
  assertEquals(permissionFlags({ read: ["/a", "/b"], write: ["/b"] }, []), [
    "--allow-read=/a,/b",
    "--allow-write=/b",
  ]);
  assertEquals(permissionFlags({ net: ["example.com:443"], run: ["/bin/echo"] }, ["10.0.0.0/8", "[::1]"]), [
    "--allow-net=example.com:443",
    "--allow-run=/bin/echo",
    "--deny-net=10.0.0.0/8,[::1]",
  ]);
  assertEquals(permissionFlags({ net: true }, ["10.0.0.0/8"]), ["--allow-net", "--deny-net=10.0.0.0/8"]);
});

for (const kind of ["read", "write", "run"] as const) {
  Deno.test({
    name: `checkHeld() refuses what this process may not ${kind}`,
    permissions: { [kind]: ["/usr/bin/true"] },
    fn: () => {
      checkHeld({ [kind]: ["/usr/bin/true"] });
      assertThrows(
        () => checkHeld({ [kind]: ["/usr/bin/true", "/etc/hosts"] }),
        Deno.errors.NotCapable,
        "/etc/hosts",
      );
    },
  });
}

Deno.test({
  name: "G57 checkHeld() refuses hosts that this process may not reach",
  permissions: { net: ["example.com"] },
  fn: () => {
    checkHeld({ net: ["example.com:443"] });
    assertThrows(() => checkHeld({ net: ["example.org:443"] }), Deno.errors.NotCapable, "example.org:443");
    assertThrows(() => checkHeld({ net: true }), Deno.errors.NotCapable, "everything");
  },
});
