#!/usr/bin/env bash
# Unpacks the bundle beside this script, once, and runs it: run.sh --help. Wants python3 with PyTorch, and g++.
# $PYTHON names another Python, $AWP_WORK another folder to unpack in.
set -euo pipefail
bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHON=${PYTHON:-python3}
work=${AWP_WORK:-${TMPDIR:-/tmp}/awp-gpu-bundle}

if ! cmp -s "$bundle/manifest.json" "$work/manifest.json"; then
  echo "unpacking into $work"
  rm -rf "$work"
  mkdir -p "$work"
  # Python, as xz is not on every box.
  "$PYTHON" -W ignore -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$bundle/awp.tar.xz" "$work"
  cp "$bundle/manifest.json" "$work/"
fi

export INIT_CWD=$PWD
cd "$work"
exec bin/node node_modules/tsx/dist/cli.mjs tooling/gpu-bundle/box/main.ts "$@"
