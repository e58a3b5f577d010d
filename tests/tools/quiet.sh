#!/usr/bin/env bash
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# quiet.sh NAME SENTENCE COMMAND...: run a command, say in one line what it does and how it went, and keep what it
# prints for the case that it fails. The whole output stays in .build/log/NAME.log.

set -u
name=$1 sentence=$2
shift 2
log=.build/log/$name.log
mkdir -p .build/log

SECONDS=0
if "$@" >"$log" 2>&1; then
    printf '%-12s %s: good (%d s)\n' "$name" "$sentence" "$SECONDS"
else
    code=$?
    printf '%-12s %s: FAILED (%d s). It said:\n\n' "$name" "$sentence" "$SECONDS"
    sed 's/^/    /' "$log"
    printf '\n%-12s the command was: %s\n' "$name" "$*"
    exit "$code"
fi
