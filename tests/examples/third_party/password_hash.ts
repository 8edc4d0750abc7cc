import { Buffer } from "node:buffer";
import { pbkdf2Sync } from "node:crypto";
import type { Session } from "../instance.ts";
import { callUnsigned, readText, writeText } from "../guest_memory.ts";
import { embeddedModule } from "./embedded.ts";
import type { DrivenModule } from "./packaged_module.ts";

const PACKAGE = { package: "hash-wasm", version: "4.13.0" };

/** 16 bytes that read "CCCCCCCCCCCCCCCCCCCCC." in bcrypt's own base64, where "C" is 4 and "." is 0. */
const BCRYPT_SALT = Uint8Array.fromHex("10410410410410410410410410410410");
const BCRYPT_COST = 5;

function bcryptSession(): Session {
  return {
    imports: {},
    async drive(instance) {
      const buffer = await callUnsigned(instance, "Hash_GetBuffer");
      await instance.writeMemory(buffer, BCRYPT_SALT);
      const length = await writeText(instance, buffer + BCRYPT_SALT.length, "U*U");
      await instance.call("bcrypt", [length, BCRYPT_COST, 1]);
      return await readText(instance, buffer, 60);
    },
  };
}

/** The password hash with Blowfish's key schedule. */
export const bcrypt: DrivenModule = {
  ...PACKAGE,
  name: "hash-wasm bcrypt",
  size: 16_165,
  bytes: () => embeddedModule("hash-wasm", "dist/bcrypt.umd.min.js"),
  note: 'hashes "U*U"; expected is the first vector of the reference implementation',
  session: bcryptSession,
  expected: "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
};

/** The second vector of RFC 7914, section 12. */
const SCRYPT = { password: "password", salt: "NaCl", cost: 1024, blockSize: 8, parallelism: 16 };

const stretch = (salt: string | Uint8Array, length: number) =>
  pbkdf2Sync(SCRYPT.password, typeof salt === "string" ? salt : Buffer.from(salt), 1, length, "sha256");

function scryptSession(): Session {
  const { cost, blockSize, parallelism } = SCRYPT;
  return {
    imports: {},
    async drive(instance) {
      const blocks = new Uint8Array(stretch(SCRYPT.salt, 128 * blockSize * parallelism));
      const scratch = 128 * blockSize * cost + 256 * blockSize;
      const buffer = await callUnsigned(instance, "Hash_GetBuffer");
      await instance.call("Hash_SetMemorySize", [blocks.length + scratch]);
      await instance.writeMemory(buffer, blocks);
      await instance.call("scrypt", [blockSize, cost, parallelism]);
      const mixed = await instance.readMemory(buffer, blocks.length);
      return new Uint8Array(stretch(mixed, 64)).toHex();
    },
  };
}

/** The memory-hard part of scrypt: the module grows its memory by a megabyte and fills it. */
export const scrypt: DrivenModule = {
  ...PACKAGE,
  name: "hash-wasm scrypt",
  size: 5156,
  bytes: () => embeddedModule("hash-wasm", "dist/scrypt.umd.min.js"),
  note: 'derives a key from "password"; expected is the second vector of RFC 7914',
  session: scryptSession,
  expected: "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162" +
    "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
};
