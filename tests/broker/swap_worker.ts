/** Swaps the directory `d` with a link to what is outside as fast as it can, without the lock that brokers hold. */
interface WorkerScope {
  onmessage: (event: { data: { path: string; stop: Int32Array } }) => void;
  postMessage(message: string): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { path, stop } }) => {
  Deno.symlinkSync("../outside", `${path}/link`);
  while (Atomics.load(stop, 0) === 0) {
    Deno.renameSync(`${path}/d`, `${path}/away`);
    Deno.renameSync(`${path}/link`, `${path}/d`);
    Deno.renameSync(`${path}/d`, `${path}/link`);
    Deno.renameSync(`${path}/away`, `${path}/d`);
    Atomics.add(stop, 1, 1);
  }
  scope.postMessage("done");
};
