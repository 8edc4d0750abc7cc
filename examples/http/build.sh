#!/bin/sh
# Rebuilds the modules of this folder. A missing tool skips its modules; the built files are committed.
#   sh examples/http/build.sh
set -eu
cd "$(dirname "$0")"

report() {
  chmod a-x "$1"
  echo "$1 $(wc -c <"$1") bytes"
}

# build NAME: a module without a libc
build() {
  clang --target=wasm32 -std=c11 -Wall -Wextra -Werror -O2 -ffreestanding -nostdlib \
    -Wl,--no-entry -Wl,--strip-debug -o "$1.wasm" "$1.c"
  report "$1.wasm"
}

if command -v clang >/dev/null && command -v wasm-ld >/dev/null; then
  build handle
  build shout
else
  echo "skipped: C needs clang and wasm-ld (Debian: apt install clang lld)"
fi

if command -v clang >/dev/null && command -v wasm-ld >/dev/null && [ -d /usr/include/wasm32-wasi ]; then
  clang --target=wasm32-wasi -std=c11 -Wall -Wextra -Werror -O2 -Wl,--strip-all -o hello.wasm hello.c
  report hello.wasm
else
  echo "skipped: the program needs Debian's clang, lld, wasi-libc and libclang-rt-14-dev-wasm32"
fi
