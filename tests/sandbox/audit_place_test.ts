import { checkAuditPlace } from "../../src/sandbox/audit_place.ts";
import { AegisError } from "../../src/core/errors.ts";
import { assertEquals, assertThrows } from "../assert.ts";

const NO_RIGHTS = { write: false, create: false, delete: false } as const;

Deno.test("checkAuditPlace() knows a directory by its number, where it was mounted under another path, too", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${folder}/above/logs`, { recursive: true });
    const numbers = (path: string) => {
      const { dev, ino } = Deno.lstatSync(path);
      return { device: dev, inode: ino ?? -1 };
    };
    const files = [`${folder}/above/logs/audit.jsonl`], keyFile = files[0];
    for (const path of [folder, `${folder}/above`, `${folder}/above/logs`]) {
      const mount = { hostPath: "/mounted/elsewhere", only: undefined, identity: numbers(path) };
      for (const right of ["write", "create", "delete"]) {
        const rights = { ...NO_RIGHTS, [right]: true };
        assertEquals(
          assertThrows(() => checkAuditPlace({ files }, [{ ...mount, ...rights }]), AegisError).field,
          "audit",
        );
      }
      checkAuditPlace({ files }, [{ ...mount, ...NO_RIGHTS }]);
      const keyed = () => checkAuditPlace({ files: [], keyFile }, [{ ...mount, ...NO_RIGHTS }]);
      assertEquals(assertThrows(keyed, AegisError).field, "auditKey");
    }
    await Deno.writeTextFile(files[0] ?? "", "");
    const single = { hostPath: "/mounted/elsewhere", only: ["other"], identity: numbers(files[0] ?? "") };
    assertThrows(() => checkAuditPlace({ files }, [{ ...single, ...NO_RIGHTS, write: true }]), AegisError);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("checkAuditPlace() takes what lies beside a grant, and nothing below the root", () => {
  const mount = { ...NO_RIGHTS, write: true, only: undefined, identity: { device: -1, inode: -1 } };
  checkAuditPlace({ files: ["/data2/log", "/data.jsonl"] }, [{ ...mount, hostPath: "/data" }]);
  assertThrows(() => checkAuditPlace({ files: ["/log"] }, [{ ...mount, hostPath: "/" }]), AegisError);
  checkAuditPlace({ files: ["/data/log.1"] }, [{ ...mount, hostPath: "/data", only: ["log"] }]);
  assertThrows(
    () => checkAuditPlace({ files: ["/data/log"] }, [{ ...mount, hostPath: "/data", only: ["log"] }]),
    AegisError,
  );
});
