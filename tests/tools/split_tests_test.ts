import { LONG, splitTests } from "../../tools/split_tests.ts";
import { assert, assertEquals } from "../assert.ts";

/** The text of a module, which is not to be found in this one. */
const importing = (path: string) => `import { x } from "${path}";`;

Deno.test("splitTests() sets apart what looks at the whole process, by way of others too", async () => {
  const root = await Deno.makeTempDir();
  try {
    const write = async (path: string, text: string) => {
      await Deno.mkdir(`${root}/${path.split("/")[0]}`, { recursive: true });
      await Deno.writeTextFile(`${root}/${path}`, text);
    };
    await write("adversarial/process_facts.ts", "");
    await write("other/helper.ts", importing("../adversarial/process_facts.ts"));
    await write("adversarial/direct_test.ts", importing("./process_facts.ts"));
    await write("other/indirect_test.ts", importing("./helper.ts"));
    await write("other/free_test.ts", importing("./another.ts"));
    await write("other/another.ts", "");
    await write("tasks/killed_test.ts", "");
    await write("isolation/hostile_test.ts", importing("../adversarial/process_facts.ts"));
    await write("browser/browser.ts", importing("../adversarial/process_facts.ts"));
    await write("browser/page_test.ts", importing("./browser.ts"));
    const { together, alone, long, pages } = await splitTests(root);
    assertEquals(together, [`${root}/other/free_test.ts`]);
    assertEquals(alone, [`${root}/adversarial/direct_test.ts`, `${root}/other/indirect_test.ts`]);
    assertEquals(long, {
      together: [`${root}/tasks/killed_test.ts`],
      alone: [`${root}/isolation/hostile_test.ts`],
    });
    assertEquals(pages, [`${root}/browser/page_test.ts`]);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("splitTests() finds each kind among the tests of this project", async () => {
  const { together, alone, long, pages } = await splitTests(
    new URL("..", import.meta.url).pathname.replace(/\/$/, ""),
  );
  assert(together.some((file) => file.endsWith("/split_tests_test.ts")));
  assert(alone.some((file) => file.endsWith("/load_test.ts")));
  const found = [...long.together, ...long.alone].map((file) => file.replace(/^.*\/tests\//, ""));
  assertEquals(found.toSorted(), [...LONG]);
  assert(pages.some((file) => file.endsWith("/browser/rig_test.ts")));
});
