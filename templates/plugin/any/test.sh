#!/bin/sh
# Builds {{name}}, calls it, and looks at what it says.
set -eu
cd "$(dirname "$0")"
aegis build --quiet
aegis validate --quiet {{name}}.wasm
aegis inspect --sections {{name}}.wasm | grep -q "aegis:plugin"
said=$(aegis run {{name}}.wasm --function greet --quiet -- Ada)
test "$said" = "Hello, Ada!" || { echo "greet said: $said" >&2; exit 1; }
echo "{{name}}: ok"
