/** How a test ended. */
export type TestEnd =
  | { readonly status: number; readonly stdout: string; readonly stderr: string; readonly fuel: bigint }
  | { readonly error: string };

function told(end: TestEnd, parts: { readonly output: boolean; readonly fuel: boolean }): string {
  if ("error" in end) return `failed: ${end.error}`;
  const { status, stdout, stderr, fuel } = end;
  return `status ${status}` + (parts.output ? `, ${JSON.stringify([stdout, stderr])}` : "") +
    (parts.fuel ? `, ${fuel} units` : "");
}

/** Whether two runs in V8 consumed the same. */
export function isSteady([first, second]: readonly [TestEnd, TestEnd]): boolean {
  return "fuel" in first && "fuel" in second && first.fuel === second.fuel;
}

/**
 * How the interpreter differs from V8; undefined when it does not. What already differs between two runs in V8, because
 * the test looks at the clock or at random bytes, is not compared.
 */
export function difference([first, second]: readonly [TestEnd, TestEnd], other: TestEnd): string | undefined {
  const alike = (parts: { readonly output: boolean; readonly fuel: boolean }) =>
    told(first, parts) === told(second, parts);
  const parts = {
    output: alike({ output: true, fuel: false }),
    fuel: alike({ output: false, fuel: true }),
  };
  const wanted = told(first, parts), found = told(other, parts);
  return wanted === found ? undefined : `${found}, in V8 ${wanted}`;
}
