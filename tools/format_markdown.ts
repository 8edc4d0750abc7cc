const ROOT = new URL("../", import.meta.url);

/** Text as the formatter of this project leaves it. @throws {Error} when it cannot be formatted */
export async function formatMarkdown(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=md", "-"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const output = child.output(), writer = child.stdin.getWriter();
  await Promise.all([writer.write(new TextEncoder().encode(markdown)), writer.close()]);
  const { success, stdout } = await output;
  if (!success) throw new Error("Cannot format the document");
  return new TextDecoder().decode(stdout);
}
