/**
 * What `aegis scan --suggest-policy` suggests is enough and not too much: with it each program does what it does with
 * everything, and without any one of the suggested grants it fails, or says something else, or is recorded to have been denied
 * something. What `aegis run --record-policy` leaves of the grants of that run is enough and not too much in the same way.
 */
import { exists } from "../../src/cli/policy_record.ts";
import type { AuditEvent } from "../../src/core/audit.ts";
import { type ScanFacts, scanModule } from "../../src/inspection/scan.ts";
import { suggestedPolicy } from "../../src/inspection/suggest_policy.ts";
import { capabilitiesOf, NO_GRANTS, type PlanGrants } from "../../src/manifest/grants.ts";
import { GrantRecord } from "../../src/manifest/recorded_grants.ts";
import { Aegis } from "../../src/sandbox/aegis.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { assert, assertEquals, assertNotEquals } from "../assert.ts";
import { programPath } from "./run_program.ts";
import { withFolder } from "./temporary_folder.ts";

/** Words with which a program uses all that it can; `$` stands for the folder that it finds as `/d`. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  cat: ["/d/in.txt"],
  copy_tree: ["/d/tree", "/d/empty/copy"],
  environment: [],
  escape: [],
  files: ["/d/tour"],
  grep_tree: ["fox", "/d/tree"],
  hello: [],
  open_many: ["/d/many", "2"],
  reactor: [],
  read_speed: ["/d/in.txt"],
  sleep: ["5"],
  word_count: ["/d/tree", "/d/empty/counts"],
};

/** Where a program lies. */
function pathOf(name: string): string {
  return name === "hello"
    ? new URL("../../examples/http/hello.wasm", import.meta.url).pathname
    : programPath(name);
}

/** Runs a program; of the reactor, which is none, the function that counts the lines of a file. */
async function runOrCall(sandbox: Sandbox, name: string): Promise<number | string> {
  if (name !== "reactor") return await sandbox.run().catch((error: unknown) => String(error));
  const path = new TextEncoder().encode("/d/in.txt");
  await sandbox.writeMemory(await sandbox.call<number>("buffer"), path);
  return String(await sandbox.call("line_count", [path.length]));
}

/** A variable that every program sees whose suggestion has variables. */
const VARIABLE = { name: "AEGIS_TEST_NAME", value: "a value" };

/** The suggested grants with what a person has to fill in, by the key of the manifest. */
const FILLED: Readonly<Record<string, (folder: string) => Partial<PlanGrants>>> = {
  allow_read: (folder) => ({ directories: [{ host: folder, guest: "/d", rights: "full" }] }),
  allow_clock: () => ({ clock: true }),
  allow_random: () => ({ random: true }),
  allow_env: () => ({ env: [{ name: VARIABLE.name, from: VARIABLE.name }] }),
};

async function makeMaterial(folder: string): Promise<void> {
  for (const path of ["many", "tree", "tree/deeper", "empty", "tour"]) await Deno.mkdir(`${folder}/${path}`);
  for (const name of ["in.txt", "many/000000", "many/000001", "tree/deeper/a.txt"]) {
    await Deno.writeTextFile(`${folder}/${name}`, "the quick brown fox\n");
  }
}

/** How a run ended, for all that can be seen of it. */
interface Seen {
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
  readonly denied: readonly string[];
}

/** Runs a program in a folder of its own. */
function runGranted(
  name: string,
  { grants, onAudit }: {
    readonly grants: (folder: string) => PlanGrants;
    readonly onAudit?: (event: AuditEvent, folder: string) => void;
  },
): Promise<Seen> {
  return withFolder(async (folder) => {
    await makeMaterial(folder);
    const denied = new Set<string>();
    await using runtime = await Aegis.create({
      fuelLimit: "unlimited",
      timeout: "60s",
      isolation: "worker",
      capabilities: capabilitiesOf(grants(folder), () => VARIABLE.value),
      onAudit: (event) => {
        onAudit?.(event, folder);
        if (!event.allowed) denied.add(`${event.capability} ${event.action} ${event.target}`);
      },
    });
    const sandbox = await runtime.sandbox({ args: [name, ...PROGRAMS[name] ?? []] }).build();
    await sandbox.loadModule(await runtime.loadFile(pathOf(name)));
    const status = await runOrCall(sandbox, name);
    await sandbox.close();
    const decoder = new TextDecoder(), { stdout, stderr } = sandbox.output();
    return {
      status,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
      denied: [...denied].sort(),
    };
  });
}

const together = (parts: readonly Partial<PlanGrants>[]): PlanGrants =>
  Object.assign({}, NO_GRANTS, ...parts);

/** Each grant of a plan by itself. */
function eachGrant(grants: PlanGrants): { readonly what: string; readonly without: PlanGrants }[] {
  const { directories, env } = grants;
  return [
    ...directories.map((one) => ({
      what: `directory ${one.guest}`,
      without: { ...grants, directories: directories.filter((other) => other !== one) },
    })),
    ...directories.flatMap((one) =>
      (typeof one.rights === "string" ? [] : one.rights).map((right) => ({
        what: `right to ${right} in ${one.guest}`,
        without: {
          ...grants,
          directories: directories.map((other) =>
            other === one
              ? { ...one, rights: [...one.rights].filter((kept) => kept !== right) as ["read"] }
              : other
          ).filter(({ rights }) => rights.length > 0),
        },
      }))
    ),
    ...env.map((one) => ({
      what: `variable ${one.name}`,
      without: { ...grants, env: env.filter((other) => other !== one) },
    })),
    ...(grants.clock === false ? [] : [{ what: "clock", without: { ...grants, clock: false } }]),
    ...(grants.random ? [{ what: "random", without: { ...grants, random: false } }] : []),
  ];
}

for (const name of Object.keys(PROGRAMS)) {
  Deno.test(`${name} needs all that is suggested for it, and no more`, async () => {
    const bytes = await Deno.readFile(pathOf(name));
    const text = suggestedPolicy(factsOf(bytes), `${name}.wasm`);
    const keys = [...text.matchAll(/^(?:# )?(allow_\w+|sensor|dir) = /gm)].map(([, key = ""]) => key);
    const fills = keys.map((key) => {
      const fill = FILLED[key];
      assert(fill !== undefined, `${key} is suggested for ${name}`);
      return fill;
    });
    const all = Object.values(FILLED);
    const everything = await runGranted(name, {
      grants: (folder) => together(all.map((fill) => fill(folder))),
    });
    const suggested = await runGranted(name, {
      grants: (folder) => together(fills.map((fill) => fill(folder))),
    });
    assertEquals(suggested, everything, "with what is suggested");
    for (const [index, key] of keys.entries()) {
      // Nobody knows which variables a program looks for: it is given all of them, or none.
      if (key === "allow_env" && name !== "environment") continue;
      const without = fills.toSpliced(index, 1);
      const less = await runGranted(name, {
        grants: (folder) => together(without.map((fill) => fill(folder))),
      });
      assertNotEquals(less, everything, `without ${key}`);
    }
  });

  Deno.test(`${name} needs all that is recorded of its run, and no more`, async () => {
    const all = (folder: string) => together(Object.values(FILLED).map((fill) => fill(folder)));
    const events: AuditEvent[] = [];
    let recorded: PlanGrants | undefined;
    const everything = await runGranted(name, {
      grants: all,
      onAudit: (event) => events.push(event),
    });
    // Where the folder is matters to nobody but the host.
    await withFolder(async (folder) => {
      await makeMaterial(folder);
      const record = new GrantRecord(all("/home"), (path) => exists(path.replace("/home", folder)));
      for (const event of events) record.add(event);
      recorded = record.used();
    });
    const placed = (grants: PlanGrants, folder: string): PlanGrants => ({
      ...grants,
      directories: grants.directories.map((one) => ({ ...one, host: one.host.replace("/home", folder) })),
    });
    assert(recorded !== undefined);
    const grants = recorded;
    const again = await runGranted(name, { grants: (folder) => placed(grants, folder) });
    assertEquals(again, everything, `with ${JSON.stringify(grants)}`);
    for (const { what, without } of eachGrant(grants)) {
      if (what.startsWith("variable") && name !== "environment") continue; // as above
      const less = await runGranted(name, { grants: (folder) => placed(without, folder) });
      assertNotEquals(less, everything, `without ${what}`);
    }
  });
}

function factsOf(bytes: Uint8Array<ArrayBuffer>): ScanFacts {
  const { scan } = scanModule(bytes);
  assert(scan.facts !== undefined, "it is a module");
  return scan.facts;
}
