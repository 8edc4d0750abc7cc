// The checks in node:wasi, in a Worker of Node: `node node_wasi.mjs CHECK MODULE FOLDER [ARGUMENT…]`. It counts nothing.
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

async function restlessness() {
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** In the Worker. */
async function run({ bytes, folder, args }) {
  const wasi = new WASI({
    version: "preview1",
    args: ["program", ...args],
    preopens: { "/data": folder },
    returnOnExit: true,
  });
  const { instance } = await WebAssembly.instantiate(bytes, wasi.getImportObject());
  try {
    const { run } = instance.exports;
    parentPort.postMessage(`returned ${run === undefined ? wasi.start(instance) : run()}`);
  } catch (error) {
    parentPort.postMessage(String(error));
  }
}

async function answer() {
  const [check, file, folder, ...args] = process.argv.slice(2);
  if (check === "fuel") return { answer: "none", detail: "" };
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { bytes: await readFile(file), folder, args },
    stdout: true,
    stderr: true,
  });
  let said = "";
  const ended = new Promise((resolve) => worker.on("message", (text) => resolve(said = text)));
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1500))]);
  await worker.terminate();
  if (check === "loop" || check === "caught") {
    const busy = await restlessness();
    const detail = `after terminate() ${busy.toFixed()} ms of processor time in a second`;
    return { answer: busy < 200 ? "yes" : "no", detail };
  }
  const right = check === "link" || check === "readonly" ? said !== "returned 0" : said === "returned 0";
  return { answer: right ? "yes" : "no", detail: said };
}

if (isMainThread) {
  console.log(JSON.stringify(await answer()));
  process.exit(0);
} else {
  await run(workerData);
}
