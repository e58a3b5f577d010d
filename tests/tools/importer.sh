#!/usr/bin/env bash
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# importer.sh: put the built package through galaxy-importer, with the tags that Automation Hub asks for.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

version=$(sed -n 's/^version: //p' galaxy.yml)
settings=$PWD/.build/galaxy-importer.cfg
printf '[galaxy-importer]\nCHECK_REQUIRED_TAGS = True\nRUN_ANSIBLE_TEST = False\n' >"$settings"

# The package has to depend on its own: nothing of this tree must be found next to it
unset ANSIBLE_COLLECTIONS_PATH
package=$PWD/dist/kemp-loadmaster-$version.tar.gz
python=$PWD/.venv/bin/python
# It leaves a file of results where it is run
cd .build
output=$(GALAXY_IMPORTER_CONFIG=$settings "$python" -m galaxy_importer.main "$package" 2>&1) || {
    printf '%s\n' "$output"
    exit 1
}
printf '%s\n' "$output"
# A fault is only logged there, the exit code stays 0
if grep -E '^(ERROR|CRITICAL)' <<<"$output" >/dev/null; then
    exit 1
fi
grep -q 'Importer processing completed successfully' <<<"$output"
