// Runs a program under Node's own WASI, which guards nothing, and prints the times of its runs in milliseconds:
//     node node_wasi.mjs MODULE FOLDER ROUNDS ARGUMENTS...      FOLDER is /data to the guest
import { readFile } from "node:fs/promises";
import { WASI } from "node:wasi";

const [path, folder, rounds, ...args] = process.argv.slice(2);
const module = await WebAssembly.compile(await readFile(path)), times = [];
for (let round = 0; round < Number(rounds); round++) {
  const wasi = new WASI({
    version: "preview1",
    args: ["program", ...args],
    preopens: { "/data": folder },
    returnOnExit: true,
  });
  const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
  const started = performance.now();
  const status = wasi.start(instance);
  times.push(performance.now() - started);
  if (status !== 0) process.exit(status);
}
console.log(JSON.stringify(times));
