#!/bin/sh
# Builds {{name}}, gives it a request, and looks at its response.
set -eu
cd "$(dirname "$0")"
aegis build --quiet
aegis validate --quiet {{name}}.wasm
request='{"method":"GET","url":"/ada","path":"/ada","query":"","headers":[],"body":null}'
response=$(aegis run {{name}}.wasm --function handle --quiet -- "$request")
case $response in
*Hello*{{name}}*) echo "{{name}}: ok" ;;
*) echo "handle said: $response" >&2 && exit 1 ;;
esac
