#!/bin/sh
# Writes requirements/run.lock, server.lock (what an image has: PostgreSQL too) and dev.lock from pyproject.toml: every platform, Python 3.11 and newer, each
# file's hash, no package host. The versions already locked are kept; UPGRADE=1 takes the newest allowed.
set -eu

if ! command -v uv >/dev/null 2>&1; then
    echo "Locking needs uv, which is on the package index: pip install uv, in an environment of its own." >&2
    exit 1
fi

lock() {
    uv pip compile --quiet --no-config --no-strip-extras --universal --python-version 3.11 --fork-strategy fewest \
        --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate \
        ${UPGRADE:+--upgrade} "$@" pyproject.toml requirements/build.in
}

lock --output-file requirements/run.lock
lock --extra postgres --constraints requirements/run.lock --output-file requirements/server.lock
lock --extra dev --extra ray --constraints requirements/run.lock --output-file requirements/dev.lock
