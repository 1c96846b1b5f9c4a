#!/bin/sh
# Creates .venv: make_venv.sh [PYTHON]. Without PYTHON, the first suitable interpreter, newest first.
# A .venv that already works is left as it is.
set -u

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

if .venv/bin/python -c "$new_enough" 2>/dev/null && .venv/bin/python -m pip --version >/dev/null 2>&1; then
    exit 0
fi

chosen=
for candidate in ${1:-python3.13 python3.12 python3.11 python3 python}; do
    if "$candidate" -c "$new_enough" 2>/dev/null; then
        chosen=$candidate
        break
    fi
done

if [ -z "$chosen" ]; then
    if [ -n "${1:-}" ]; then
        echo "PYTHON=$1 is not a Python that runs and is 3.11 or newer; name another one." >&2
    else
        echo "Kasauti needs Python 3.11 or newer and found none on the PATH;" \
            "install one, or name it: make install PYTHON=/path/to/python3" >&2
    fi
    exit 1
fi

if ! "$chosen" -c 'import ensurepip, venv' 2>/dev/null; then
    echo "$chosen has no venv module, which Kasauti's own .venv is made with; on Debian and Ubuntu" \
        "install the package python3-venv, or name another Python: make install PYTHON=/path/to/python3" >&2
    exit 1
fi

echo "Creating .venv with $("$chosen" --version) ..."
if ! "$chosen" -m venv --clear .venv; then
    echo "$chosen could not create .venv; the reason is above." >&2
    exit 1
fi
