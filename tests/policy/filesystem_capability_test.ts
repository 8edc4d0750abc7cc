import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { assert, assertEquals } from "../assert.ts";
import { assertRefused } from "./refusal.ts";

function rights(capability: FilesystemCapability): string {
  const [grant] = capability.grants;
  assert(grant !== undefined);
  return (["read", "write", "create", "delete"] as const).filter((right) => grant[right]).join(" ");
}

Deno.test("FilesystemCapability gives each builder its rights and no more", () => {
  assertEquals(rights(FilesystemCapability.readOnly(["/d"])), "read");
  assertEquals(rights(FilesystemCapability.writeOnly(["/d"])), "write create");
  assertEquals(rights(FilesystemCapability.readWrite(["/d"])), "read write create");
  assertEquals(rights(FilesystemCapability.full(["/d"])), "read write create delete");
  assertEquals(rights(FilesystemCapability.custom({ paths: ["/d"], delete: true })), "delete");
});

Deno.test("FilesystemCapability.readWrite() keeps host paths and normalises guest paths", () => {
  const { kind, grants } = FilesystemCapability.readWrite(
    ["./in/", { host: "../out", guest: "/out/" }, ".", "/"],
    { maxFileSize: "1MiB", totalBytes: 10 },
  );
  assertEquals(kind, "filesystem");
  assertEquals(grants.map(({ hostPath, guestPath }) => [hostPath, guestPath]), [
    ["./in/", "in"],
    ["../out", "/out"],
    [".", "."],
    ["/", "/"],
  ]);
  assertEquals(grants.map(({ maxFileSize, totalBytes }) => [maxFileSize, totalBytes])[0], [1048576, 10]);
});

Deno.test("FilesystemCapability returns what cannot be changed", () => {
  const capability = FilesystemCapability.readOnly(["/d"]);
  for (const object of [capability, capability.grants, capability.grants[0]]) assert(Object.isFrozen(object));
});

Deno.test("FilesystemCapability refuses host paths that cannot be granted", () => {
  for (const path of ["", "a\0b", "/a,b", "\ud800"]) {
    assertRefused(() => FilesystemCapability.readOnly([path]), "filesystem.host");
    assertRefused(() => FilesystemCapability.full([{ host: path, guest: "/g" }]), "filesystem.host");
  }
});

Deno.test("FilesystemCapability refuses guest paths that no guest could mean", () => {
  for (const guest of ["", "..", "/..", "/a/../b", "a//b", "//a", "a\0", "\ud800"]) {
    assertRefused(() => FilesystemCapability.readOnly([{ host: "/h", guest }]), "filesystem.guest");
  }
  assertRefused(() => FilesystemCapability.readOnly(["../x"]), "filesystem.guest");
});

Deno.test("FilesystemCapability takes .. for a part of a name where it is one", () => {
  const [grant] = FilesystemCapability.readOnly([{ host: "/h", guest: "/..a/b.." }]).grants;
  assertEquals(grant?.guestPath, "/..a/b..");
});

Deno.test("FilesystemCapability refuses lists, bounds and keys that mean nothing", () => {
  // As callers without types pass them.
  const text = "/data" as unknown as string[],
    misspelt = { maxFilesize: 1 } as unknown as { maxFileSize: number };
  for (const paths of [[], text]) {
    assertRefused(() => FilesystemCapability.readOnly(paths), "filesystem.paths");
  }
  assertRefused(() => FilesystemCapability.readWrite(["/d"], misspelt), "filesystem.maxFilesize");
  assertRefused(() => FilesystemCapability.full(["/d"], { maxFileSize: 1.5 }), "filesystem.maxFileSize");
  assertRefused(() => FilesystemCapability.full(["/d"], { totalBytes: "many" }), "filesystem.totalBytes");
  assertRefused(() => FilesystemCapability.custom({ paths: ["/d"] }), "filesystem");
});
