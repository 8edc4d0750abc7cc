#!/bin/sh
# Rebuilds wasm/*.wasm from the sources beside it. A missing tool skips its language; the built files are committed, so
# nothing here is needed to run the tests.
#   sh tests/programs/build.sh
set -eu
cd "$(dirname "$0")"

report() {
  chmod a-x "wasm/$1.wasm"
  echo "wasm/$1.wasm $(wc -c <"wasm/$1.wasm") bytes"
}

# build_c NAME [OPTION...]
build_c() {
  name=$1
  shift
  clang --target=wasm32-wasi -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -O2 -Wl,--strip-all "$@" \
    -o "wasm/$name.wasm" "c/$name.c"
  report "$name"
}

# build_go NAME
build_go() {
  (cd go && GOOS=wasip1 GOARCH=wasm go build -trimpath -buildvcs=false -ldflags="-s -w" -o "../wasm/$1.wasm" "./$1")
  report "$1"
}

# build_rust NAME
build_rust() {
  rustc --edition 2021 --target wasm32-wasip1 -C opt-level=2 -C lto=fat -C codegen-units=1 -C panic=abort \
    -C strip=symbols --remap-path-prefix="$(rustc --print sysroot)=/rust" -o "wasm/$1.wasm" "rust/$1.rs"
  report "$1"
}

if command -v clang >/dev/null && command -v wasm-ld >/dev/null && [ -d /usr/include/wasm32-wasi ]; then
  for source in c/*.c; do
    name=$(basename "$source" .c)
    if [ "$name" = reactor ]; then
      build_c "$name" -mexec-model=reactor
    else
      build_c "$name"
    fi
  done
else
  echo "skipped: the programs in C need Debian's clang, lld, wasi-libc and libclang-rt-14-dev-wasm32"
fi

if command -v go >/dev/null; then
  build_go grep_tree
else
  echo "skipped: the program in Go needs go"
fi

if command -v rustc >/dev/null && [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-wasip1" ]; then
  build_rust word_count
else
  echo "skipped: the program in Rust needs rustc and: rustup target add wasm32-wasip1"
fi
