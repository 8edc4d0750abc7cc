/** A program of others answers by CGI: PHP, as a package ships it. */
import { FilesystemCapability } from "../../../mod.ts";
import { assertEquals, assertMatch } from "../../assert.ts";
import { packagedProgram } from "../../programs/third_party/packaged_program.ts";
import { withFolder } from "../../programs/temporary_folder.ts";
import { served } from "./rig.ts";

const SCRIPT = `<?php
header("X-Own: yes");
http_response_code(201);
echo $_SERVER["REQUEST_METHOD"], " ", $_GET["name"], " ", $_POST["field"], " ", $_COOKIE["c"] ?? "none", "\\n";
`;

Deno.test("PHP answers requests: query, form, cookie, status and headers", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/index.php`, SCRIPT);
    await using site = await served(new Uint8Array(await packagedProgram("php")), {
      args: ["php-cgi"],
      env: { SCRIPT_FILENAME: "/app/index.php", REDIRECT_STATUS: "200" },
    }, {
      memoryLimit: "256MiB",
      capabilities: [FilesystemCapability.readOnly([{ host: folder, guest: "/app" }])],
    });
    for (const name of ["one", "two"]) {
      const response = await site.handler.fetch(
        new Request(`http://localhost/?name=${name}`, {
          method: "POST",
          body: new URLSearchParams({ field: "välue" }),
          headers: { cookie: "c=d" },
        }),
      );
      assertEquals([response.status, response.headers.get("x-own")], [201, "yes"], JSON.stringify(site.log));
      assertMatch(response.headers.get("content-type") ?? "", /^text\/html/);
      assertEquals(await response.text(), `POST ${name} välue d\n`);
    }
  });
});
