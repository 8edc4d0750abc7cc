/** Takes the lock many times, and counts how many are inside at once; without atomics, so that a race shows. */
import { PathLock } from "../../src/broker/path_lock.ts";

interface WorkerScope {
  onmessage: (event: { data: { word: SharedArrayBuffer; shared: SharedArrayBuffer } }) => void;
  postMessage(message: string): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = ({ data: { word, shared } }) => {
  const lock = new PathLock(word), view = new Int32Array(shared);
  const add = (index: number, by: number) => view[index] = (view[index] ?? 0) + by;
  for (let i = 0; i < 20_000; i++) {
    lock.hold(() => {
      view[1] = Math.max(view[1] ?? 0, add(0, 1));
      add(2, 1);
      add(0, -1);
    });
  }
  scope.postMessage("done");
};
