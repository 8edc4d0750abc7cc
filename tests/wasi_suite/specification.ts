/** What a test of the suite is run with, and what it must come to. */
export interface Specification {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A folder beside the test, which the guest finds as `/`. */
  readonly root: string | undefined;
  readonly exitCode: number;
  readonly stdout: string | undefined;
}

/** Reads the file beside a test; a test without one has the defaults. */
export async function readSpecification(path: string): Promise<Specification> {
  let text = "{}";
  try {
    text = await Deno.readTextFile(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const { args = [], env = {}, root, exit_code: exitCode = 0, stdout } = JSON.parse(text);
  return { args, env, root: root ?? undefined, exitCode, stdout };
}
