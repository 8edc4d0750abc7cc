// The checks in a bare Worker of Deno: `deno run -A worker.js CHECK MODULE`. It offers no files, and counts nothing.
import process from "node:process";

const [check, file] = Deno.args;

async function restlessness() {
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function answer() {
  if (["link", "readonly", "fuel"].includes(check)) return { answer: "none", detail: "" };
  const program = `onmessage = async ({ data }) => {
    const { instance } = await WebAssembly.instantiate(data);
    postMessage("started");
    try { postMessage("returned " + instance.exports.run()); } catch (error) { postMessage(String(error)); }
  };`;
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(program)}`, { type: "module" });
  const said = [];
  const ended = new Promise((resolve) =>
    worker.onmessage = ({ data }) => {
      said.push(data);
      if (said.length === 2) resolve();
    }
  );
  worker.postMessage(await Deno.readFile(file));
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1500))]);
  worker.terminate();
  if (check === "loop" || check === "caught") {
    const busy = await restlessness();
    const detail = `after terminate() ${busy.toFixed()} ms of processor time in a second`;
    return { answer: busy < 200 ? "yes" : "no", detail };
  }
  return { answer: said[1] === "returned 0" ? "yes" : "no", detail: said[1] ?? "" };
}

console.log(JSON.stringify(await answer()));
Deno.exit(0);
