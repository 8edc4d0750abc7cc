// A Worker of Deno that runs a module, which its host terminates when time is up. There is nothing else that would bound it.
import { drive } from "./drive.mjs";

const PROGRAM = `onmessage = async ({ data }) => {
  try {
    const imports = { host: { said: (value) => postMessage({ said: value }) } };
    (await WebAssembly.instantiate(data, imports)).instance.exports.run();
    postMessage({ ended: "" });
  } catch (error) {
    postMessage({ ended: String(error) });
  }
};`;

await drive((bytes, { ask, say }) => {
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(PROGRAM)}`, { type: "module" });
  return {
    call: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          worker.terminate();
          reject(new Error("terminated"));
        }, ask.time);
        worker.onmessage = ({ data }) => {
          if (data.ended === undefined) return say(data.said);
          clearTimeout(timer);
          if (data.ended === "") resolve();
          else reject(new Error(data.ended));
        };
        worker.postMessage(bytes);
      }),
    close: () => worker.terminate(),
  };
});
