import { checkApart, programParts, resolvedPath } from "../../../src/cli/tool/apart.ts";
import { AegisError } from "../../../src/core/errors.ts";
import { assertEquals, assertThrows } from "../../assert.ts";

Deno.test({
  name: "checkApart() knows what runs a tool by each of its names, and what is not there yet",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = Deno.realPathSync(await Deno.makeTempDir({ prefix: "aegis_apart_" }));
    try {
      for (const name of ["cache", "out"]) await Deno.mkdir(`${folder}/${name}`);
      for (const name of ["cache", "out"]) await Deno.symlink(`${folder}/${name}`, `${folder}/to_${name}`);
      const places = {
        deno: "/d/deno",
        compiled: false,
        entry: "https://e.test/e.ts",
        config: undefined,
        lock: undefined,
      };
      const refuses = (host: string, denoDir: string) =>
        assertThrows(
          () => checkApart([{ host, guest: ".", rights: "full" }], programParts(places, denoDir)),
          AegisError,
          "what runs it lies there",
        );
      refuses(`${folder}/cache`, `${folder}/to_cache`);
      refuses(`${folder}/to_cache`, `${folder}/cache`);
      refuses(`${folder}/cache`, `${folder}/to_cache/not/yet`);
      refuses(folder, `${folder}/to_cache/`);
      checkApart(
        [{ host: `${folder}/out`, guest: ".", rights: "full" }],
        programParts(places, `${folder}/to_cache`),
      );
      checkApart([{ host: `${folder}/cache`, guest: ".", rights: "read" }], [`${folder}/to_cache`]);
      assertEquals(resolvedPath(`${folder}/to_out/a/b`), `${folder}/out/a/b`);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
