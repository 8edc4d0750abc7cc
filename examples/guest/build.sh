#!/bin/sh
# Rebuilds the modules of this folder. A missing tool skips its language; the built files are committed.
#   sh examples/guest/build.sh
set -eu
cd "$(dirname "$0")"

build_c() {
  clang --target=wasm32 -std=c11 -Wall -Wextra -Werror -O2 -ffreestanding -nostdlib \
    -Wl,--no-entry -Wl,--strip-debug -o "$2" "$1"
  chmod a-x "$2"
  echo "$2 $(wc -c <"$2") bytes"
}

if command -v clang >/dev/null && command -v wasm-ld >/dev/null; then
  build_c greet.c greet_c.wasm
  build_c translate.c translate.wasm
  build_c relay.c relay.wasm
else
  echo "skipped: C needs clang and wasm-ld (Debian: apt install clang lld)"
fi

if command -v rustc >/dev/null && [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
  rustc --edition 2021 --target wasm32-unknown-unknown --crate-type cdylib -C opt-level=s -C panic=abort \
    -C strip=symbols -C lto=fat -o greet_rust.wasm greet.rs
  chmod a-x greet_rust.wasm
  echo "greet_rust.wasm $(wc -c <greet_rust.wasm) bytes"
else
  echo "skipped: Rust needs rustc with the target wasm32-unknown-unknown"
fi

if command -v npx >/dev/null; then
  npx --yes --package assemblyscript@0.28.20 asc greet.ts -o greet_assemblyscript.wasm \
    --optimizeLevel 3 --shrinkLevel 1 --noAssert --use abort= --runtime incremental
  echo "greet_assemblyscript.wasm $(wc -c <greet_assemblyscript.wasm) bytes"
else
  echo "skipped: AssemblyScript needs npx (Node.js)"
fi
