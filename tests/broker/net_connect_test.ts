import { makeCertificate } from "./net_certificate.ts";
import { grants, modulesThatResolve, TestSandbox, unboundedAllowance } from "./net_sandbox.ts";
import { deadPort, ok, redirect, startServer } from "./net_servers.ts";
import { connectVetted, type Target } from "../../src/broker/net_connect.ts";
import { Deadline } from "../../src/broker/deadline.ts";
import { errnoOf } from "../../src/broker/net_failure.ts";
import { type NodeModules, nodeModules, type NodeSocket } from "../../src/broker/net_node.ts";
import { assert, assertEquals } from "../assert.ts";

/** Connects, and leaves at once: `connected`, or the name of the error number. */
async function connect(
  target: Omit<Target, "secure">,
  options: {
    readonly modules: NodeModules;
    readonly vet: (address: string) => boolean;
    readonly timeout?: number;
  },
): Promise<string> {
  const deadline = new Deadline(options.timeout ?? 3000);
  try {
    const reads = unboundedAllowance();
    const connection = await connectVetted({ ...target, secure: false }, { ...options, deadline, reads });
    connection.close();
    return "connected";
  } catch (error) {
    return errnoOf(error);
  } finally {
    deadline.clear();
  }
}

/** A Deno that does not call one of the hooks, or none. */
function withoutHooks(dropped: { readonly lookup: boolean; readonly check: boolean }): NodeModules {
  const modules = nodeModules();
  return {
    ...modules,
    blockList: (check) => modules.blockList(dropped.check ? () => false : check),
    connect: (options) => {
      const socket = modules.connect(options), { on } = socket;
      return Object.assign(socket, {
        on: (event: string, listener: Parameters<NodeSocket["on"]>[1]) => {
          return event === "lookup" && dropped.lookup ? socket : on.call(socket, event, listener);
        },
      });
    },
  };
}

Deno.test("connectVetted() connects to no address that is refused, by name or by literal", async () => {
  await using server = startServer(() => ok(""));
  const { port } = server, seen: string[] = [];
  const modules = modulesThatResolve({ "a.test": ["127.0.0.1"] });
  const vet = (address: string) => seen.push(address) < 0;
  assertEquals(await connect({ host: "a.test", port }, { modules, vet }), "notcapable");
  assertEquals(await connect({ host: "127.0.0.1", port }, { modules, vet }), "notcapable");
  assertEquals(seen, ["127.0.0.1", "127.0.0.1"], "asked once for each");
  assertEquals(server.connections(), 0);
  assertEquals(await connect({ host: "a.test", port }, { modules, vet: () => true }), "connected");
});

Deno.test("connectVetted() needs one of its two hooks, and refuses to speak when both are gone", async () => {
  await using server = startServer(() => ok(""));
  // Deno's own resolver: with another one it does not tell what it found.
  const target = { host: "localhost", port: server.port };
  for (const [round, dropped] of [{ lookup: true, check: false }, { lookup: false, check: true }].entries()) {
    const modules = withoutHooks(dropped);
    assertEquals(await connect(target, { modules, vet: () => false }), "notcapable");
    assertEquals(server.connections(), round);
    assertEquals(await connect(target, { modules, vet: () => true }), "connected");
  }
  const modules = withoutHooks({ lookup: true, check: true });
  assertEquals(await connect(target, { modules, vet: () => true }), "notcapable");
  assertEquals(server.received, [], "the connection was made, and nothing said");
});

Deno.test("connectVetted() refuses a peer that is not the address it looked at", async () => {
  await using server = startServer(() => ok(""));
  const { port } = server, base = nodeModules();
  const modules: NodeModules = {
    ...base,
    connect: (options) => {
      assertEquals(options.blockList.check("203.0.113.7"), false);
      return base.connect({ ...options, host: "127.0.0.1", blockList: base.blockList(() => false) });
    },
  };
  const vet = (address: string) => address === "203.0.113.7";
  assertEquals(await connect({ host: "a.test", port }, { modules, vet }), "notcapable");
});

Deno.test("connectVetted() looks at the address of every attempt anew (rebinding)", async () => {
  await using server = startServer(() => ok(""));
  const { port } = server, seen: string[] = [];
  let lookups = 0;
  // What answers the first question is let through and dead; what answers the second is this machine.
  const modules = modulesThatResolve({ "a.test": () => lookups++ === 0 ? ["::1"] : ["127.0.0.1"] });
  const vet = (address: string) => {
    seen.push(address);
    return address === "::1";
  };
  assertEquals(await connect({ host: "a.test", port }, { modules, vet }), "notcapable");
  assertEquals([seen, server.connections()], [["::1", "127.0.0.1"], 0]);
});

Deno.test("connectVetted() tries the other family of addresses once", async () => {
  await using server = startServer(() => ok(""));
  const { port } = server, seen: string[] = [];
  const modules = modulesThatResolve({ "both.test": ["::1", "127.0.0.1"], "one.test": ["127.0.0.1"] });
  const vet = (address: string) => seen.push(address) > 0;
  assertEquals(await connect({ host: "both.test", port }, { modules, vet }), "connected");
  assertEquals(seen, ["::1", "127.0.0.1"]);
  assertEquals(await connect({ host: "one.test", port: deadPort() }, { modules, vet }), "connrefused");
});

Deno.test("connectVetted() does not connect any more when its time was up before the name was resolved", async () => {
  await using server = startServer(() => ok(""));
  const { port } = server, base = nodeModules(), resolved = Promise.withResolvers<void>();
  const lookup = (_host: string, _options: unknown, end: (...found: unknown[]) => void) => {
    setTimeout(() => {
      end(null, "127.0.0.1", 4);
      resolved.resolve();
    }, 100);
  };
  const modules: NodeModules = {
    ...base,
    connect: (options) => base.connect({ ...options, lookup } as Parameters<NodeModules["connect"]>[0]),
  };
  assertEquals(
    await connect({ host: "a.test", port }, { modules, vet: () => true, timeout: 20 }),
    "timedout",
  );
  await resolved.promise;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assertEquals(server.connections(), 0);
});

Deno.test("connectVetted() lets no address through for an attempt that it gave up", async () => {
  const base = nodeModules(), silent = { bytesRead: 0, on: () => {}, once: () => {}, destroy: () => {} };
  let check: ((address: string) => boolean) | undefined;
  const modules: NodeModules = {
    ...base,
    connect: ({ blockList }) => {
      check = (address) => blockList.check(address);
      return silent;
    },
  };
  assertEquals(
    await connect({ host: "a.test", port: 1 }, { modules, vet: () => true, timeout: 10 }),
    "timedout",
  );
  assertEquals(check?.("203.0.113.7"), true, "blocked");
});

Deno.test("a name that resolves to an address of this machine is refused unless a grant names it (rebinding)", async () => {
  await using server = startServer(() => ok("in"));
  const { port } = server;
  const names = {
    "a.test": ["127.0.0.1"],
    "mapped.test": ["::ffff:127.0.0.1"],
    "six.test": ["::1"],
    "zero.test": ["0.0.0.0"],
    "meta.test": ["169.254.169.254"],
    "scoped.test": ["fe80::1%lo"],
    "localhost": ["127.0.0.1"],
    "b.localhost": ["203.0.113.1"],
  };
  const hosts = Object.keys(names).map((name) => `${name}:${port}`);
  using sandbox = new TestSandbox({ grants: grants(hosts), names });
  for (const name of Object.keys(names)) {
    const expected = name === "localhost" ? "200 in" : "notcapable";
    assertEquals(await sandbox.fetch(`http://${name}:${port}/`), expected, name);
  }
  assertEquals(server.connections(), 1);
  const told = sandbox.events.map(({ reason }) => reason);
  assertEquals(told.length, Object.keys(names).length - 1, "each refusal is recorded once");
  assertEquals(told[0], '"a.test" resolves to "127.0.0.1", which is this machine');
  using named = new TestSandbox({ grants: grants([`a.test:${port}`, `127.0.0.1:${port}`]), names });
  assertEquals(await named.fetch(`http://a.test:${port}/`), "200 in");
});

Deno.test("a redirect to a granted name that resolves to this machine is refused (rebinding)", async () => {
  await using server = startServer(({ head }) =>
    head.startsWith("GET /first") ? redirect("/second") : ok("in")
  );
  const { port } = server;
  let lookups = 0;
  const names = { localhost: () => [lookups++ === 0 ? "127.0.0.1" : "169.254.169.254"] };
  using sandbox = new TestSandbox({ grants: grants([`localhost:${port}`]), names });
  assertEquals(await sandbox.fetch(`http://localhost:${port}/first`), "notcapable");
  assertEquals(server.received.length, 1);
});

Deno.test("https needs a certificate that is trusted, for that very name", async () => {
  const trusted = await makeCertificate("a.test"), other = await makeCertificate("a.test");
  const listen = ({ cert, key }: typeof trusted) =>
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  await using server = startServer(() => ok("safe"), listen(trusted));
  await using impostor = startServer(() => ok("safe"), listen(other));
  await using plain = startServer(() => ok("plain"));
  const ports = [server.port, impostor.port, plain.port];
  const names = { "a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"] };
  const modules = modulesThatResolve(names);
  const trusting: NodeModules = {
    ...modules,
    secure: (options) => modules.secure({ ...options, ca: [trusted.cert] } as typeof options),
  };
  const granted = grants(
    ports.flatMap((port) => ["a.test", "b.test", "127.0.0.1"].map((host) => `${host}:${port}`)),
  );
  using sandbox = new TestSandbox({ grants: granted, modules: trusting, timeout: 500 });
  assertEquals(await sandbox.fetch(`https://a.test:${server.port}/`), "200 safe");
  assertEquals(await sandbox.fetch(`https://b.test:${server.port}/`), "io", "another name");
  assertEquals(await sandbox.fetch(`https://127.0.0.1:${server.port}/`), "io", "an address");
  assertEquals(await sandbox.fetch(`https://a.test:${impostor.port}/`), "io", "signed by nobody known");
  assert((await sandbox.fetch(`https://a.test:${plain.port}/`)).length < 10, "no TLS at all");
  using stranger = new TestSandbox({ grants: granted, modules });
  assertEquals(await stranger.fetch(`https://a.test:${server.port}/`), "io", "nobody trusts it");
  assertEquals([impostor.received, plain.received, server.received.length], [[], [], 1]);
});

Deno.test("a redirect from https to http is refused and recorded, also within one host", async () => {
  const certificate = await makeCertificate("a.test");
  await using plain = startServer(() => ok("plain"));
  await using server = startServer(
    () => redirect(`http://a.test:${plain.port}/`),
    Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...certificate }),
  );
  const modules = modulesThatResolve({ "a.test": ["127.0.0.1"] });
  using sandbox = new TestSandbox({
    grants: grants([
      `a.test:${server.port}`,
      `a.test:${plain.port}`,
      `127.0.0.1:${server.port}`,
      `127.0.0.1:${plain.port}`,
    ]),
    modules: {
      ...modules,
      secure: (options) => modules.secure({ ...options, ca: [certificate.cert] } as typeof options),
    },
  });
  assertEquals(await sandbox.fetch(`https://a.test:${server.port}/`), "notcapable");
  assertEquals(sandbox.events.map(({ target, reason }) => [target, reason]), [
    [`http://a.test:${plain.port}`, "a redirect leads from https to what is not encrypted"],
  ]);
  assertEquals(plain.connections(), 0);
});
