#!/bin/sh
# Builds {{name}}, gives it a request, and looks at its response.
set -eu
cd "$(dirname "$0")"
aegis build --quiet
aegis validate --quiet {{name}}.wasm
response=$(aegis run {{name}}.wasm --quiet --env REQUEST_METHOD=GET --env PATH_INFO=/ada)
case $response in
Content-Type:*Hello*{{name}}*/ada*) echo "{{name}}: ok" ;;
*) echo "it said: $response" >&2 && exit 1 ;;
esac
