/** Requests of guests through the network broker: what is granted arrives, and nothing else leaves. */
import { Aegis } from "../../src/sandbox/aegis.ts";
import type { SandboxOptions } from "../../src/sandbox/aegis_options.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import type { Capability } from "../../src/policy/capability.ts";
import { NetworkCapability } from "../../src/policy/network_capability.ts";
import { ERRNO } from "../../src/protocol/errno.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";

/** Passes `aegis:http` on: the test writes texts into the memory and calls the functions. Texts lie at 4096 bytes each. */
const GUEST = `(module
  (import "aegis:http" "request" (func $request (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "aegis:http" "headers" (func $headers (param i32 i32 i32 i32) (result i32)))
  (import "aegis:http" "read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "aegis:http" "close" (func $close (param i32) (result i32)))
  (memory (export "memory") 4)
  (func (export "request") (param $method i32) (param $url i32) (param $headers i32) (param $body i32) (result i32)
    (call $request (i32.const 4096) (local.get $method) (i32.const 8192) (local.get $url)
      (i32.const 12288) (local.get $headers) (i32.const 16384) (local.get $body) (i32.const 0)))
  (func (export "headers") (param $response i32) (result i32)
    (call $headers (local.get $response) (i32.const 65536) (i32.const 65536) (i32.const 16)))
  (func (export "read") (param $response i32) (result i32)
    (call $read (local.get $response) (i32.const 65536) (i32.const 65536) (i32.const 16)))
  (func (export "close") (param $response i32) (result i32) (call $close (local.get $response))))`;

const encoder = new TextEncoder(), decoder = new TextDecoder();

interface Sent {
  readonly errno: number;
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

interface Asked {
  readonly url: string;
  readonly method?: string;
  readonly headers?: string;
  readonly body?: string;
}

async function withGuest(
  options: { readonly capabilities: readonly Capability[]; readonly sandbox?: SandboxOptions },
  work: (send: (request: Asked) => Promise<Sent>, events: readonly AuditEvent[]) => Promise<void>,
): Promise<void> {
  const events: AuditEvent[] = [];
  await using runtime = await Aegis.create({
    isolation: "worker",
    capabilities: options.capabilities,
    onAudit: (event) => events.push(event),
  });
  await using sandbox = await runtime.sandbox(options.sandbox).build();
  await sandbox.loadModule(await runtime.loadWat(GUEST));
  const u32 = async (at: number) => new DataView((await sandbox.readMemory(at, 4)).buffer).getUint32(0, true);
  await work(async ({ url, method = "GET", headers = "", body = "" }) => {
    const texts = [method, url, headers, body].map((text) => encoder.encode(text));
    for (const [index, bytes] of texts.entries()) await sandbox.writeMemory(4096 * (index + 1), bytes);
    const errno = Number(await sandbox.call("request", texts.map((bytes) => bytes.length)));
    if (errno !== 0) return { errno, status: 0, headers: "", body: "" };
    const response = await u32(0), status = await u32(4);
    assertEquals(await sandbox.call("headers", [response]), 0);
    const lines = decoder.decode(await sandbox.readMemory(65536, await u32(16)));
    let content = "";
    for (;;) {
      const failed = Number(await sandbox.call("read", [response]));
      if (failed !== 0) return { errno: failed, status, headers: lines, body: content };
      const count = await u32(16);
      if (count === 0) break;
      content += decoder.decode(await sandbox.readMemory(65536, count));
    }
    assertEquals(await sandbox.call("close", [response]), 0);
    assertEquals(await sandbox.call("close", [response]), ERRNO.badf);
    return { errno, status, headers: lines, body: content };
  }, events);
}

async function withServer(
  handler: (request: Request) => Response | Promise<Response>,
  work: (port: number) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  try {
    await work(server.addr.port);
  } finally {
    await server.shutdown();
  }
}

Deno.test("a guest sends a request to a host that it was granted, and reads the response", async () => {
  await withServer(async (request) => {
    const text = `${request.method} ${new URL(request.url).pathname} ${
      request.headers.get("x-one")
    } ${await request.text()}`;
    return new Response(text, { status: 201, headers: { "x-two": "2" } });
  }, async (port) => {
    await withGuest(
      { capabilities: [NetworkCapability.hosts([`127.0.0.1:${port}`])] },
      async (send) => {
        const url = `http://127.0.0.1:${port}/path`;
        const answer = await send({ url, method: "POST", headers: "x-one: 1\n", body: "hello" });
        assertEquals([answer.errno, answer.status, answer.body], [0, 201, "POST /path 1 hello"]);
        assertStringIncludes(answer.headers, "x-two: 2\n");
      },
    );
  });
});

Deno.test("F46 a guest reaches no host that it was not granted, be it by name, port, scheme or redirect", async () => {
  let reached = 0;
  await withServer(() => {
    reached++;
    return new Response("secret");
  }, async (other) => {
    await withServer(() => Response.redirect(`http://127.0.0.1:${other}/`, 302), async (port) => {
      await withGuest(
        { capabilities: [NetworkCapability.hosts([`http://127.0.0.1:${port}`])] },
        async (send, events) => {
          for (
            const url of [
              `http://127.0.0.1:${other}/`,
              `http://localhost:${port}/`,
              `https://127.0.0.1:${port}/`,
              `http://127.0.0.1:${port}/`,
              `http://0x7f000001:${other}/`,
            ]
          ) {
            assertEquals((await send({ url })).errno, ERRNO.notcapable, url);
          }
          assertEquals(reached, 0);
          const denied = () =>
            events.filter((event) => !event.allowed).map(({ capability, target }) => [capability, target]);
          // What a broker tells comes a moment later than its answer.
          const last = ["network", `http://127.0.0.1:${other}`];
          for (let looks = 0; looks < 200 && denied().at(-1)?.[1] !== last[1]; looks++) {
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          assertEquals(denied().at(-1), last);
        },
      );
    });
  });
});

Deno.test("F46 a guest without a network grant is refused, and the refusal names the flag", async () => {
  await withGuest({ capabilities: [] }, async (send, events) => {
    assertEquals((await send({ url: "http://example.com/" })).errno, ERRNO.notcapable);
    assertEquals(events.map(({ flag }) => flag), ["--allow-net=example.com"]);
  });
});

Deno.test("F50 a secret is put in on the way to its host, and the guest never holds it", async () => {
  await withServer(
    (request) => new Response(request.headers.get("authorization") ?? "none"),
    async (port) => {
      const secrets = [{ name: "TOKEN", value: "s3cret", hosts: [`http://127.0.0.1:${port}`] }];
      await withGuest(
        { capabilities: [NetworkCapability.hosts([`127.0.0.1:${port}`])], sandbox: { secrets } },
        async (send) => {
          const headers = "authorization: Bearer {{secret:TOKEN}}\n";
          const { errno, body } = await send({ url: `http://127.0.0.1:${port}/`, headers });
          assertEquals([errno, body], [0, "Bearer s3cret"]);
        },
      );
    },
  );
});

Deno.test("a request that never ends is ended by the timeout of the call", async () => {
  const forever = Promise.withResolvers<Response>();
  await withServer(() => forever.promise, async (port) => {
    await using runtime = await Aegis.create({
      isolation: "worker",
      timeout: "300ms",
      capabilities: [NetworkCapability.hosts([`127.0.0.1:${port}`])],
    });
    await using sandbox = await runtime.sandbox().build();
    await sandbox.loadModule(await runtime.loadWat(GUEST));
    const url = encoder.encode(`http://127.0.0.1:${port}/`);
    await sandbox.writeMemory(4096, encoder.encode("GET"));
    await sandbox.writeMemory(8192, url);
    const started = performance.now(), outcome = await sandbox.tryCall("request", [3, url.length, 0, 0]);
    assertEquals(outcome.kind === "limit" && outcome.limit, "time");
    assert(performance.now() - started < 1500);
    forever.resolve(new Response());
  });
});
