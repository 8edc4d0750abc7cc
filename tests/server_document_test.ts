/** The curl commands of docs/server.md do what stands beside them, at a real server. */
import { assert, assertEquals, assertStringIncludes } from "./assert.ts";
import { readCodeBlocks } from "./markdown.ts";
import { aegis, ServerProcess } from "./cli/server_process.ts";

const ROOT = new URL("../", import.meta.url);
const BLOCKS = readCodeBlocks(Deno.readTextFileSync(new URL("docs/server.md", ROOT)));

async function curlAvailable(): Promise<boolean> {
  try {
    return (await new Deno.Command("curl", { args: ["--version"], stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

const available = await curlAvailable() && Deno.build.os !== "windows";
if (!available) console.log("curl is not on this machine: the commands of docs/server.md are not run");

/** The commands of a block, each with its lines joined. */
function commandsOf(language: string): string[] {
  const block = BLOCKS.find((block) => block.language === language && block.text.includes("curl "));
  assert(block !== undefined, language);
  return block.text.replaceAll(/\\\n */g, "").split("\n").filter((line) => line.startsWith("curl "));
}

/** Runs a command in a shell. @returns what it prints, which is JSON */
async function run(
  command: string,
  { cwd, env = {} }: { readonly cwd: string; readonly env?: Record<string, string> },
) {
  const { code, stdout, stderr } = await new Deno.Command("sh", {
    args: ["-c", command.replace("curl ", "curl -sS ")],
    cwd,
    env,
    stdin: "null",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test({
  name: "the commands that the README of WASM-OS shows do what it says, and so do the other endpoints",
  ignore: !available,
  async fn() {
    await using server = await ServerProcess.start(["--no-auth"]);
    const bytes = JSON.stringify([...await Deno.readFile(new URL("examples/simple.wasm", ROOT))]);
    const [load = "", start = "", stats = "", show = "", ...more] = commandsOf("bash");
    assertEquals(more, []);
    let id = "";
    const ask = (command: string) =>
      run(
        command.replace("http://localhost:8080", server.url.replace("127.0.0.1", "localhost")).replace(
          "[...]",
          bytes,
        )
          .replace("{task-id}", id),
        { cwd: server.data },
      );
    const loaded = await ask(load);
    assertEquals(loaded, { success: true, data: loaded.data, error: null });
    id = loaded.data;
    assertEquals((await ask(start)).success, true);
    let info = await ask(show);
    for (const end = performance.now() + 10_000; info.data.status !== "completed"; info = await ask(show)) {
      assert(performance.now() < end, info.data.status);
    }
    const [{ duration_us, timestamp, ...record }] = info.data.execution_history;
    assertEquals(record, { success: true, error: null, instructions: 4, syscalls: 0 });
    assert(duration_us > 0 && Math.abs(timestamp - Date.now() / 1000) < 60);
    assertEquals((await ask(stats)).data, {
      total_tasks: 1,
      running_tasks: 0,
      failed_tasks: 0,
      total_instructions: 4,
      total_syscalls: 0,
    });
    const tasks = `http://localhost:8080/tasks`;
    assertEquals((await ask(`curl ${tasks}`)).data[0].name, "sensor-reader");
    for (const action of ["pause", "stop"]) {
      const refused = await ask(`curl -X POST ${tasks}/{task-id}/${action}`);
      assertEquals([refused.success, refused.data], [false, null]);
      assertStringIncludes(refused.error, `Cannot ${action} a task that is "completed"`);
    }
    assertEquals(await ask(`curl -X DELETE ${tasks}/{task-id}`), { success: true, data: null, error: null });
    assertEquals((await ask(`curl ${tasks}`)).data, []);
  },
});

Deno.test({
  name: "the commands of docs/server.md for /api/v1 keep a module and run it, with a token",
  ignore: !available,
  async fn() {
    await using server = await ServerProcess.start();
    await Deno.copyFile(new URL("examples/simple.wasm", ROOT), `${server.data}/add.wasm`);
    const [keep = "", once = ""] = commandsOf("sh"), place = { cwd: server.data, env: server.environment };
    const { hash, name } = await run(keep, place);
    assertEquals(name, "add");
    const ended = await run(
      once.replace("HASH", hash).replace('"function": "add", "args": [5, 10]', '"function": "main"'),
      place,
    );
    assertEquals([ended.status, ended.results], ["succeeded", [42]]);
    const missing = await run(once.replace("HASH", hash), place);
    assertEquals([missing.status, missing.outcome], ["failed", "FunctionNotFound"]);
    const { error } = await run(once.replace("HASH", "0".repeat(64)), place);
    assertEquals(error.code, "NotFound");
    assertEquals((await aegis(["task", "list", "--state", "failed"], { env: server.environment })).code, 0);
  },
});
