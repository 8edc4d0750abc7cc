// The checks in Extism's SDK for JavaScript on Deno, in its Worker: `deno run -A extism.js CHECK MODULE FOLDER PACKAGE`.
import process from "node:process";

const [check, file, folder, name] = Deno.args, { default: createPlugin } = await import(name);

async function restlessness() {
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

async function answer() {
  if (check === "fuel") return { answer: "none", detail: "" };
  const files = check === "link" || check === "readonly";
  let detail;
  try {
    const options = { runInWorker: true, timeoutMs: 500, useWasi: files, memory: { maxPages: 64 } };
    const plugin = await createPlugin({ wasm: [{ data: await Deno.readFile(file) }] }, {
      ...options,
      ...files ? { allowedPaths: { "/data": folder } } : {},
    });
    await plugin.call(files ? "_start" : "run");
    detail = "returned 0";
  } catch (error) {
    detail = String(error?.message ?? error);
  }
  if (files) return { answer: "none", detail };
  if (check === "loop" || check === "caught") {
    const busy = await restlessness();
    return {
      answer: busy < 200 ? "yes" : "no",
      detail: `${detail}; then ${busy.toFixed()} ms of processor time in a second`,
    };
  }
  return { answer: detail === "returned 0" ? "yes" : "no", detail };
}

console.log(JSON.stringify(await answer()));
Deno.exit(0);
