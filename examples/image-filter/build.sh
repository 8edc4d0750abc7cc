#!/bin/sh
# Rebuilds the module of this folder; the built file is committed.
#   sh examples/image-filter/build.sh
set -eu
cd "$(dirname "$0")"

if command -v clang >/dev/null && command -v wasm-ld >/dev/null; then
  clang --target=wasm32 -std=c11 -Wall -Wextra -Werror -O2 -ffreestanding -nostdlib \
    -Wl,--no-entry -Wl,--strip-debug -o filter.wasm filter.c
  chmod a-x filter.wasm
  echo "filter.wasm $(wc -c <filter.wasm) bytes"
else
  echo "skipped: C needs clang and wasm-ld (Debian: apt install clang lld)"
fi
