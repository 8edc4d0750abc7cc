#!/bin/sh
# Rebuilds the modules that are not written as text. A missing tool skips its language; the built files are committed,
# so nothing here is needed to run the examples.
#   sh examples/build.sh
set -eu
cd "$(dirname "$0")"

# build_c NAME "EXPORTS" [OPTION...]
build_c() {
  name=$1
  exports=$2
  shift 2
  flags=""
  for export in $exports; do flags="$flags -Wl,--export=$export"; done
  # shellcheck disable=SC2086 -- the flags are words of their own
  (cd "c/$name" && clang --target=wasm32 -std=c11 -Wall -Wextra -Werror -O2 -ffreestanding -nostdlib \
    -Wl,--no-entry -Wl,--strip-debug "$@" $flags -o "$name.wasm" "$name.c")
  chmod a-x "c/$name/$name.wasm"
  echo "c/$name/$name.wasm $(wc -c <"c/$name/$name.wasm") bytes"
}

# build_assemblyscript NAME [OPTION...]
build_assemblyscript() {
  name=$1
  shift
  (cd "assemblyscript/$name" && npx --yes --package assemblyscript@0.28.20 asc "$name.ts" -o "$name.wasm" \
    --optimizeLevel 3 --shrinkLevel 1 --noAssert --use abort= "$@")
  echo "assemblyscript/$name/$name.wasm $(wc -c <"assemblyscript/$name/$name.wasm") bytes"
}

if command -v clang >/dev/null && command -v wasm-ld >/dev/null; then
  build_c sha256 "buffer capacity digest sha256 sha256_word sha256_abc_word sha256_million_a"
  build_c mandelbrot "pixels render checksum render_checksum area"
  build_c calculator "buffer capacity evaluate error_at sample nested"
  build_c pi "compute nine_decimals decimal"
else
  echo "skipped: the programs in C need clang and wasm-ld (Debian: apt install clang lld)"
fi

if command -v npx >/dev/null; then
  build_assemblyscript crc32 --runtime stub
  build_assemblyscript sieve --runtime stub
  build_assemblyscript life --runtime incremental
else
  echo "skipped: the programs in AssemblyScript need npx (Node.js)"
fi
