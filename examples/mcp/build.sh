#!/bin/sh
# Rebuilds the module of this folder; the built file is committed.
#   sh examples/mcp/build.sh
set -eu
cd "$(dirname "$0")"

if command -v clang >/dev/null && command -v wasm-ld >/dev/null; then
  clang --target=wasm32 -std=c11 -Wall -Wextra -Werror -O2 -ffreestanding -nostdlib \
    -Wl,--no-entry -Wl,--strip-debug -o notes.wasm notes.c
  chmod a-x notes.wasm
  echo "notes.wasm $(wc -c <notes.wasm) bytes"
else
  echo "skipped: C needs clang and wasm-ld (Debian: apt install clang lld)"
fi
