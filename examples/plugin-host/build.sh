#!/bin/sh
# Rebuilds the module in C; it is committed, so nothing here is needed to run the example.
#   sh examples/plugin-host/build.sh
set -eu
cd "$(dirname "$0")/greeter"
clang --target=wasm32 -std=c11 -Wall -Wextra -Werror -O2 -ffreestanding -nostdlib \
  -Wl,--no-entry -Wl,--strip-debug -o greeter.wasm greeter.c
chmod a-x greeter.wasm
echo "greeter.wasm $(wc -c <greeter.wasm) bytes"
