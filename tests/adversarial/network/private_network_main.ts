/**
 * Attacks by name, run by `private_network.ts` in a network of its own: every address of it is this machine's, so whatever
 * a guest reaches is seen here, and a name resolves to what this program wrote last.
 */
import { HttpGuest, startHttp } from "./http_guest.ts";
import { type Case, FORBIDDEN, PUBLIC, SECURE_NAME } from "./private_network.ts";
import { ok, redirect, startServer } from "../../broker/net_servers.ts";
import { Aegis, NetworkCapability } from "../../../mod.ts";

const [FOLDER = ""] = Deno.args, HOSTS_FILE = `${FOLDER}/hosts`;

const PORT = 8080, SECURE_PORT = 8443;

const cases: Case[] = [];

function record(name: string, actual: unknown, expected: unknown): void {
  cases.push({ name, actual, expected });
}

/** Says what names resolve to, from now on. */
function resolve(names: Readonly<Record<string, readonly string[]>>): void {
  const lines = Object.entries(names).flatMap(([name, addresses]) =>
    addresses.map((address) => `${address} ${name}\n`)
  );
  Deno.writeTextFileSync(HOSTS_FILE, `127.0.0.1 localhost\n${lines.join("")}`);
}

/** Addresses of this machine that were connected to and are not public. */
const reached: string[] = [];

function listen(): Deno.Listener {
  const listener = Deno.listen({ hostname: "::", port: PORT });
  const accept = listener.accept.bind(listener);
  const seen = async () => {
    const connection = await accept();
    const { hostname } = connection.localAddr as Deno.NetAddr, local = hostname.replace(/^::ffff:/, "");
    if (local !== PUBLIC.v4 && local !== PUBLIC.v6) reached.push(local);
    return connection;
  };
  return Object.assign(listener, {
    accept: seen,
    async *[Symbol.asyncIterator]() {
      for (;;) yield await seen();
    },
  });
}

let answer: (path: string) => string = () => ok("in");
const respond = ({ head }: { readonly head: string }) => answer(/^\S+ (\S*)/.exec(head)?.[1] ?? "");
const plain = startServer(respond, listen());
const secure = startServer(
  respond,
  Deno.listenTls({
    hostname: PUBLIC.v4,
    port: SECURE_PORT,
    cert: Deno.readTextFileSync(`${FOLDER}/cert.pem`),
    key: Deno.readTextFileSync(`${FOLDER}/key.pem`),
  }),
);

async function names(): Promise<void> {
  await using rig = await startHttp([NetworkCapability.full({ ports: [PORT] })]);
  const places = [...FORBIDDEN, "127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::ffff:10.1.2.3"];
  const named = Object.fromEntries(places.map((address, index) => [`n${index}.example.com`, [address]]));
  resolve({ ...named, "public.example.com": [PUBLIC.v4], "six.example.com": [PUBLIC.v6] });
  record("a public host is reached", await rig.guest.fetch(`http://public.example.com:${PORT}/`), "200 in");
  record(
    "a public host is reached by IPv6",
    await rig.guest.fetch(`http://six.example.com:${PORT}/`),
    "200 in",
  );
  for (const [name, addresses] of Object.entries(named)) {
    const fetched = await rig.guest.fetch(`http://${name}:${PORT}/`);
    record(`a public name that resolves to ${addresses} is refused`, fetched, "notcapable");
  }
  for (const place of FORBIDDEN) {
    const literal = place.includes(":") ? `[${place}]` : place;
    answer = (path) => path === "/out" ? redirect(`http://${literal}:${PORT}/`) : ok("in");
    const fetched = await rig.guest.fetch(`http://public.example.com:${PORT}/out`);
    record(`a redirect from a public host to ${place} is refused`, fetched, "notcapable");
  }
  answer = () => ok("in");
  record("no forbidden address was connected to", reached.splice(0), []);
}

async function rebinding(): Promise<void> {
  await using rig = await startHttp([NetworkCapability.hosts([`flip.example.com:${PORT}`])]);
  const url = `http://flip.example.com:${PORT}/`;
  for (const address of ["169.254.169.254", "10.1.2.3", "127.0.0.1", "fd00:ec2::254"]) {
    resolve({ "flip.example.com": [PUBLIC.v4] });
    answer = (path) => {
      if (path !== "/first") return ok("in");
      resolve({ "flip.example.com": [address] });
      return redirect("/second");
    };
    const fetched = await rig.guest.fetch(`${url}first`);
    record(`a name that turns to ${address} between two hops is refused`, fetched, "notcapable");
  }
  answer = () => ok("in");
  // The first address is let through and dead; the attempt at the other family is judged as well.
  resolve({ "flip.example.com": ["2606:2800:220:1::99", "10.1.2.3"] });
  const mixed = await rig.guest.fetch(url);
  record("a name with a dead public address and a private one leads nowhere", /^[a-z]+$/.test(mixed), true);
  let turn = 0, failed: string | undefined;
  const flipping = setInterval(() => {
    resolve({ "flip.example.com": [turn++ % 2 === 0 ? PUBLIC.v4 : "169.254.169.254"] });
  }, 0);
  const answers = new Set<string>();
  for (let i = 0; i < 150; i++) {
    const fetched = await rig.guest.fetch(url);
    answers.add(fetched);
    if (!["200 in", "notcapable", "hostunreach"].includes(fetched)) failed = fetched;
  }
  clearInterval(flipping);
  record("a name that turns all the time is answered in three ways only", failed, undefined);
  record("both of them happened", answers.has("200 in") && answers.has("notcapable"), true);
  record("no forbidden address was connected to while names turned", reached.splice(0), []);
}

/** What names an address may be used by that name, and by another that leads there. */
async function named(): Promise<void> {
  const grant = NetworkCapability.hosts([`inner.example.com:${PORT}`, `10.1.2.3:${PORT}`]);
  await using rig = await startHttp([grant]);
  resolve({ "inner.example.com": ["10.1.2.3"], "localhost": ["10.1.2.3"] });
  record(
    "an address that is granted is reached by name",
    await rig.guest.fetch(`http://inner.example.com:${PORT}/`),
    "200 in",
  );
  resolve({ "inner.example.com": ["192.168.1.1"] });
  record("its neighbour is not", await rig.guest.fetch(`http://inner.example.com:${PORT}/`), "notcapable");
  record("only the granted address was connected to", reached.splice(0), ["10.1.2.3"]);
  Deno.writeTextFileSync(HOSTS_FILE, "10.1.2.3 localhost\n");
  await using local = await startHttp([NetworkCapability.loopback([PORT]), grant]);
  const fetched = await local.guest.fetch(`http://localhost:${PORT}/`);
  record("localhost that is another machine is refused", fetched, "notcapable");
}

/** Many guests of one runtime ask for names at once: no answer is taken for another's. */
async function together(): Promise<void> {
  await using runtime = await Aegis.create({
    isolation: "worker",
    timeout: "5s",
    capabilities: [NetworkCapability.full({ ports: [PORT] })],
  });
  resolve({ "good.example.com": [PUBLIC.v4], "bad.example.com": ["169.254.169.254"] });
  const guests = await Promise.all(Array.from({ length: 6 }, () => HttpGuest.start(runtime)));
  const answers = await Promise.all(guests.map(async (guest, index) => {
    const host = index % 2 === 0 ? "good" : "bad", seen = new Set<string>();
    for (let i = 0; i < 20; i++) seen.add(await guest.fetch(`http://${host}.example.com:${PORT}/`));
    return [...seen].join();
  }));
  record("guests that ask at once get their own answers", answers, [
    ...["200 in", "notcapable", "200 in", "notcapable", "200 in", "notcapable"],
  ]);
  record("no forbidden address was connected to by several at once", reached.splice(0), []);
}

/** What goes over https alone stays there. */
async function encrypted(): Promise<void> {
  const other = "other.example.com", headers = "authorization: {{secret:TOKEN}}\n", value = "s3cr3t";
  resolve({ [SECURE_NAME]: [PUBLIC.v4], [other]: [PUBLIC.v4] });
  const granted = [SECURE_NAME, other].flatMap((name) => [`${name}:${PORT}`, `${name}:${SECURE_PORT}`]);
  const secrets = [{
    name: "TOKEN",
    value,
    hosts: [`${SECURE_NAME}:${SECURE_PORT}`, `${SECURE_NAME}:${PORT}`],
  }];
  await using rig = await startHttp([NetworkCapability.hosts(granted)], {}, { secrets });
  const ask = (url: string) => rig.guest.fetch(url, { headers });
  answer = () => ok("in");
  record("a secret goes over https", await ask(`https://${SECURE_NAME}:${SECURE_PORT}/`), "200 in");
  record("it arrived there", secure.received.some(({ head }) => head.includes(value)), true);
  record("a secret does not go over http", await ask(`http://${SECURE_NAME}:${PORT}/`), "notcapable");
  record("a certificate is of one name", await rig.guest.fetch(`https://${other}:${SECURE_PORT}/`), "io");
  record("an address is not its name", await ask(`https://${PUBLIC.v4}:${SECURE_PORT}/`), "notcapable");
  const count = plain.received.length;
  for (const to of [`http://${SECURE_NAME}:${PORT}/`, `http://${other}:${PORT}/`, "javascript:1"]) {
    answer = () => redirect(to);
    for (const status of ["with", "without"]) {
      const fetched = await rig.guest.fetch(
        `https://${SECURE_NAME}:${SECURE_PORT}/`,
        status === "with" ? { headers } : {},
      );
      record(`a redirect from https to ${to} is refused, ${status} a secret`, fetched, "notcapable");
    }
  }
  answer = () => redirect(`https://${other}:${SECURE_PORT}/`);
  record(
    "a redirect to a name that the certificate lacks fails",
    await ask(`https://${SECURE_NAME}:${SECURE_PORT}/`),
    "io",
  );
  record("nothing went over http", plain.received.length, count);
  record("nothing that was recorded holds it", JSON.stringify(rig.events).includes(value), false);
  answer = () => ok("in");
}

await names();
await rebinding();
await named();
await together();
await encrypted();
console.log(JSON.stringify({ cases }));
Deno.exit(0);
