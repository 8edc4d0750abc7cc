/**
 * A server that runs tasks for others: starts `aegis server`, gives it a module and tasks over HTTP, and reads what became of
 * them. The same server has a dashboard at its address.
 *
 *     deno run -A examples/task-server/main.ts
 */
const root = new URL("../../", import.meta.url).pathname;
const data = await Deno.makeTempDir({ prefix: "aegis_tasks_" });

const child = new Deno.Command(Deno.execPath(), {
  args: [
    "run",
    "-A",
    `${root}cli.ts`,
    "server",
    "--port",
    "0",
    "--data",
    `${data}/state`,
    "--format",
    "json",
  ],
  stdin: "null",
  stdout: "piped",
}).spawn();

// Its first line says where it listens, and the token: this once.
const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
let line = "";
while (!line.endsWith("\n")) {
  const { value, done } = await reader.read();
  if (done) throw new Error("The server has ended");
  line += value;
}
const { url, token } = JSON.parse(line) as { url: string; token: string };
console.log("The server listens, and its dashboard is at the same address.");

/** Asks the API. Its document, for whom a client is generated, is at /api/v1/openapi.json. */
async function api<Answer>(
  method: string,
  path: string,
  body?: object | Uint8Array<ArrayBuffer>,
): Promise<Answer> {
  const binary = body instanceof Uint8Array;
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": binary ? "application/wasm" : "application/json" }),
    },
    ...(body === undefined ? {} : { body: binary ? body : JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return await answer.json();
}

interface Task {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly error: string | null;
}

const keep = async (name: string, bytes: Uint8Array<ArrayBuffer>) =>
  (await api<{ hash: string }>("POST", `/modules?name=${name}`, bytes)).hash;
const pi = await keep("pi", await Deno.readFile(`${root}examples/c/pi/pi.wasm`));
const sensor = await keep("sensor", await Deno.readFile(`${root}examples/sensor.wasm`));

const started = await Promise.all([
  api<Task>("POST", "/tasks", {
    name: "digits of pi",
    module: pi,
    function: "nine_decimals",
    args: [20],
    priority: "high",
    start: true,
  }),
  // More than a million instructions, the fuel of a task that says nothing else: tried once more, and failed.
  api<Task>("POST", "/tasks", {
    name: "too many digits",
    module: pi,
    function: "compute",
    args: [9000],
    retries: { count: 1, delay: "100ms" },
    start: true,
  }),
  // It asks for sensors and the log. Nothing was granted to the server, so it reads zeros.
  api<Task>("POST", "/tasks", { name: "sensors", module: sensor, start: true }),
]);

for (const { id, name } of started) {
  let task = await api<Task>("GET", `/tasks/${id}`);
  while (["queued", "running", "waiting"].includes(task.state)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    task = await api<Task>("GET", `/tasks/${id}`);
  }
  console.log(`${name}: ${task.state}`);
  const { items } = await api<
    { items: { trigger: string; status: string; results: unknown; error: string | null }[] }
  >(
    "GET",
    `/tasks/${id}/executions`,
  );
  for (const { trigger, status, results, error } of items.reverse()) {
    console.log(`  ${trigger}: ${status} ${error ?? JSON.stringify(results)}`);
  }
}

child.kill("SIGTERM"); // what runs has ten seconds to end; tasks and history are in the folder for the next start
await child.status;
await Deno.remove(data, { recursive: true });
