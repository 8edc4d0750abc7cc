// The calls of `bench/peers_bench.ts` in Extism's SDK for JavaScript, in a process of its own: prints JSON. Its arguments
// are the package, a file with a module, and how many rounds.
const [name, file, rounds] = Deno.args, { default: createPlugin } = await import(name);
const bytes = await Deno.readFile(file);

// The SDK starts its Worker with a flag of Node which Deno refuses ("invalid execArgv flags").
const nodeWorkerArgs = { execArgv: [] };

const open = () =>
  createPlugin({ wasm: [{ data: bytes }] }, { runInWorker: true, useWasi: false, nodeWorkerArgs });

async function each(count, work) {
  const times = [];
  for (let index = 0; index < count; index++) {
    const began = performance.now();
    await work();
    times.push(performance.now() - began);
  }
  return times;
}

async function cold() {
  const plugin = await open();
  await plugin.call("nothing");
  await plugin.close();
}

await each(3, cold);
const colds = await each(Number(rounds), cold);
const plugin = await open();
await each(500, () => plugin.call("nothing"));
const calls = await each(100 * Number(rounds), () => plugin.call("nothing"));
await plugin.close();
console.log(JSON.stringify({ colds, calls }));
