/**
 * WebAssembly that npm packages ship, with drivers: what people really run, from compilers and hands that know nothing
 * of us. The drivers see an instance only through `Instance`, so they run on bare V8 and in a sandbox alike.
 */
import { brotli } from "./third_party/brotli.ts";
import { cjsModuleLexer } from "./third_party/cjs_module_lexer.ts";
import { esModuleLexer } from "./third_party/es_module_lexer.ts";
import { hashModules } from "./third_party/hash_wasm.ts";
import { llhttp, llhttpSimd } from "./third_party/llhttp.ts";
import { long } from "./third_party/long.ts";
import type { DrivenModule } from "./third_party/packaged_module.ts";
import { bcrypt, scrypt } from "./third_party/password_hash.ts";
import { sourceMap } from "./third_party/source_map.ts";
import { sqlite } from "./third_party/sqlite.ts";
import { xxhash } from "./third_party/xxhash.ts";
import { zstd } from "./third_party/zstd.ts";

/** Every module that is put to work, the small ones first. */
export const drivenModules: readonly DrivenModule[] = [
  long,
  xxhash,
  ...hashModules,
  bcrypt,
  scrypt,
  cjsModuleLexer,
  esModuleLexer,
  sourceMap,
  llhttp,
  llhttpSimd,
  zstd,
  sqlite,
  brotli,
];
