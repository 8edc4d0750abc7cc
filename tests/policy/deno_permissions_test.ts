import {
  deniedNet,
  filesPermissions,
  netPermissions,
  processPermissions,
} from "../../src/policy/deno_permissions.ts";
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import type { Policy } from "../../src/policy/grants.ts";
import { NetworkCapability } from "../../src/policy/network_capability.ts";
import { mergeGrants, withoutCapability } from "../../src/policy/policy.ts";
import { ProcessCapability } from "../../src/policy/process_capability.ts";
import { assert, assertEquals } from "../assert.ts";
import { assertRefused } from "./refusal.ts";

Deno.test("filesPermissions() reads what is granted, and what it has to look at before writing", () => {
  const { filesystem } = mergeGrants([
    FilesystemCapability.readOnly(["/r"]),
    FilesystemCapability.writeOnly(["/w"]),
    FilesystemCapability.full(["/f", { host: "/r", guest: "/again" }]),
    FilesystemCapability.custom({ paths: ["/d"], delete: true }),
  ]);
  assertEquals(filesPermissions(filesystem), {
    read: ["/r", "/w", "/f", "/d"],
    write: ["/w", "/f", "/r", "/d"],
  });
});

Deno.test("filesPermissions() needs nothing for a mount whose rights were taken away", () => {
  const policy = withoutCapability(mergeGrants([FilesystemCapability.full(["/d"])]), "filesystem");
  assertEquals(filesPermissions(policy.filesystem), { read: [], write: [] });
});

Deno.test("filesPermissions() names single files and not the directory that holds them", () => {
  const rights = { read: true, write: false, create: false, delete: false };
  assertEquals(
    filesPermissions([
      { ...rights, hostPath: "/etc", file: "hosts" },
      { ...rights, hostPath: "/", only: ["a", "b"] },
      { ...rights, hostPath: "/none", only: [] },
    ]),
    { read: ["/etc/hosts", "/a", "/b"], write: [] },
  );
});

Deno.test("filesPermissions() refuses a resolved path that would widen the list", () => {
  const mount = { hostPath: "/a,/etc", read: true, write: false, create: false, delete: false };
  assertRefused(() => filesPermissions([mount]), "filesystem.host");
  assertRefused(() => filesPermissions([{ ...mount, hostPath: "/a", file: "b,c" }]), "filesystem.host");
});

Deno.test("netPermissions() names each host with its ports", () => {
  const policy = mergeGrants([
    NetworkCapability.hosts(["a.com", "https://a.com", "*.b.com:8443", "[::1]:80"]),
  ]);
  assertEquals<unknown>(netPermissions(policy), ["a.com:443", "a.com:80", "*.b.com:8443", "[::1]:80"]);
  assertEquals<unknown>(netPermissions(mergeGrants([])), []);
});

Deno.test("netPermissions() is everything where all public hosts are granted, which no list can say", () => {
  assertEquals(
    netPermissions(mergeGrants([NetworkCapability.hosts(["a.com"]), NetworkCapability.full()])),
    true,
  );
});

Deno.test("processPermissions() names each program once", () => {
  const command = (name: string, path: string) => ProcessCapability.command(name, { command: path });
  assertEquals(processPermissions(mergeGrants([])), []);
  const policy = mergeGrants([command("a", "/bin/a"), command("b", "/bin/b"), command("c", "/bin/a")]);
  assertEquals(processPermissions(policy), ["/bin/a", "/bin/b"]);
});

/** What a Deno process with these permissions says of each host. */
function states(permissions: readonly string[], hosts: readonly string[]): string[] {
  const code = `for (const host of ${JSON.stringify(hosts)}) {
    console.log(Deno.permissions.querySync({ name: "net", host }).state);
  }`;
  const args = [
    "run",
    "--no-prompt",
    "--no-config",
    "--no-lock",
    ...permissions,
    `data:text/javascript,${encodeURIComponent(code)}`,
  ];
  const { success, stdout, stderr } = new Deno.Command(Deno.execPath(), { args }).outputSync();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n");
}

function deny(policy: Policy): string[] {
  return ["--allow-net", `--deny-net=${deniedNet(policy).join(",")}`];
}

Deno.test("deniedNet() holds back every local address that Deno can be told of", () => {
  const local = [
    "127.0.0.1:80",
    "127.255.0.1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
  ];
  const more = [
    "0.0.0.0",
    "[::1]:80",
    "[::]:80",
    "[::ffff:10.0.0.1]:80",
    "[fd00:ec2::254]:80",
    "168.63.129.16",
  ];
  for (const state of states(deny(mergeGrants([])), [...local, ...more])) assertEquals(state, "denied");
  assertEquals(states(deny(mergeGrants([])), ["8.8.8.8", "example.com", "172.32.0.1"]), [
    "granted",
    "granted",
    "granted",
  ]);
});

Deno.test("deniedNet() leaves out the addresses that grants name, and those alone", () => {
  const policy = mergeGrants([NetworkCapability.hosts(["10.0.0.5", "169.254.169.254", "[::1]"])]);
  const hosts = [
    "10.0.0.5",
    "10.0.0.4",
    "10.0.0.6",
    "10.255.0.0",
    "169.254.169.254",
    "169.254.169.253",
    "[::1]",
    "[::]",
  ];
  assertEquals(states(deny(policy), hosts), [
    "granted",
    "denied",
    "denied",
    "denied",
    "granted",
    "denied",
    "granted",
    "denied",
  ]);
});

Deno.test("deniedNet() leaves this machine out where localhost is granted", () => {
  const denied = deniedNet(mergeGrants([NetworkCapability.hosts(["localhost:8080"])]));
  for (const range of denied) assert(!range.startsWith("127.") && range !== "[::1]", range);
  assert(denied.includes("10.0.0.0/8"));
});
