/** Where a log may lie, as the process finds out that may look at all of it. */
import { planAudit } from "../../src/cli/audit_plan.ts";
import { AegisError } from "../../mod.ts";
import { NO_GRANTS, type PlanDirectory } from "../../src/manifest/grants.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";

Deno.test("planAudit() knows a directory by its number, whatever its path is, and a file that is granted by itself", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    await Deno.mkdir(`${folder}/data`);
    await Deno.writeTextFile(`${folder}/data/log`, "");
    const plan = (host: string, rights: PlanDirectory["rights"]) => () =>
      planAudit({ audit: `${folder}/data/log` }, { locate: Deno.realPathSync }, {
        guests: [{ grants: NO_GRANTS }, {
          grants: { ...NO_GRANTS, directories: [{ host, guest: "/d", rights }] },
        }],
      });
    // As a directory has that is mounted twice.
    const other = `${folder}/data/../data`;
    for (const host of [other, `${folder}/data`, folder, `${folder}/data/log`, "/"]) {
      for (const rights of ["full", "write", ["delete"], ["read", "create"]] as const) {
        assertEquals(assertThrows(plan(host, rights), AegisError).field, "audit", `${host} ${rights}`);
      }
      assert(plan(host, "read")() !== null);
    }
    for (const host of [`${folder}/dat`, `${folder}/data/log2`]) assert(plan(host, "full")() !== null);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
