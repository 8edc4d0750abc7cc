/** Programs in Go and Rust that read text, held against the same work done here. */
import { FilesystemCapability } from "../../src/policy/filesystem_capability.ts";
import { assert, assertEquals } from "../assert.ts";
import { runProgram } from "./run_program.ts";
import { makeTextTree } from "./sample_trees.ts";
import { withFolder } from "./temporary_folder.ts";

/** Paths of all files below a folder, and what is in them; what is not UTF-8 as U+FFFD. */
async function textsBelow(folder: string): Promise<[path: string, text: string][]> {
  const texts: [string, string][] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) texts.push(...await textsBelow(path));
    else texts.push([path, await Deno.readTextFile(path)]);
  }
  return texts.toSorted(([left], [right]) => left < right ? -1 : 1);
}

/** What grep_tree prints for a pattern. */
function grep(texts: readonly (readonly [path: string, text: string])[], pattern: string): string[] {
  return texts.flatMap(([path, text]) =>
    text.split("\n").flatMap((line, index) =>
      line.includes(pattern) ? [`${path}:${index + 1}: ${line}\n`] : []
    )
  );
}

Deno.test("grep_tree, in Go, finds the lines that a search in the test finds", () =>
  withFolder(async (folder) => {
    await makeTextTree(folder);
    const texts = (await textsBelow(folder)).map(([path, text]) =>
      [path.replace(folder, "/texts"), text] as const
    );
    for (const pattern of ["Straße ÉCOLE", "fox", "ΣΑΣ ½", "nowhere"]) {
      const { status, stdout, stderr } = await runProgram("grep_tree", {
        args: [pattern, "/texts"],
        capabilities: [FilesystemCapability.readOnly([{ host: folder, guest: "/texts" }])],
      });
      const lines = grep(texts, pattern);
      assertEquals(stdout, lines.join(""));
      assertEquals(stderr, `${lines.length} lines in ${texts.length} files\n`);
      assertEquals(status, lines.length > 0 ? 0 : 1);
    }
    assert(grep(texts, "Straße ÉCOLE").length > 10 && grep(texts, "fox").length === 1);
  }));

/** Counts of words, as word_count writes them: the most frequent first, those of one count by their bytes. */
function countWords(texts: readonly string[]): { readonly words: number; readonly rows: string[] } {
  const counts = new Map<string, number>(), encoder = new TextEncoder();
  let words = 0;
  for (const word of texts.join("\n").split(/[^\p{Alphabetic}\p{Number}]+/u)) {
    if (word === "") continue;
    const key = word.toLowerCase();
    counts.set(key, (counts.get(key) ?? 0) + 1);
    words++;
  }
  const rows = [...counts].toSorted(([left, some], [right, others]) =>
    others - some || (encoder.encode(left).toHex() < encoder.encode(right).toHex() ? -1 : 1)
  );
  return { words, rows: rows.map(([word, count]) => `${count} ${word}\n`) };
}

Deno.test("word_count, in Rust, counts as the test does, and leaves a whole file", () =>
  withFolder(async (folder) => {
    for (const name of ["texts", "results"]) await Deno.mkdir(`${folder}/${name}`);
    await makeTextTree(`${folder}/texts`);
    const texts = await textsBelow(`${folder}/texts`);
    const { status, stdout, stderr } = await runProgram("word_count", {
      args: ["/texts", "/results/counts"],
      capabilities: [
        FilesystemCapability.readOnly([{ host: `${folder}/texts`, guest: "/texts" }]),
        FilesystemCapability.full([{ host: `${folder}/results`, guest: "/results" }]),
      ],
    });
    const { words, rows } = countWords(texts.map(([, text]) => text));
    assertEquals([status, stderr], [0, ""]);
    assertEquals(stdout, `${texts.length} files, ${words} words, ${rows.length} different\n`);
    assertEquals([...Deno.readDirSync(`${folder}/results`)].map(({ name }) => name), ["counts"]);
    assertEquals(await Deno.readTextFile(`${folder}/results/counts`), rows.join(""));
    assert(words > 5000 && rows.length > 10);
  }));
