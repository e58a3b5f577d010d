#!/usr/bin/env bash
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# env.sh PYTHON: make .venv, or bring an existing one to what the requirement files say.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    "$1" -m venv --clear .venv
fi
emulator=()
[ ! -f tests/emulator/pyproject.toml ] || emulator=(--editable tests/emulator)
.venv/bin/python -m pip install --disable-pip-version-check -r tests/requirements.txt "${emulator[@]}"
.venv/bin/python -m pip check
