/**
 * Functions that answer HTTP requests, each a module of somebody else's, behind one address. Each request has an instance of its
 * own; one that never answers ends as 504, and the others do not notice.
 *
 *     deno run -A --unstable-no-legacy-abort examples/http/main.ts [PORT]
 *
 * With a port it listens there until it is ended; without one it asks itself. The flag keeps Deno's server from a warning.
 */
import { Aegis } from "../../mod.ts";
import { httpHandler, httpSite } from "../../wrappers.ts";

await using runtime = await Aegis.create({ memoryLimit: "16MiB", fuelLimit: "500M", timeout: "10s" });

const load = (file: string) => runtime.loadFile(new URL(file, import.meta.url));
await using hello = httpHandler(runtime, await load("hello.wasm"), { route: "/hello", name: "hello" });
await using handle = httpHandler(runtime, await load("handle.wasm"), { route: "/handle", name: "handle" });
await using shout = httpHandler(runtime, await load("shout.wasm"), { route: "/shout", name: "shout" });
await using spin = httpHandler(runtime, await load("spin.wat"), { route: "/spin", name: "spin" });

const port = Number(Deno.args[0] ?? 0), log: string[] = [];
const site = httpSite({
  modules: [hello, handle, shout, spin],
  onAccess: ({ method, target, status, module }) => {
    const line = `${status} ${method} ${target} by ${module ?? "nobody"}`;
    if (port > 0) console.log(line);
    else log.push(line);
  },
});

const server = Deno.serve(
  { port, hostname: "127.0.0.1", onListen: () => {} },
  (request, info) => site.fetch(request, info),
);
if (port > 0) {
  console.log(`Ask http://127.0.0.1:${port}/hello/you, /handle/you, /shout, /spin`);
} else {
  const ask = async (path: string, body?: string) => {
    const request = body === undefined ? {} : { method: "POST", body };
    const answer = await fetch(`http://127.0.0.1:${server.addr.port}${path}`, request);
    console.log(answer.status, JSON.stringify(await answer.text()));
  };
  await ask("/hello/you?lang=en");
  await ask("/shout", "can you hear me?");
  await Promise.all([ask("/spin"), ask("/handle/you")]);
  await ask("/nobody");
  await server.shutdown();
  console.log(log.join("\n"));
}
await server.finished;
