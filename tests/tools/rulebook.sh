#!/usr/bin/env bash
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# rulebook.sh: install ansible-rulebook into .build/rulebook, once for each change of rulebook.txt. Several may call it at once.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

mkdir -p .build
exec 9>.build/rulebook.lock
flock 9
if ! cmp -s tests/tools/rulebook.txt .build/rulebook/made; then
    .venv/bin/python -m venv --clear .build/rulebook
    .build/rulebook/bin/pip install --quiet --disable-pip-version-check -r tests/tools/rulebook.txt
    cp tests/tools/rulebook.txt .build/rulebook/made
fi
