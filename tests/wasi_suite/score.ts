/** How one test of the suite ended. */
export interface SuiteResult {
  readonly language: string;
  readonly name: string;
  /** Undefined when it passed. */
  readonly failure: string | undefined;
  /** How it ends otherwise on the interpreter; undefined when it does not. */
  readonly differs: string | undefined;
  /** Whether it consumes the same in each run; one that looks at the clock need not. */
  readonly steady: boolean;
}

/** Why a test cannot pass here, where that is so by design. */
const BY_DESIGN: Readonly<Record<string, string>> = {
  dangling_symlink: "needs to create a symbolic link, which a broker with scoped permissions cannot",
  nofollow_errors: "needs to create a symbolic link",
  path_symlink_trailing_slashes: "needs to create a symbolic link",
  readlink: "needs to create a symbolic link",
  symlink_create: "needs to create a symbolic link",
  symlink_filestat: "needs to create a symbolic link",
  path_exists: "needs to create a symbolic link",
  symlink_loop: "needs to create a symbolic link",
};

/** The score as a page. */
export function renderScore(results: readonly SuiteResult[]): string {
  const passed = results.filter(({ failure }) => failure === undefined).length;
  const rows = results.map(({ language, name, failure }) => {
    const ended = failure === undefined ? "passed" : `failed: ${BY_DESIGN[name] ?? oneLine(failure)}`;
    return `| ${language} | ${name} | ${ended} |`;
  });
  return `# The public WASI test suite, preview 1

${passed} of ${results.length} tests pass, each in a sandbox of its own that was granted the test's folder, clocks and
random bytes, and nothing else. ${
    equality(results)
  } A test that needs to create a symbolic link fails by design: it gets \`perm\`.

| language | test | result |
| -------- | ---- | ------ |
${rows.join("\n")}
`;
}

function equality(results: readonly SuiteResult[]): string {
  const differing = results.filter(({ differs }) => differs !== undefined).map(({ name }) => name);
  return differing.length === 0
    ? "They end alike on both engines, after the same fuel where the clock does not decide it."
    : `On the interpreter these end otherwise: ${differing.join(", ")}.`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").replaceAll("|", "\\|").slice(0, 160);
}
