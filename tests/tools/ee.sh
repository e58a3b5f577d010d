#!/usr/bin/env bash
# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# ee.sh: build the execution environment of extensions/execution-environment, and run playbooks in it against an emulator.
#
# It needs root and Debian's buildah and mmdebstrap, but no container daemon and no registry of images: the base is made of
# Debian's packages. That base, and the collection from this tree instead of Galaxy, are all that differs from what users build.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

work=$PWD/.build/ee
builder=$PWD/.build/ee-tools
base=localhost/loadmaster-ee-base:latest
image=localhost/loadmaster-ee:latest
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
export CONTAINERS_STORAGE_CONF=/dev/null

[ "$(id -u)" = 0 ] || { echo "ee           building images without a daemon needs root here"; exit 1; }
missing=()
for tool in buildah mmdebstrap; do
    command -v "$tool" >/dev/null || missing+=("$tool")
done
if [ ${#missing[@]} -gt 0 ]; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" crun >/dev/null
fi

rm -rf "$work"
mkdir -p "$work"
store=(--root "$work/storage" --runroot "$work/run")

step() { echo "ee           $*"; }

if [ ! -x "$builder/bin/ansible-builder" ]; then
    step "installing ansible-builder"
    python3 -m venv "$builder"
    "$builder/bin/pip" install --quiet --disable-pip-version-check ansible-builder==3.2.0
fi

step "building the package"
make build >"$work/package.log"
packages=(dist/kemp-loadmaster-*.tar.gz)
package=${packages[-1]}

step "making the base"
hooks=()
if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
    # Behind a proxy that opens TLS, this machine has CAs of its own, and pip does not read the store of the system by itself
    cat >"$work/hook.sh" <<'EOF'
#!/bin/sh
chroot "$1" update-ca-certificates
printf '[global]\ncert = /etc/ssl/certs/ca-certificates.crt\n' >"$1/etc/pip.conf"
EOF
    chmod +x "$work/hook.sh"
    hooks+=("--customize-hook=copy-in /usr/local/share/ca-certificates /usr/local/share" "--customize-hook=$work/hook.sh")
fi
mmdebstrap --quiet --variant=minbase --mode=root --include=ca-certificates "${hooks[@]}" bookworm "$work/base.tar" \
    >"$work/base.log" 2>&1 || { cat "$work/base.log"; exit 1; }
container=$(buildah "${store[@]}" from scratch)
buildah "${store[@]}" add --quiet "$container" "$work/base.tar" / >/dev/null
buildah "${store[@]}" commit --quiet --rm "$container" "$base" >/dev/null
rm "$work/base.tar"

step "building the image (a few minutes)"
cp -r extensions/execution-environment "$work/definition"
cp "$package" "$work/definition/"
"$builder/bin/python" - "$work/definition" "$base" "$(basename "$package")" <<'EOF'
import pathlib
import sys

import yaml

folder, base, package = pathlib.Path(sys.argv[1]), *sys.argv[2:]
path = folder / "execution-environment.yml"
definition = yaml.safe_load(path.read_text())
definition["images"]["base_image"]["name"] = base
definition["additional_build_files"] = [{"src": package, "dest": "packages"}]
path.write_text(yaml.safe_dump(definition))
requirements = {"collections": [{"name": f"packages/{package}", "type": "file"}]}
(folder / "requirements.yml").write_text(yaml.safe_dump(requirements))
EOF
(cd "$work/definition" && "$builder/bin/ansible-builder" create --output-filename Containerfile) >"$work/create.log" 2>&1 ||
    { cat "$work/create.log"; exit 1; }
buildah "${store[@]}" bud --isolation chroot --tag "$image" --file "$work/definition/context/Containerfile" "$work/definition/context" >"$work/build.log" 2>&1 ||
    { tail -40 "$work/build.log"; exit 1; }

step "running playbooks in the image"
container=$(buildah "${store[@]}" from "$image")
trap 'buildah "${store[@]}" rm "$container" >/dev/null' EXIT
.venv/bin/python tests/tools/ee_playbooks.py "$work" buildah "${store[@]}" run --isolation chroot \
    --volume "$work/project:/runner/project" --workingdir /runner/project "$container" -- /opt/builder/bin/entrypoint dumb-init
buildah "${store[@]}" images --format 'ee           {{.Name}} {{.Size}}' "$image"
