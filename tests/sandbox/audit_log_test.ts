/** Audit logs in files, written by runtimes: what is in them, what is not, and where they may lie. */
import {
  Aegis,
  AegisError,
  AlertCapability,
  AuditLog,
  type AuditRecord,
  EnvCapability,
  FilesystemCapability,
  readAuditLog,
  type Threat,
  verifyAuditLog,
} from "../../mod.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "../assert.ts";

const GUEST = `(module
  (import "env" "read_sensor" (func $sensor (param i32) (result i32)))
  (import "env" "send_alert" (func $alert (param i32 i32 i32)))
  (import "shop" "price" (func $price (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "probe") (param $times i32) (local $id i32)
    (loop $next
      (drop (call $sensor (local.get $id)))
      (local.set $id (i32.add (local.get $id) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $id) (local.get $times)))))
  (func (export "alert") (param $length i32) (call $alert (i32.const 0) (local.get $length) (i32.const 3)))
  (func (export "price") (param $length i32) (result i32) (call $price (i32.const 0) (local.get $length)))
  (func (export "trap") unreachable)
  (func (export "spin") (loop $l (br $l))))`;

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(await Deno.realPath(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function recordsOf(file: string): Promise<AuditRecord[]> {
  return await Array.fromAsync(readAuditLog(file));
}

async function refused(attempt: () => Promise<unknown>, message: RegExp): Promise<void> {
  const error = await assertRejects(attempt, AegisError);
  assertEquals(error.code, "InvalidOption");
  assertMatch(error.message, message);
}

Deno.test("a runtime records loads, calls, decisions, calls of the host, traps and limits, in one chain", () =>
  inFolder(async (folder) => {
    const file = `${folder}/audit.jsonl`, threats: Threat[] = [];
    {
      using audit = await AuditLog.open(file, { onThreat: (threat) => threats.push(threat) });
      await using runtime = await Aegis.create({ isolation: "worker", audit, fuelLimit: 100_000 });
      const module = await runtime.loadWat(GUEST, { name: "guest" });
      await using sandbox = await runtime.sandbox().build();
      sandbox.registerFunc("shop", "price", { params: ["i32", "i32"], results: ["i32"] }, () => 7);
      await sandbox.loadModule(module);
      await sandbox.call("price", [0]);
      await sandbox.call("probe", [4]);
      await sandbox.tryCall("trap");
      await sandbox.tryCall("spin");
      audit.note("request", { sandbox: sandbox.id, detail: { client: "me" } });
      await sandbox.close();
    }
    const records = await recordsOf(file),
      hash = records.find(({ kind }) => kind === "module_loaded")?.module;
    assertMatch(hash ?? "", /^[0-9a-f]{64}$/);
    const said = records.map(({ kind, severity, detail, execution }) => ({
      kind,
      severity,
      detail,
      execution,
    }));
    const has = (kind: string, severity: string, execution: number, detail: Record<string, unknown>) =>
      assert(
        said.some((one) =>
          one.kind === kind && one.severity === severity && one.execution === execution &&
          Object.entries(detail).every(([name, value]) => one.detail[name] === value)
        ),
        `${kind} ${JSON.stringify(said, null, 1)}`,
      );
    has("call_started", "info", 1, { function: "price" });
    has("host_call", "info", 1, { function: "shop.price" });
    has("call_completed", "info", 2, { function: "probe", outcome: "value" });
    has("guest_trapped", "warning", 3, { code: "Trap" });
    has("limit_hit", "error", 4, { code: "OutOfFuel" });
    const denied = records.filter(({ kind }) => kind === "grant_denied");
    assertEquals(denied.map(({ detail }) => [detail["capability"], detail["target"]]), [
      ["sensor", "0"],
      ["sensor", "1"],
      ["sensor", "2"],
      ["sensor", "3"],
    ]);
    assertEquals(threats.map(({ rule, module }) => [rule, module]), [["capability_violations", hash]]);
    assertEquals(
      records.filter(({ kind }) => kind === "threat").map((
        { detail, severity },
      ) => [detail["rule"], severity]),
      [
        ["capability_violations", "warning"],
      ],
    );
    assertEquals(records.find(({ kind }) => kind === "request")?.detail, { client: "me" });
    const { intact, closed, records: count } = await verifyAuditLog(file);
    assertEquals([intact, closed, count], [true, true, records.length]);
    assertEquals(((await Deno.stat(file)).mode ?? 0) & 0o777, 0o600);
  }));

Deno.test("secrets and variables stand in no record, however a guest or a host function tells them", () =>
  inFolder(async (folder) => {
    const file = `${folder}/audit.jsonl`,
      secret = "s3cret/ü+value",
      variable = "variable-value",
      own = "of the embedder";
    {
      using audit = await AuditLog.open(file, { redact: [own] });
      await using runtime = await Aegis.create({
        isolation: "worker",
        audit,
        capabilities: [AlertCapability.all(), EnvCapability.set({ NAME: variable })],
      });
      const secrets = [{ name: "TOKEN", value: "s3cret/\xfc+value", hosts: ["example.com"] }];
      const sandbox = await runtime.sandbox({ secrets }).build();
      sandbox.registerFunc("shop", "price", { params: ["i32", "i32"], results: ["i32"] }, () => {
        throw new Error(`no price for ${secret} and ${variable}: ${own}`);
      });
      await sandbox.loadModule(await runtime.loadWat(GUEST, { name: `named ${secret}` }));
      for (
        const text of [
          secret,
          encodeURIComponent(secret),
          `${"x".repeat(250)}${secret}`,
          variable,
          `${"-".repeat(1018)}${secret}${secret}`,
        ]
      ) {
        const bytes = new TextEncoder().encode(text);
        await sandbox.writeMemory(0, bytes);
        await sandbox.call("alert", [bytes.length]);
      }
      await sandbox.tryCall("price", [1]);
      await assertRejects(() => sandbox.tryCall(secret), AegisError);
      audit.note("note", { detail: { text: `${secret} ${own}` } });
      await sandbox.close();
      // After its sandbox nobody needs to hide it any more: it may be any word.
      audit.note("note", { detail: { text: variable } });
    }
    const text = await Deno.readTextFile(file), records = await recordsOf(file);
    for (
      const hidden of ["s3cret", "s3c", own, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]
    ) {
      assert(!text.includes(hidden), text);
    }
    assertEquals(text.split(variable).length, 2);
    const alerts = records.filter(({ kind }) => kind === "alert").map(({ detail }) => detail["message"]);
    for (const shown of ["{{secret:TOKEN}}", "{{env:NAME}}"]) assert(alerts.includes(shown), shown);
    assert(
      records.some(({ detail }) =>
        String(detail["message"]).includes("no price for {{secret:TOKEN}} and {{env:NAME}}: {{redacted}}")
      ),
    );
  }));

Deno.test("a guest that floods the log with denials that never repeat fills no disk", () =>
  inFolder(async (folder) => {
    const file = `${folder}/audit.jsonl`, times = 3000;
    {
      using audit = await AuditLog.open(file);
      await using runtime = await Aegis.create({ isolation: "worker", audit, hostCallLimit: 1e9 });
      await using sandbox = await runtime.sandbox().build();
      sandbox.registerFunc("shop", "price", { params: ["i32", "i32"], results: ["i32"] }, () => 7);
      await sandbox.loadModule(await runtime.loadWat(GUEST));
      await sandbox.call("probe", [times]);
    }
    const records = await recordsOf(file), denied = records.filter(({ kind }) => kind === "grant_denied");
    assertEquals(denied.reduce((sum, { count = 1 }) => sum + count, 0), times);
    assert(records.length < 600, `${records.length} records`);
    assert((await Deno.stat(file)).size < 400_000);
    const rules = records.filter(({ kind }) => kind === "threat").map(({ detail }) => detail["rule"]);
    assertEquals(rules, ["capability_violations", "probing", "denial_flood"]);
    assert((await verifyAuditLog(file)).intact);
  }));

Deno.test("a log is refused that is a link, has two names, is no file, or is written by somebody else", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/file`, "");
    await Deno.symlink(`${folder}/file`, `${folder}/link`);
    await Deno.symlink(`${folder}/nowhere`, `${folder}/dangling`);
    await Deno.link(`${folder}/file`, `${folder}/second`);
    await Deno.mkdir(`${folder}/folder`);
    await Deno.symlink(`${folder}/file`, `${folder}/log.head`);
    await Deno.symlink(`${folder}/file`, `${folder}/other.2`);
    await refused(() => AuditLog.open(`${folder}/link`), /it is a symbolic link/);
    await refused(() => AuditLog.open(`${folder}/dangling`), /it is a symbolic link/);
    await refused(() => AuditLog.open(`${folder}/second`), /it has more names than this one/);
    await refused(() => AuditLog.open(`${folder}/folder`), /it is no regular file/);
    await refused(() => AuditLog.open(`${folder}/log`), /log\.head": it is a symbolic link/);
    await refused(() => AuditLog.open(`${folder}/other`), /other\.2": it is a symbolic link/);
    await refused(() => AuditLog.open("/dev/null"), /no regular file|denied/);
    using _ = await AuditLog.open(`${folder}/mine`);
    await refused(() => AuditLog.open(`${folder}/mine`), /another process writes to it/);
  }));

Deno.test("a log that is refused leaves no file behind, and takes none away", () =>
  inFolder(async (folder) => {
    const files = () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    await Deno.writeTextFile(`${folder}/headless`, "{}\n");
    await refused(() => AuditLog.open(`${folder}/headless`), /its head file is missing/);
    await Deno.writeTextFile(`${folder}/put.1`, "{}\n");
    await refused(() => AuditLog.open(`${folder}/put`), /its head file is missing/);
    await refused(
      () => AuditLog.open(`${folder}/new`, { keyFile: `${folder}/headless` }),
      /others than|3 bytes/,
    );
    assertEquals(files(), ["headless", "put.1"]);
    (await AuditLog.open(`${folder}/log`)).close();
    await Deno.remove(`${folder}/log`);
    await refused(() => AuditLog.open(`${folder}/log`), /it is empty, and its head names record 2/);
    assertEquals(files(), ["headless", "log.head", "put.1"]);
  }));

Deno.test({
  name: "a log that this process may not look at is refused without a word of Deno's flags",
  permissions: { read: false, write: false },
  fn: () => refused(() => AuditLog.open("/nowhere/log"), /log\.head": access to it is denied$/),
});

Deno.test("a runtime takes no log that its guests may write, nor a key that they may read", () =>
  inFolder(async (folder) => {
    await Deno.mkdir(`${folder}/data/logs`, { recursive: true });
    await Deno.symlink(`${folder}/data`, `${folder}/alias`);
    await Deno.writeFile(`${folder}/data/key`, new Uint8Array(32), { mode: 0o600 });
    const create = (audit: AuditLog, ...capabilities: FilesystemCapability[]) => async () => {
      await using runtime = await Aegis.create({ isolation: "worker", audit, capabilities });
      void runtime;
    };
    {
      using audit = await AuditLog.open(`${folder}/alias/logs/audit.jsonl`);
      assertEquals(audit.path, `${folder}/data/logs/audit.jsonl`);
      for (
        const path of [
          "data",
          "data/logs",
          "alias",
          "alias/logs",
          "data/logs/audit.jsonl",
          "data/logs/audit.jsonl.head",
        ]
      ) {
        await refused(
          create(audit, FilesystemCapability.readWrite([`${folder}/${path}`])),
          /guests may change what is in/,
        );
      }
      await create(audit, FilesystemCapability.readOnly([`${folder}/data`]))();
      await Deno.mkdir(`${folder}/data/logs2`);
      await create(audit, FilesystemCapability.readWrite([`${folder}/data/logs2`]))();
    }
    using keyed = await AuditLog.open(`${folder}/keyed`, { keyFile: `${folder}/alias/key` });
    await refused(
      create(keyed, FilesystemCapability.readOnly([`${folder}/data`])),
      /guests may reach what is in/,
    );
    await refused(
      create(keyed, FilesystemCapability.readOnly([`${folder}/data/key`])),
      /guests may reach what is in/,
    );
  }));

Deno.test("a key is refused that others may read, that is too short, or that is no file", () =>
  inFolder(async (folder) => {
    const open = (key: string) => () => AuditLog.open(`${folder}/log`, { keyFile: `${folder}/${key}` });
    await Deno.writeFile(`${folder}/open`, new Uint8Array(32), { mode: 0o600 });
    for (const mode of [0o604, 0o640, 0o620, 0o601]) {
      await Deno.chmod(`${folder}/open`, mode);
      await refused(open("open"), /others than its owner may read or write it/);
    }
    await Deno.writeFile(`${folder}/short`, new Uint8Array(31), { mode: 0o600 });
    await refused(open("short"), /it has 31 bytes, and a key has 32 to 4096/);
    await refused(open("."), /no regular file/);
    await refused(open("missing"), /missing/);
    await Deno.writeFile(`${folder}/key`, crypto.getRandomValues(new Uint8Array(32)), { mode: 0o600 });
    (await open("key")()).close();
    const { intact } = await verifyAuditLog(`${folder}/log`, { keyFile: `${folder}/key` });
    assert(intact);
    assertMatch((await verifyAuditLog(`${folder}/log`)).flaw?.reason ?? "", /the log has a key/);
    await refused(() => AuditLog.open(`${folder}/log`), /was begun with a key/);
  }));

Deno.test("files that are full are put away, and all of them are verified", () =>
  inFolder(async (folder) => {
    const file = `${folder}/log`;
    {
      using audit = await AuditLog.open(file, { fileSize: "256KiB" });
      for (let number = 0; number < 4000; number++) {
        audit.note("note", { detail: { number, text: "x".repeat(250) } });
      }
      assertEquals(audit.dropped, 0);
    }
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assertEquals(names, ["log", "log.1", "log.2", "log.3", "log.head"]);
    const found = await verifyAuditLog(file);
    assert(found.intact, found.flaw?.reason);
    assert(found.first > 1);
    assertEquals((await recordsOf(file)).length, found.records);
    // Every file counts: the last byte of an older one, too.
    const older = await Deno.readFile(`${file}.2`);
    await Deno.writeFile(`${file}.2`, older.subarray(0, -1));
    assertMatch((await verifyAuditLog(file)).flaw?.reason ?? "", /the file ends within a line/);
    await Deno.remove(`${file}.2`);
    assertMatch((await verifyAuditLog(file)).flaw?.reason ?? "", /missing before it/);
    await Deno.remove(`${file}.3`);
    assertMatch((await verifyAuditLog(file)).flaw?.reason ?? "", /and the head names/);
  }));

Deno.test("what is no regular file is neither read nor waited for", () =>
  inFolder(async (folder) => {
    (await AuditLog.open(`${folder}/log`)).close();
    const make = async (name: string) => {
      const { success } = await new Deno.Command("mkfifo", { args: [`${folder}/${name}`] }).output();
      assert(success);
    };
    await make("log.1");
    await refused(() => verifyAuditLog(`${folder}/log`), /log\.1": it is no regular file/);
    await refused(() => recordsOf(`${folder}/log`), /log\.1": it is no regular file/);
    await Deno.remove(`${folder}/log.1`);
    await Deno.remove(`${folder}/log.head`);
    await make("log.head");
    await refused(() => verifyAuditLog(`${folder}/log`), /log\.head": it is no regular file/);
    await Deno.remove(`${folder}/log.head`);
    await Deno.mkdir(`${folder}/log.head`);
    await refused(() => verifyAuditLog(`${folder}/log`), /log\.head": it is no regular file/);
    await refused(() => verifyAuditLog(folder), /it is no regular file/);
  }));

Deno.test("a file that was put into the place of an older one is not waited for when files are put away", () =>
  inFolder(async (folder) => {
    const file = `${folder}/log`;
    using audit = await AuditLog.open(file, { fileSize: "256KiB" });
    const { success } = await new Deno.Command("mkfifo", { args: [`${file}.2`] }).output();
    assert(success);
    for (let number = 0; number < 600; number++) {
      audit.note("note", { detail: { number, text: "x".repeat(250) } });
    }
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "log",
      "log.1",
      "log.3",
      "log.head",
    ]);
  }));

Deno.test("a log that is being written is intact, and told not to be closed", () =>
  inFolder(async (folder) => {
    using audit = await AuditLog.open(`${folder}/log`);
    for (let number = 0; number < 20; number++) {
      audit.note("note", { detail: { number } });
      const { intact, closed, hash, last } = await verifyAuditLog(`${folder}/log`);
      assertEquals([intact, closed, { hash, count: last }], [true, false, audit.head]);
    }
  }));

Deno.test("AuditLog.note() records whatever it is given in one line that is intact, and bounded", () =>
  inFolder(async (folder) => {
    const file = `${folder}/log`, long = "\u{1f600}".repeat(1000);
    {
      using audit = await AuditLog.open(file);
      const detail: Record<string, string> = {};
      for (let number = 0; number < 100; number++) detail[`${number}${long}`] = long;
      audit.note("note", { detail, sandbox: long, module: long, execution: -1 });
      const odd = JSON.parse('{"__proto__": "p", "10": 1, "9": 2, "b": -0, "a": "\\ud800\\n\\u0000\\"}"}');
      audit.note("request", { detail: { ...odd, large: 1e300, none: NaN }, execution: 2 ** 53 });
      for (const kind of ["log_closed", "threat", "grant_allowed", "__proto__"]) {
        const error = assertThrows(() => audit.note(kind as "note", { detail: {} }), AegisError);
        assertMatch(error.message, /use "request" or "note"/);
      }
    }
    const { intact, flaw, records } = await verifyAuditLog(file);
    assert(intact, flaw?.reason);
    assertEquals(records, 4);
    const [, large, odd] = await recordsOf(file);
    assertEquals(Object.keys(large?.detail ?? {}).length, 16);
    assertEquals(odd?.detail["a"], '\ud800\n\0"}');
    assertEquals([odd?.detail["none"], odd?.detail["large"], odd?.execution], ["NaN", 1e300, undefined]);
  }));

Deno.test("a runtime whose log cannot be written any more starts no sandbox", () =>
  inFolder(async (folder) => {
    const failures: unknown[] = [];
    using audit = await AuditLog.open(`${folder}/log`, { onFailure: (error) => failures.push(error) });
    await using runtime = await Aegis.create({ isolation: "worker", audit });
    const append = Deno.FsFile.prototype.writeSync;
    Deno.FsFile.prototype.writeSync = () => {
      throw new Error("no space left on device");
    };
    try {
      audit.note("note", { detail: {} });
    } finally {
      Deno.FsFile.prototype.writeSync = append;
    }
    assertEquals(failures.length, 1);
    const error = await assertRejects(() => runtime.sandbox().build(), AegisError);
    assertEquals(error.code, "Full");
    assertMatch(error.message, /the audit log cannot be written any more: no space left/);
  }));

Deno.test("AuditLog.open() refuses options that it does not know, and values that are none", async () => {
  const open = (options: object) => () => AuditLog.open("/nowhere/log", options);
  await refused(open({ keyfile: "k" }), /Did you mean "keyFile"/);
  await refused(open({ level: "loud" }), /use info, warning, error, critical/);
  await refused(open({ fileSize: "1KiB" }), /use 256KiB at least/);
  await refused(open({ redact: [1] }), /give a list of texts/);
  await refused(() => Aegis.create({ audit: {} as AuditLog }), /what AuditLog.open gives/);
});
