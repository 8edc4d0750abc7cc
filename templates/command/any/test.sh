#!/bin/sh
# Builds {{name}}, runs it, and looks at what it says.
set -eu
cd "$(dirname "$0")"
aegis build --quiet
aegis validate --quiet {{name}}.wasm
said=$(aegis run {{name}}.wasm --quiet -- Ada)
test "$said" = "Hello, Ada!" || { echo "it said: $said" >&2; exit 1; }
echo "{{name}}: ok"
