import { readGrants } from "../../src/manifest/read_grants.ts";
import { parseCommand } from "../../src/cli/parse.ts";
import { capabilitiesOf, NO_GRANTS, type PlanGrants } from "../../src/manifest/grants.ts";
import { AegisError } from "../../src/core/errors.ts";
import { EMPTY_POLICY, mergeGrants } from "../../src/policy/policy.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "../assert.ts";

/** Paths as the system would find them from `/here`. */
const PORTS = { locate: (path: string) => new URL(path, "file:///here/").pathname.replace(/(.)\/$/, "$1") };

function read(...words: readonly string[]) {
  return readGrants(parseCommand("run", ["m", ...words]).flags, PORTS);
}

function refused(...words: readonly string[]): string {
  const error = assertThrows(() => read(...words), AegisError);
  assertEquals(error.code, "InvalidOption");
  return error.message;
}

function policyOf(grants: PlanGrants, variables: Readonly<Record<string, string>> = {}) {
  return mergeGrants(capabilitiesOf(grants, (name) => variables[name]));
}

Deno.test("readGrants() grants nothing unless it is asked for", () => {
  assertEquals(read(), { grants: NO_GRANTS, environment: {} });
  assertEquals(policyOf(NO_GRANTS), EMPTY_POLICY);
});

Deno.test("readGrants() names directories as they were written, and refuses what leads upwards", () => {
  const { directories } = read(
    ...["--allow-read", "data", "--allow-read=/srv/x", "--allow-read=a//b//"],
  ).grants;
  assertEquals(directories, [
    { host: "/here/data", guest: "data", rights: "read" },
    { host: "/srv/x", guest: "/srv/x", rights: "read" },
    { host: "/here/a//b/", guest: "a/b/", rights: "read" },
  ]);
  const upwards = (flag: string, path: string) => {
    const error = assertThrows(() => read(`${flag}=${path}`), AegisError);
    assertEquals(
      error.message,
      `Cannot use ${flag} "${path}": a guest finds nothing under a path that leads upwards; give it a name without`,
    );
    return error.suggestion;
  };
  assertEquals(upwards("--allow-read", "../out"), "Write --dir ../out::/out:ro, and /out to the guest.");
  assertEquals(upwards("--allow-write", "a/../out/"), "Write --dir a/../out/::/out, and /out to the guest.");
  assertEquals(upwards("--dir", ".."), "Write --dir ..::/in, and /in to the guest.");
});

Deno.test("readGrants() reads --dir in all its forms", () => {
  const { directories } = read("--dir=a::/in:ro", "--dir", "b::/out", "--dir=c", "--dir=d:ro").grants;
  assertEquals(directories, [
    { host: "/here/a", guest: "/in", rights: "read" },
    { host: "/here/b", guest: "/out", rights: "full" },
    { host: "/here/c", guest: "c", rights: "full" },
    { host: "/here/d", guest: "d", rights: "read" },
  ]);
  for (const value of ["::/x", "a::", "a::b::c", ":ro"]) {
    assertEquals(
      refused(`--dir=${value}`),
      `Cannot use --dir "${value}": give HOST::GUEST, with :ro behind it for reading alone`,
    );
  }
});

Deno.test("readGrants() says what whoever mistyped a grant is likely to have meant", () => {
  const gone = {
    locate: (path: string): string => {
      throw new AegisError("InvalidOption", `Cannot read "${path}": there is no such file`);
    },
  };
  const advice = (word: string, ports = gone) => {
    const error = assertThrows(() => readGrants(parseCommand("run", ["m", word]).flags, ports), AegisError);
    return error.suggestion ?? error.message;
  };
  assertEquals(advice("--dir=examples:/in"), "Write two colons: --dir examples::/in.");
  assertEquals(advice("--dir=examples:/in:ro"), "Write two colons: --dir examples::/in.");
  assertEquals(advice("--allow-read=a,b"), "Give --allow-read once for each path.");
  assertEquals(
    advice("--allow-write=out.txt"),
    "To let it be made, grant the directory that it is to be in.",
  );
  assertEquals(advice("--allow-read=x"), 'Cannot use --allow-read "x": there is no such file');
  assertEquals(advice("--allow-env=A=s3cret", PORTS), "To set one: --env A=VALUE.");
  assertEquals(
    refused("--dir=a::/in:rw"),
    'Cannot use --dir "a::/in:rw": ":rw" is unknown behind it; with :ro it is read alone, else written, too',
  );
  assertEquals(refused("--allow-net=*"), 'Cannot use --allow-net "*": no flag grants every host');
  assertEquals(
    refused("--allow-net=https://*:443"),
    'Cannot use --allow-net "https://*:443": no flag grants every host',
  );
});

Deno.test("a directory may be written and not read, read and not written, or both when both are granted", () => {
  const rights = (...words: readonly string[]) => {
    const [grant] = policyOf(read(...words).grants).filesystem;
    return [grant?.read, grant?.write, grant?.create, grant?.delete];
  };
  assertEquals(rights("--allow-read=/d"), [true, false, false, false]);
  assertEquals(rights("--allow-write=/d"), [false, true, true, true]);
  assertEquals(rights("--allow-read=/d", "--allow-write=/d"), [true, true, true, true]);
  assertEquals(rights("--dir=/d::/d:ro"), [true, false, false, false]);
});

Deno.test("readGrants() refuses two directories under one name", () => {
  assertStringIncludes(refused("--dir=a::/in", "--dir=b::/in"), '"/in"');
});

Deno.test("readGrants() keeps values of variables off the plan, which stands on a command line", () => {
  const { grants, environment } = read("--env", "TOKEN=s3=cret", "--env=HOME", "--allow-env", "LANG");
  assertEquals(grants.env, [
    { name: "LANG", from: "LANG" },
    { name: "TOKEN", from: "AEGIS_GUEST_ENV_0" },
    { name: "HOME", from: "HOME" },
  ]);
  assertEquals(environment, { AEGIS_GUEST_ENV_0: "s3=cret" });
  assertEquals(JSON.stringify(grants).includes("s3"), false);
  const policy = policyOf(grants, { ...environment, HOME: "/home" });
  assertEquals(policy.env.map(({ name, value }) => [name, value]), [["TOKEN", "s3=cret"], ["HOME", "/home"]]);
  for (const word of ["=x", "A,B=1"]) assertStringIncludes(refused(`--env=${word}`), "--env");
});

Deno.test("readGrants() reads hosts, clocks, logging and random bytes", () => {
  const { grants } = read("--allow-net=example.com", "--allow-clock", "--allow-logging", "--seed=7");
  const policy = policyOf(grants);
  assertEquals(policy.network.map(({ host }) => host), ["example.com"]);
  assertEquals([policy.clock?.realtime, policy.logging?.level, policy.random?.seed], [true, "trace", 7n]);
  assertEquals(policyOf(read("--allow-random").grants).random?.seed, undefined);
  refused("--allow-random", "--seed=7");
  refused("--allow-net=exa mple");
});

Deno.test("readGrants() reads sensors and alerts", () => {
  const { grants } = read(
    "--sensor=0=-21",
    "--sensor",
    "1=1,2,3",
    "--sensor=2=@in/t=1",
    "--allow-alert=error",
  );
  assertEquals(grants.sensors, [{ id: 0, values: [-21] }, { id: 1, values: [1, 2, 3] }, {
    id: 2,
    file: "/here/in/t=1",
  }]);
  const policy = policyOf(grants);
  assertEquals(policy.sensor.map(({ id, source }) => [id, source]), [
    [0, { from: "constant", value: -21 }],
    [1, { from: "series", values: [1, 2, 3], end: "repeat" }],
    [2, { from: "file", path: "/here/in/t=1" }],
  ]);
  assertEquals(policy.alert?.level, "error");
  assertEquals(policyOf(read("--allow-alert").grants).alert?.level, "info");
});

Deno.test("readGrants() refuses sensors that mean nothing", () => {
  const wrong = [
    "",
    "0",
    "=1",
    "0=",
    "0=@",
    "-1=1",
    "a=1",
    "0=1.5",
    "0=1,",
    "0=2147483648",
    "2147483648=1",
    "0=0x1",
  ];
  for (const value of wrong.slice(1)) assertStringIncludes(refused(`--sensor=${value}`), "--sensor", value);
  assertStringIncludes(refused("--sensor=0=1", "--sensor=0=2"), "sensor 0 has two sources");
});
