#!/usr/bin/env bash
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ansible-test.sh ARGUMENTS...: run ansible-test in the staged copy of the collection.
#
# ansible-test makes virtual environments of its own, and two things can be in its way. Both are fixed here where
# they occur; where neither does, this is plain ansible-test.
# 1. It fetches the script that installs pip from one host. Where that host cannot be reached, a stand-in goes to the
#    place in which ansible-test keeps the script: it installs the same version of pip from the package index.
# 2. It tries every python3.X on the PATH and stops at one that cannot be started. Version managers leave such ones:
#    a folder of theirs is taken from the PATH.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
staged=$top/.build/ansible_collections/kemp/loadmaster
python=${LOADMASTER_PYTHON:-$top/.venv/bin/python}

[ -x "$python" ] || { echo "There is no $python: run 'make env' first." >&2; exit 1; }
[ -d "$staged" ] || { echo "There is no staged copy of the collection: run 'make stage' first." >&2; exit 1; }

bin=$(dirname "$python")

stand_in_for_get_pip() {
    "$python" - <<'PYTHON'
import subprocess
import sys
import types
import urllib.request
from pathlib import Path

from ansible_test._internal.python_requirements import get_venv_packages

here = types.SimpleNamespace(version="{}.{}".format(*sys.version_info[:2]))
version = get_venv_packages(here)["pip"]
cache = Path("~/.ansible/test/cache").expanduser()
script = cache / "get_pip_{}.py".format(version.replace(".", "_"))
if script.exists():
    sys.exit()

address = f"https://ci-files.testing.ansible.com/ansible-test/get-pip-{version}.py"
try:
    with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=5):
        sys.exit()
except OSError:
    pass

cache.mkdir(parents=True, exist_ok=True)
subprocess.run(
    [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(cache), f"pip=={version}"],
    check=True,
    stdout=sys.stderr,
)
script.write_text(
    f'''# Stands in for the get-pip.py that ansible-test could not fetch.
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "pip-{version}-py3-none-any.whl"))
from pip._internal.cli.main import main

unknown_to_pip = ("--no-setuptools", "--no-wheel")
sys.exit(main(["install", "--upgrade", "--force-reinstall", *(a for a in sys.argv[1:] if a not in unknown_to_pip)]))
'''
)
print(f"ansible-test: pip {version} comes from the package index, its usual host cannot be reached")
PYTHON
}

path_without_broken_pythons() {
    local folder interpreter kept=''
    local -a folders
    IFS=: read -r -a folders <<<"$PATH"
    for folder in "${folders[@]}"; do
        case $folder in
        "" | "$bin") continue ;;
        /bin | /usr/bin | /usr/local/bin) ;;
        *)
            for interpreter in "$folder"/python3.[0-9] "$folder"/python3.[0-9][0-9]; do
                [ ! -x "$interpreter" ] || "$interpreter" -c '' >/dev/null 2>&1 || continue 2
            done
            ;;
        esac
        kept=$kept:$folder
    done
    printf '%s' "$bin$kept"
}

stand_in_for_get_pip
PATH=$(path_without_broken_pythons)
export PATH
unset PYTHONPATH PYTHONHOME ANSIBLE_COLLECTIONS_PATH

cd "$staged"
# With no files to look at ansible-test is content; we are not
[ -n "$(git ls-files --cached --others --exclude-standard)" ] || { echo "git knows no files in $staged: run 'make stage'." >&2; exit 1; }
exec "$bin/ansible-test" "$@"
