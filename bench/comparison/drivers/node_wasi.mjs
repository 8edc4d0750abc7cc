// `node:wasi` in a Worker of Node, which its host terminates when time is up: `node --no-warnings node_wasi.mjs JSON`.
import { WASI } from "node:wasi";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { drive } from "./drive.mjs";

/** In the Worker. */
async function run({ bytes, folder }) {
  const wasi = new WASI({
    version: "preview1",
    preopens: folder === undefined ? {} : { "/data": folder },
    returnOnExit: true,
  });
  const host = { said: (value) => parentPort.postMessage({ said: value }) };
  try {
    const { instance } = await WebAssembly.instantiate(bytes, { ...wasi.getImportObject(), host });
    wasi.initialize(instance);
    instance.exports.run();
    parentPort.postMessage({ ended: "" });
  } catch (error) {
    parentPort.postMessage({ ended: String(error) });
  }
}

function open(bytes, { ask, say }) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { bytes, folder: ask.folder } });
  return {
    call: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          worker.terminate();
          reject(new Error("terminated"));
        }, ask.time);
        worker.on("message", ({ said, ended }) => {
          if (ended === undefined) return say(said);
          clearTimeout(timer);
          if (ended === "") resolve();
          else reject(new Error(ended));
        });
      }),
    close: () => worker.terminate(),
  };
}

if (isMainThread) await drive(open);
else await run(workerData);
