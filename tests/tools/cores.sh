#!/usr/bin/env bash
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# cores.sh oldest|newest [TEST...]: run tests with the oldest ansible-core that is supported, or the newest pre-release. Without
# tests it is the sample that CI runs, tests/integration/test_cores.py, which fails on any warning of core's.
#
# Each core has an environment of its own in .build/cores. It takes the newest Python of this machine that the core runs on,
# also one of a version manager, whose stand-ins on the PATH may not start. The newest core needs a Python that a long-lived
# distribution does not have; uv fetches one where it can.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

which=$1
shift
[ $# -gt 0 ] || set -- tests/integration/test_cores.py
case $which in
oldest) core='ansible-core==2.16.*' pythons='3.12 3.11' wanted=3.12 ;;
newest) core='ansible-core' pythons='3.14 3.13' wanted=3.13 ;;
*)
    echo "cores.sh oldest|newest [TEST...]" >&2
    exit 2
    ;;
esac
home=.build/cores/$which
tools='requests|jmespath|PyYAML|pytest|pytest-ansible|pytest-xdist|h11|hypothesis|jsonschema'

starts() {
    [ -x "$1" ] && "$1" -c 'import ensurepip, venv' >/dev/null 2>&1
}

find_python() {
    local version candidate
    for version in $pythons; do
        for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version"*/bin/python "$(command -v "python$version" || true)"; do
            if starts "$candidate"; then
                printf '%s' "$candidate"
                return
            fi
        done
    done
    .venv/bin/python -m venv .build/cores/uv &&
        .build/cores/uv/bin/pip install --quiet --disable-pip-version-check uv >/dev/null 2>&1 &&
        timeout 120 .build/cores/uv/bin/uv python install --quiet "$wanted" >/dev/null 2>&1 &&
        .build/cores/uv/bin/uv python find "$wanted" 2>/dev/null ||
        printf '%s' "$PWD/.venv/bin/python"
}

prepare() {
    # Each line by itself: where a function is a condition, bash does not stop at what fails in it
    "$home/bin/python" -c '' 2>/dev/null || "$(find_python)" -m venv --clear "$home" || return
    local pip=("$home/bin/python" -m pip install --quiet --disable-pip-version-check) early=() pinned
    mapfile -t pinned < <(grep -E "^($tools)==" tests/requirements.txt)
    # Only core itself may be a pre-release
    [ "$which" = oldest ] || early=(--pre --upgrade)
    "${pip[@]}" --no-deps "${early[@]}" "$core" || return
    "$home/bin/python" -c 'from importlib.metadata import requires; print(*requires("ansible-core"), sep="\n")' \
        >"$home/core.txt" || return
    "${pip[@]}" "${pinned[@]}" --requirement "$home/core.txt" --editable tests/emulator || return
    touch "$home/.made"
}

# The newest one may be another one than last time
if [ ! -e "$home/.made" ] || [ tests/requirements.txt -nt "$home/.made" ] || [ "$which" = newest ]; then
    mkdir -p .build/log
    if ! prepare >".build/log/cores-$which.log" 2>&1; then
        echo "cores        the environment of the $which ansible-core cannot be made:"
        sed 's/^/    /' ".build/log/cores-$which.log"
        exit 1
    fi
fi

version=$("$home/bin/python" -c 'from ansible.release import __version__; print(__version__)')
python=$("$home/bin/python" -c 'import platform; print(platform.python_version())')
echo "cores        the $which: ansible-core $version with Python $python"
export PATH=$PWD/$home/bin:$PATH
# shellcheck disable=SC2086
exec "$home/bin/python" -m pytest -p no:cacheprovider ${PYTEST_ARGS:--n auto} "$@"
