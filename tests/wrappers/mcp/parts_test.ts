/** The parts of the MCP server that stand for themselves. */
import { AegisError } from "../../../src/core/errors.ts";
import { cleanLine, cleanText } from "../../../src/wrappers/mcp/clean_text.ts";
import { nameSkeleton, TakenNames } from "../../../src/wrappers/mcp/names.ts";
import { ProgressReporter } from "../../../src/wrappers/mcp/progress.ts";
import { matchUri, readUriTemplate } from "../../../src/wrappers/mcp/uri_template.ts";
import { LiveCall } from "../../../src/wrappers/mcp/live_call.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";

Deno.test("G58 cleanText() leaves text, and takes away what hides or turns it", () => {
  assertEquals(cleanText("Grüße, 世界 🙂\n\tend", 100), "Grüße, 世界 🙂\n\tend");
  assertEquals(cleanText("a\u001b[1mb\u0000c\u009bd\r\ne", 100), "a[1mbcd\ne");
  assertEquals(
    cleanText("a\u202eb\u2066c\u200bd\ufeffe\u00adf\u{e0041}g\u2028h\ud800i\ufe01j\u3164k", 100),
    "abcdefghijk",
  );
  assertEquals(cleanText("x".repeat(50), 10), `${"x".repeat(10)}…`);
  assertEquals(cleanLine(" a\n\n b\t", 10), "a b");
});

Deno.test("G59 TakenNames refuses what could be mixed up", () => {
  assertEquals(nameSkeleton("Read.File-2"), "read_file_2");
  const taken = new TakenNames("tool");
  taken.take("read_file", "a");
  taken.take("read_files", "a");
  for (const name of ["read_file", "READ_FILE", "read-file", "read.file"]) {
    const { message } = assertThrows(() => taken.take(name, "b"), AegisError);
    assert(message.includes('"a"') && message.includes('"b"'), message);
  }
});

Deno.test("templates of URIs match what they say, and nothing else", () => {
  const note = readUriTemplate("notes://{folder}/{id}.txt", "t"),
    all = readUriTemplate("file:///{+path}", "t");
  assertEquals(matchUri(note, "notes://a/b%20c.txt"), { folder: "a", id: "b c" });
  assertEquals(matchUri(all, "file:///a/b/c"), { path: "a/b/c" });
  assertEquals(matchUri(all, "file:///a%2Fb"), { path: "a/b" });
  for (
    const uri of [
      "notes://a/.txt",
      "notes:///b.txt",
      "notes://a/b/c.txt",
      "notes://a/b.tx",
      "other://a/b.txt",
      "notes://a/%zz.txt",
      "notes://a/b%2Fc.txt",
      "notes://..%2f..%2fx/b.txt",
      "notes://a/b%5cc.txt",
      "notes://a/b%00.txt",
    ]
  ) {
    assertEquals(matchUri(note, uri), undefined, uri);
  }
  assertEquals(matchUri(all, `file:///${"a".repeat(9000)}`), undefined);
  for (
    const text of [
      "{+x}",
      "notes://",
      "a:{x}{y}",
      "a:{+x}/b",
      "a:{x}/{x}",
      "a:{x",
      "a:{x*}",
      `a:{x}${"b".repeat(3000)}`,
    ]
  ) {
    assertThrows(() => readUriTemplate(text, "t"), AegisError);
  }
});

Deno.test("progress rises, is bounded in rate, and ends with the call", () => {
  let now = 0, due: (() => void) | undefined;
  const sent: number[] = [];
  const reporter = new ProgressReporter(({ progress }) => sent.push(progress), {
    now: () => now,
    start: (work) => {
      due = work;
      return () => due = undefined;
    },
  });
  for (const done of [1, 2, 3, 3, 2, NaN, Infinity]) reporter.report(done, 10, "");
  assertEquals(sent, [1]);
  now = 100;
  due?.();
  assertEquals(sent, [1, 3]);
  reporter.report(4, 10, "");
  reporter.end();
  reporter.report(5, 10, "");
  assertEquals([sent, due], [[1, 3, 4], undefined]);
});

Deno.test("a call that is cancelled is stopped at once, or after the grace of a guest that asks", async () => {
  const client = new AbortController(),
    atOnce = new LiveCall(client.signal, { progress: undefined, grace: 0 });
  const later = new LiveCall(client.signal, { progress: undefined, grace: 20 });
  const ended = new LiveCall(client.signal, { progress: undefined, grace: 20 });
  assertEquals([atOnce.cancelled, atOnce.signal.aborted], [false, false]);
  client.abort();
  assertEquals([later.cancelled, atOnce.signal.aborted, later.signal.aborted], [true, true, false]);
  ended.end();
  await new Promise((resolve) => later.signal.addEventListener("abort", resolve));
  assertEquals(ended.signal.aborted, false);
});
