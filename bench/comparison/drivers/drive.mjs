// What every driver in JavaScript does, on Deno and on Node, and `wasmtime_driver.py` in Python: runs guests as the JSON of its one
// argument says, and prints what it sees, a line of JSON each. It judges nothing. See `Ask` and `Line` in bench/comparison/seen.ts.
//
// A driver gives a function `open(bytes, { ask, say })`, which makes whatever it is that a guest lives in, with every bound
// that there is, and resolves to `call()`, which runs it to its end, `close()`, and where they are offered `used()`, the fuel
// that it took, and `told()`, what it was refused, as texts.
import { readFile } from "node:fs/promises";
import process from "node:process";

/** A host that has not been told of the end after this many milliseconds is not told at all. */
const PATIENCE = 8000;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How a call ended, and after how long. */
async function endOf(work) {
  const began = performance.now();
  const ended = await Promise.race([
    work().then(
      () => ({ how: "returned", text: "" }),
      (error) => ({ how: "stopped", text: `${error?.message ?? error}` }),
    ),
    sleep(PATIENCE).then(() => ({ how: "silent", text: "" })),
  ]);
  return { ...ended, text: ended.text.split("\n")[0].trim(), after: performance.now() - began };
}

/** Milliseconds of processor time that the process takes in a second in which nothing is asked of it. */
async function idle() {
  const before = process.cpuUsage();
  await sleep(1000);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

export async function drive(open) {
  const ask = JSON.parse(process.argv[2]), bytes = new Uint8Array(await readFile(ask.guest));
  const print = (line) => console.log(JSON.stringify(line));

  /** One call of a module. */
  async function attempt(module, say) {
    let opened;
    const ended = await endOf(async () => {
      opened = await open(module, { ask, say });
      await opened.call();
    });
    return { ended, opened };
  }

  if (ask.times > 0) {
    for (let round = 0; round < ask.times; round++) {
      const began = performance.now(), { ended, opened } = await attempt(bytes, () => {});
      if (ended.how !== "returned") throw new Error(ended.text);
      await opened.close();
      print({ time: performance.now() - began });
    }
    process.exit(0);
  }
  const { ended, opened } = await attempt(bytes, (said) => print({ said }));
  print({ ended });
  const told = await opened?.told?.();
  if (told !== undefined) print({ told });
  const used = await opened?.used?.();
  if (used !== undefined) print({ used });
  if (ask.then !== undefined) {
    print({ idle: await idle() });
    const after = await attempt(new Uint8Array(await readFile(ask.then)), (later) => print({ later }));
    if (after.ended.how !== "returned") print({ refused: after.ended.text });
  }
  process.exit(0); // with threads that may still compute
}
