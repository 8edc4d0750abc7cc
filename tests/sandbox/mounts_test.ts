import { mountsOf, narrowMounts, type PathPorts, resolveGrants } from "../../src/sandbox/mounts.ts";
import { AegisError } from "../../src/core/errors.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { assertEquals, assertThrows } from "../assert.ts";

/** A system with a directory `/data`, a file `/data/file`, a link `/link` to the directory, and a device. */
const PORTS: PathPorts = {
  os: "linux",
  realPath: (path) => {
    if (path === "/missing") throw new Deno.errors.NotFound();
    if (path === "/secret") throw new Deno.errors.NotCapable();
    if (path === "/comma") return "/a,b";
    return path.replace(/^\/link/, "/data");
  },
  look: (path) => ({
    kind: path === "/dev/null" ? "other" : path.endsWith("file") ? "file" : "directory",
    device: 1,
    inode: path.length,
  }),
};

function grants(...paths: readonly string[]) {
  return FilesystemCapability.readOnly(paths.map((host) => ({ host, guest: host }))).grants;
}

function refused(path: string, ports: PathPorts = PORTS) {
  const { code, message } = assertThrows(() => resolveGrants(grants(path), ports), AegisError);
  return [code, message];
}

Deno.test("resolveGrants() follows links once, so that a link that is changed later leads nowhere else", () => {
  const [grant] = resolveGrants(grants("/link/x"), PORTS);
  assertEquals([grant?.hostPath, grant?.guestPath], ["/data/x", "/link/x"]);
});

Deno.test("resolveGrants() refuses what is not there, may not be read, is no file, or cannot be granted", () => {
  assertEquals(refused("/missing"), ["InvalidOption", 'Cannot grant "/missing": it does not exist']);
  assertEquals(refused("/secret"), ["InvalidOption", 'Cannot grant "/secret": this process may not read it']);
  assertThrows(
    () => mountsOf(grants("/dev/null"), PORTS),
    AegisError,
    "it is neither a file nor a directory",
  );
  assertEquals(refused("/comma"), [
    "InvalidOption",
    'Cannot grant "/comma": a path with a comma cannot be granted',
  ]);
});

Deno.test("resolveGrants() grants no files on Windows", () => {
  const windows = { ...PORTS, os: "windows" };
  assertEquals(refused("/data", windows)[0], "UnsupportedPlatform");
  assertEquals(resolveGrants([], windows), []);
});

Deno.test("mountsOf() makes a directory of its own of a single file", () => {
  const [directory, file] = mountsOf(grants("/data", "/data/file"), PORTS);
  assertEquals([directory?.hostPath, directory?.only], ["/data", undefined]);
  assertEquals([file?.hostPath, file?.guestPath, file?.only], ["/data", "/data/file", ["file"]]);
});

Deno.test("narrowMounts() takes rights away by place, and all of them where there is no grant", () => {
  const mounts = mountsOf(FilesystemCapability.full(["/data", "/other"]).grants, PORTS);
  const [first, second] = narrowMounts(mounts, grants("/data"));
  assertEquals([first?.read, first?.write, first?.create, first?.delete], [true, false, false, false]);
  assertEquals([second?.read, second?.write], [false, false]);
});

Deno.test("mountsOf() takes down what is there, and refuses what is being moved about", () => {
  const [directory] = mountsOf(grants("/data"), PORTS);
  assertEquals(directory?.identity, { device: 1, inode: 5 });
  let inode = 0;
  const restless: PathPorts = { ...PORTS, look: (path) => ({ ...PORTS.look(path), inode: inode++ }) };
  assertThrows(() => mountsOf(grants("/data"), restless), AegisError, "it is being moved about");
  const redirected: PathPorts = { ...PORTS, realPath: () => "/elsewhere" };
  assertThrows(() => mountsOf(grants("/data"), redirected), AegisError, "it is being moved about");
});
