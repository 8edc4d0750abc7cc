import { assert, assertEquals } from "../assert.ts";
import { exported, meteredSubject } from "../../bench/fuel/subject.ts";
import { type Kernel, kernelBytes, kernels } from "../../bench/kernels/kernels.ts";

/** A run with the small n, as a workload that the benchmark could measure. */
function smallRun(kernel: Kernel) {
  return meteredSubject({
    name: kernel.name,
    group: kernel.group,
    bytes: () => kernelBytes(kernel),
    setUp(exports) {
      const run = exported(exports, "run");
      return () => run(kernel.small.n);
    },
  }, 1);
}

for (const kernel of kernels) {
  Deno.test(`kernel ${kernel.name} gives ${kernel.known.source}, and the same checksum bare and metered`, async () => {
    const { instance } = await WebAssembly.instantiate(await kernelBytes(kernel), {});
    assertEquals(exported(instance.exports, "known")(), kernel.known.value);
    const subject = await smallRun(kernel), other = await smallRun(kernel);
    for (const run of [subject.bare, subject.variant, other.variant]) {
      assertEquals(run(), kernel.small.checksum);
    }
    assert(subject.units() > 0n);
    assertEquals(subject.units(), other.units(), "two fresh instances consume the same");
    // What a run leaves behind must not change the result of the next: samples are compared with each other.
    for (const run of [subject.bare, subject.variant]) assertEquals(run(), kernel.small.checksum);
  });
}

Deno.test("kernels are about half in C and half in AssemblyScript, and import nothing", async () => {
  const inC = kernels.filter((kernel) => kernel.language === "C").length;
  assert(inC * 5 > kernels.length * 2 && inC * 5 < kernels.length * 3, `${inC} of ${kernels.length}`);
  for (const kernel of kernels) {
    const module = await WebAssembly.compile(await kernelBytes(kernel));
    assertEquals(WebAssembly.Module.imports(module), []);
  }
});

Deno.test("kernels that do the same work in both languages have the same checksum", () => {
  const checksums = (name: string) =>
    ["c", "as"].map((language) =>
      kernels.find((kernel) => kernel.name === `${name}-${language}`)?.small.checksum
    );
  for (
    const name of ["aes", "base64", "crc32", "dispatch", "lz", "mandelbrot", "matrix", "nbody", "sha256"]
  ) {
    const [c, assemblyScript] = checksums(name);
    assert(c !== undefined);
    assertEquals(c, assemblyScript, name);
  }
});
