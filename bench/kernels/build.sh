#!/bin/sh
# Rebuilds the benchmark's kernels. A missing tool skips its language; the built files are committed, so nothing here
# is needed to run the benchmark.
#   sh bench/kernels/build.sh
set -eu
cd "$(dirname "$0")"

# build_c NAME [OPTION...]
build_c() {
  name=$1
  shift
  clang --target=wasm32 -std=c11 -Wall -Wextra -Werror -O2 -ffreestanding -fno-builtin -fno-math-errno -nostdlib \
    -Wl,--no-entry -Wl,--strip-debug -Wl,--export=run -Wl,--export=known "$@" -o "c/$name.wasm" "c/$name.c"
  chmod a-x "c/$name.wasm"
}

# build_assemblyscript NAME RUNTIME
build_assemblyscript() {
  npx --yes --package assemblyscript@0.28.20 asc "assemblyscript/$1.ts" -o "assemblyscript/$1.wasm" \
    -O3 --noAssert --use abort= --runtime "$2"
}

if command -v clang >/dev/null && command -v wasm-ld >/dev/null; then
  for source in c/*.c; do
    name=$(basename "$source" .c)
    case $name in
    convolution) build_c "$name" -msimd128 ;;
    *) build_c "$name" ;;
    esac
  done
else
  echo "skipped: the kernels in C need clang and wasm-ld (Debian: apt install clang lld)"
fi

if command -v npx >/dev/null; then
  for source in assemblyscript/*.ts; do
    name=$(basename "$source" .ts)
    case $name in
    random | text) ;; # parts of others
    dispatch | hash_map | json | regex) build_assemblyscript "$name" incremental ;; # make objects that are collected
    *) build_assemblyscript "$name" stub ;;
    esac
  done
else
  echo "skipped: the kernels in AssemblyScript need npx (Node.js)"
fi
