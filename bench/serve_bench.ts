/**
 * `deno task bench:serve`: modules that answer HTTP requests, beside a plain handler, by a client in another process over
 * loopback. Requests per second, and the time that 99 of 100 take no longer than. Every answer is looked at: none may be lost.
 *
 *     deno task bench:serve [requests of the largest run, 10000]
 */
import { Aegis } from "../mod.ts";
import type { Figure } from "./page/figure.ts";
import { writeFigures } from "./page/write_figures.ts";
import { httpHandler, type HttpOptions } from "../wrappers.ts";

const CONNECTIONS = 16,
  MOST = Number(Deno.args[0] ?? 10_000),
  EXAMPLES = new URL("../examples/http/", import.meta.url);

/** What the client found. */
interface Load {
  readonly right: number;
  readonly perSecond: number;
  readonly median: number;
  readonly p99: number;
}

/** The client: a program of its own, so that its work is not that of the server. */
const CLIENT = `
const [port, requests, connections, path] = Deno.args, times = [];
let left = Number(requests), right = 0;
const began = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, async () => {
  while (left-- > 0) {
    const start = performance.now();
    const response = await fetch(\`http://127.0.0.1:\${port}\${path}\`);
    await response.bytes();
    times.push(performance.now() - start);
    if (response.status === 200) right++;
  }
}));
const seconds = (performance.now() - began) / 1000;
times.sort((a, b) => a - b);
const at = (part) => times[Math.min(times.length - 1, Math.floor(times.length * part))];
console.log(JSON.stringify({ right, perSecond: times.length / seconds, median: at(0.5), p99: at(0.99) }));
`;

async function load(port: number, requests: number, path = "/"): Promise<Load> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--allow-net=127.0.0.1",
      client,
      `${port}`,
      `${requests}`,
      `${CONNECTIONS}`,
      path,
    ],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)) as Load; // the program above writes it
}

function listen(fetch: (request: Request) => Response | Promise<Response>): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, fetch);
}

const figures: Figure[] = [];

function show(name: string, requests: number, { right, perSecond, median, p99 }: Load): void {
  figures.push(
    { name, value: perSecond, unit: "/s" },
    { name: `${name}, p99`, value: p99, unit: "ms" },
    { name: `${name}, answers that were not right`, value: requests - right, unit: "", most: 0 },
  );
  console.log(
    `${name.padEnd(44)}${perSecond.toFixed(0).padStart(8)}/s   median ${median.toFixed(1)} ms   p99 ${
      p99.toFixed(1)
    } ms   ${right}/${requests} right`,
  );
}

const client = await Deno.makeTempFile({ suffix: ".js" });
await Deno.writeTextFile(client, CLIENT);

const plain = listen(() => new Response("hello"));
await load(plain.addr.port, 1000);
show("plain handler", MOST, await load(plain.addr.port, MOST));

await using runtime = await Aegis.create({ memoryLimit: "16MiB", timeout: "5s" });

async function measure(
  name: string,
  file: string,
  requests: number,
  options: HttpOptions = {},
): Promise<void> {
  const handler = httpHandler(runtime, await runtime.loadFile(new URL(file, EXAMPLES).pathname), {
    concurrency: 4,
    warm: 4,
    waiting: 1000,
    waitTimeout: "30s",
    ...options,
  });
  await handler.ready();
  const server = listen((request) => handler.fetch(request));
  await load(server.addr.port, 500);
  show(name, requests, await load(server.addr.port, requests));
  await server.shutdown();
  await handler.close();
}

await measure("C program by CGI, an instance for each", "hello.wasm", MOST);
await measure("handle in C, an instance for each", "handle.wasm", MOST);
await measure("handle in C, instances reused", "handle.wasm", MOST, { reuse: true });
await measure("handle_stream in C, an instance for each", "shout.wasm", MOST / 4);

/** One request of `/loop` spins, while others are asked. */
const looping = httpHandler(
  runtime,
  await runtime.loadWat(`(module
  (memory (export "memory") 1) (data (i32.const 1024) "{\\22body\\22:\\22ok\\22}")
  (func (export "aegis_alloc") (param i32) (result i32) (i32.const 4096)) (func (export "aegis_free") (param i32 i32))
  (func (export "handle") (param $at i32) (param $length i32) (result i64)
    (local $end i32)
    (local.set $end (i32.add (local.get $at) (local.get $length)))
    (block $out (loop $next
      (br_if $out (i32.ge_u (local.get $at) (local.get $end)))
      (if (i32.eq (i32.load (local.get $at)) (i32.const 0x6f6f6c2f)) (then (loop $spin (br $spin))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br $next)))
    (i64.const ${(1024n << 32n) | 13n})))`),
  { concurrency: 4, warm: 4, waiting: 1000, timeout: "1s", fuel: 2n ** 60n },
);
await looping.ready();
const server = listen((request) => looping.fetch(request));
await load(server.addr.port, 500);
show("handle, nobody loops", 2000, await load(server.addr.port, 2000));
const spinning = fetch(`http://127.0.0.1:${server.addr.port}/loop`);
show("handle, while one request loops", 2000, await load(server.addr.port, 2000));
const ended = await spinning;
console.log(`the request that looped: ${ended.status} ${JSON.stringify(await ended.text())}`);
await server.shutdown();
await looping.close();
await plain.shutdown();
await Deno.remove(client);
await writeFigures(figures);
