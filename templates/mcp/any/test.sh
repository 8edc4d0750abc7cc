#!/bin/sh
# Builds {{name}}, calls its tools, and looks at what they say.
set -eu
cd "$(dirname "$0")"
aegis build --quiet
aegis validate --quiet {{name}}.wasm
aegis inspect --sections {{name}}.wasm | grep -q "aegis:mcp"
said=$(aegis run {{name}}.wasm --function greet --quiet -- Ada)
test "$said" = "Hello, Ada!" || { echo "greet said: $said" >&2; exit 1; }
sum=$(aegis run {{name}}.wasm --function add --quiet -- 2 0.5)
test "$sum" = "2.5" || { echo "add said: $sum" >&2; exit 1; }
echo "{{name}}: ok"
