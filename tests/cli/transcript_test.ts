import { assert, assertEquals } from "../assert.ts";
import { joinSteps, runStep, splitSteps, type Step } from "./transcript.ts";
import { makeFixtures } from "./transcript_fixtures.ts";

const TRANSCRIPTS = new URL("./transcripts/", import.meta.url);
const UPDATE = Deno.env.get("AEGIS_UPDATE") === "1";

const names = [...Deno.readDirSync(TRANSCRIPTS)].map(({ name }) => name).sort();

Deno.test("splitSteps() loses nothing of a transcript", () => {
  assert(names.length > 0);
  for (const name of names) {
    const text = Deno.readTextFileSync(new URL(name, TRANSCRIPTS));
    assertEquals(joinSteps(splitSteps(text)), text, name);
  }
});

for (const name of names) {
  Deno.test({
    name: `the command prints what transcript ${name} says`,
    ignore: Deno.build.os === "windows", // the steps run through a shell
    async fn() {
      const file = new URL(name, TRANSCRIPTS);
      const steps = splitSteps(await Deno.readTextFile(file));
      assert(steps.length > 0);
      const folder = await makeFixtures();
      try {
        const now: Step[] = [];
        for (const step of steps) now.push({ ...step, printed: await runStep(step.line, folder) });
        if (UPDATE) await Deno.writeTextFile(file, joinSteps(now));
        else assertEquals(joinSteps(now), joinSteps(steps));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
