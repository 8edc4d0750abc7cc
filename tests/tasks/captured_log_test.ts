import { CapturedLog, type LogLine, NOTICES } from "../../src/tasks/captured_log.ts";
import { assert, assertEquals } from "../assert.ts";

const BOUNDS = { lines: 3, size: 20, lineSize: 8 };

function logOf(bounds = BOUNDS) {
  const heard: LogLine[] = [], log = new CapturedLog(bounds, (line) => heard.push(line));
  return { log, heard, texts: () => log.lines.map(({ text, cut }) => text + (cut ? "…" : "")) };
}

const line = (text: string): LogLine => ({ time: 1, source: "log", text });

Deno.test("D37 CapturedLog.add() keeps the first lines, and counts the others", () => {
  const { log, heard, texts } = logOf();
  for (const text of ["a", "b", "c", "d", "e"]) log.add(line(text));
  assertEquals([texts(), log.cut, heard.length], [["a", "b", "c"], 2, 3]);
});

Deno.test("D37 CapturedLog.add() cuts a line that is long, between two characters", () => {
  const { log, texts } = logOf();
  log.add(line("1234567😀"));
  log.add(line("12345678"));
  log.add(line("12345678"));
  assertEquals(texts(), ["1234567…", "12345678", "12345…"]);
});

Deno.test("CapturedLog.print() makes lines of pieces that end anywhere", () => {
  const { log, texts } = logOf({ lines: 10, size: 100, lineSize: 20 });
  log.print("stdout", "on", 1);
  log.print("stderr", "other\n", 1);
  log.print("stdout", "e\n\ntwo\nth", 1);
  log.print("stdout", "ree", 1);
  assertEquals(texts(), ["other", "one", "", "two"]);
  log.finish(2);
  log.finish(2);
  assertEquals(texts().at(-1), "three");
});

Deno.test("D37 CapturedLog.print() keeps no line that never ends", () => {
  const { log, texts } = logOf({ lines: 1000, size: 1000, lineSize: 10 });
  for (let piece = 0; piece < 10_000; piece++) log.print("stdout", "xxxx", 1);
  log.finish(1);
  const kept = texts().join("").length;
  assert(kept <= 2000 && log.lines.length <= 1000, String(kept));
  assert(log.cut > 1000, "the rest is counted");
});

Deno.test("D37 CapturedLog.addNotice() has room of its own, and bounds", () => {
  const { log, texts } = logOf();
  for (let number = 0; number < 100; number++) log.add(line("flood"));
  for (let number = 0; number < 80; number++) {
    log.addNotice({ time: 1, source: "denial", text: "x".repeat(5000) });
  }
  const notices = log.lines.filter(({ source }) => source === "denial");
  assertEquals([notices.length, notices[0]?.text.length], [NOTICES.lines, NOTICES.lineSize]);
  assertEquals([texts().length, log.cut], [3 + NOTICES.lines, 97 + 80 - NOTICES.lines]);
});
