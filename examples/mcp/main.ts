/**
 * What an agent does with a tool in WebAssembly: starts `aegis mcp`, as a client of the Model Context Protocol is configured to,
 * asks what there is, and calls it. The messages are lines of JSON on standard input and output.
 *
 *     deno run -A examples/mcp/main.ts
 */
const root = new URL("../../", import.meta.url).pathname;
const server = new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", `${root}cli.ts`, "mcp", `${root}examples/mcp/notes.wasm`, "--fuel-limit", "20M"],
  stdin: "piped",
  stdout: "piped",
  stderr: "null", // a line of JSON for each call: who called what, with which outcome, for how much fuel
}).spawn();

const writer = server.stdin.getWriter();
const reader = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
let text = "";

/** The next message of the server. */
async function receive(): Promise<{ id?: number; result?: Record<string, unknown> }> {
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error("The server has ended");
    text += value;
  }
  const end = text.indexOf("\n"), line = text.slice(0, end);
  text = text.slice(end + 1);
  return JSON.parse(line);
}

async function send(message: object): Promise<void> {
  await writer.write(new TextEncoder().encode(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\n"));
}

let last = 0;
/** Asks, and waits for the answer. */
async function request(method: string, params: object = {}): Promise<Record<string, unknown>> {
  const id = ++last;
  await send({ id, method, params });
  for (;;) {
    const message = await receive();
    if (message.id === id) return message.result ?? {};
  }
}

async function call(name: string, args: object): Promise<void> {
  const { content, isError } = await request("tools/call", { name, arguments: args });
  const [first] = content as { type: string; text?: string; mimeType?: string }[]; // as the protocol has it
  console.log(
    name,
    JSON.stringify(args),
    isError ? "failed:" : "->",
    first?.text ?? `${first?.type} ${first?.mimeType}`,
  );
}

await request("initialize", {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "agent", version: "1.0.0" },
});
await send({ method: "notifications/initialized" });

const { tools } = await request("tools/list");
for (const { name, description } of tools as { name: string; description: string }[]) {
  console.log(`${name}: ${description}`);
}
await call("search", { word: "release" });
await call("add", { a: "9007199254740993", b: 1 });
await call("swatch", { red: 200, green: 40, blue: 40 });
await call("search", { word: "" }); // not what the tool's schema says: the guest never sees it
await call("spin", {});
await call("search", { word: "keys" }); // a guest as new, whatever the last one did

await writer.close(); // the server ends with its input
await server.status;
