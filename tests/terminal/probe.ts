/**
 * Starts a Worker exactly as a guest's is started, with a probe behind the guest's program that tries to reach out. Run
 * on a terminal, without `--no-prompt`: prints one line of JSON.
 */
import { GUEST_WORKER_TEXT } from "../../src/sandbox/guest_worker.gen.ts";
import { startWorker } from "../../src/sandbox/worker.ts";

const PROBE = `;(() => {
  const tries = {
    deno: () => Deno.readTextFileSync("/etc/hostname"),
    env: () => Deno.env.get("HOME"),
    fetch: () => fetch("http://127.0.0.1:1/"),
    worker: () => new Worker("data:text/javascript,"),
    process: () => process.env.HOME,
    function: () => (() => {}).constructor("return 1")(),
    evaluate: () => eval("1"),
    socket: () => new WebSocket("ws://127.0.0.1:1/"),
    storage: () => localStorage.setItem("a", "b"),
    ask: () => prompt("?"),
    confirm: () => confirm("?"),
  };
  const reached = [];
  for (const name of Object.keys(tries)) {
    try { tries[name](); reached.push(name); } catch {}
  }
  postMessage({ reached });
})();`;

/** What permissions a Worker holds that is started like a guest's, asked before the scope is emptied. */
const PERMISSIONS = `
  const held = [];
  for (const name of ["read", "write", "net", "env", "sys", "run", "ffi", "import"]) {
    if (Deno.permissions.querySync({ name }).state !== "denied") held.push(name);
  }
  let read = "refused";
  try { Deno.readTextFileSync("/etc/hostname"); read = "granted"; } catch {}
  postMessage({ held, read });`;

function answer(source: string): Promise<unknown> {
  const worker = startWorker({ name: "probe", source });
  return new Promise((resolve) => {
    worker.onmessage = (event) => {
      worker.terminate();
      resolve(event.data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      resolve({ error: event.message });
    };
  });
}

const which = Deno.args[0];
console.log(JSON.stringify(await answer(which === "permissions" ? PERMISSIONS : GUEST_WORKER_TEXT + PROBE)));
Deno.exit(0);
