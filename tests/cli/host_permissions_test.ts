/** What is left of a process's permissions, looked at in a process of its own. */
import { assertEquals } from "../assert.ts";

const MODULE = new URL("../../src/cli/host_permissions.ts", import.meta.url).href;

/** What a process started with these flags may still read after revoking. */
async function left(
  flags: readonly string[],
  granted: readonly string[],
  kept: readonly string[],
  writes: readonly string[] = [],
): Promise<unknown> {
  const folder = await Deno.makeTempDir({ prefix: "aegis-permissions-" });
  try {
    const script = `
      import { revokePermissions } from ${JSON.stringify(MODULE)};
      const granted = ${JSON.stringify(granted)}, kept = { read: ${JSON.stringify(kept)}, write: ${
      JSON.stringify(writes)
    } };
      revokePermissions("worker", { granted: { read: granted, write: granted, net: [], env: [], run: [] }, kept });
      const state = (name, path) => Deno.permissions.querySync({ name, ...(path ? { path } : {}) }).state === "granted";
      const others = ["write", "net", "env", "sys", "run", "ffi", "import"].filter((name) => state(name));
      console.log(JSON.stringify({ read: granted.filter((path) => state("read", path)), all: state("read"), others,
        ...kept.write.length > 0 ? { written: granted.filter((path) => state("write", path)) } : {} }));`;
    await Deno.writeTextFile(`${folder}/main.ts`, script);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-prompt", "--no-check", ...flags, `${folder}/main.ts`],
    }).output();
    const text = new TextDecoder().decode(stdout);
    return text === "" ? new TextDecoder().decode(stderr) : JSON.parse(text);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("G57 revokePermissions() leaves nothing to a run without sensors", async () => {
  const granted = ["/a", "/b/t"];
  assertEquals(await left(["--allow-read=/a,/b/t", "--allow-env", "--allow-run=deno"], granted, []), {
    read: [],
    all: false,
    others: [],
  });
});

Deno.test("G57 revokePermissions() leaves the files of sensors, and nothing beside or above them", async () => {
  const granted = ["/a", "/b", "/b/t", "/b/u"];
  assertEquals(await left(["--allow-read=/a,/b,/b/t,/b/u", "--allow-net"], granted, ["/b/t"]), {
    read: ["/b/t"],
    all: false,
    others: [],
  });
});

Deno.test("G57 revokePermissions() leaves a directory that is kept, with what lies in it", async () => {
  const granted = ["/s/m.wasm", "/s", "/o"];
  assertEquals(await left(["--allow-read=/s/m.wasm,/s,/o"], granted, ["/s"]), {
    read: ["/s/m.wasm", "/s"],
    all: false,
    others: [],
  });
});

Deno.test("G57 revokePermissions() leaves the files of a log to write, and nothing that guests write", async () => {
  const granted = ["/l/log", "/l/log.1", "/d", "/l/log.1x"];
  const flags = [`--allow-read=${granted}`, `--allow-write=${granted}`], kept = ["/l/log", "/l/log.1"];
  assertEquals(await left(flags, granted, kept, kept), { read: kept, all: false, others: [], written: kept });
  assertEquals(await left(["--allow-all"], granted, kept, kept), {
    read: [],
    all: false,
    others: [],
    written: [],
  });
});

// A compiled program is granted everything: no part of that could be kept.
Deno.test("G57 revokePermissions() leaves nothing where reading was granted as a whole", async () => {
  assertEquals(await left(["--allow-all"], ["/b/t"], ["/b/t"]), { read: [], all: false, others: [] });
  assertEquals(await left(["--allow-read"], ["/a", "/b/t"], ["/b/t"]), { read: [], all: false, others: [] });
});
