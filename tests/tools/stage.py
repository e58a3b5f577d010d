# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copy the collection to the place where ansible-test wants it: real files in ansible_collections/kemp/loadmaster.

Taken are the files that git knows and the new ones that it does not ignore. Only what changed is copied, and what is
gone from the working tree goes from the copy too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# ansible-test writes here, in the copy; the working tree is not involved
KEPT = Path("tests", "output")


def project_files(root: Path) -> list[Path]:
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            capture_output=True,
            check=True,
        )
    except FileNotFoundError:
        sys.exit("stage: git is not installed; it is what tells the project's files from the others.")
    except subprocess.CalledProcessError as error:
        sys.exit(f"stage: git cannot list the project's files: {error.stderr.decode(errors='replace').strip()}")
    names = (Path(os.fsdecode(name)) for name in listing.stdout.split(b"\0") if name)
    return sorted({name for name in names if os.path.lexists(root / name)})


def repository_of_its_own(folder: Path) -> None:
    """ansible-test asks the repository around it for the files to test, and this project's ignores all of .build."""
    if not (folder / ".git").exists():
        subprocess.run(["git", "init", "--quiet", "--template=", str(folder)], check=True)


def same(source: Path, copy: Path) -> bool:
    if not os.path.lexists(copy) or source.is_symlink() or copy.is_symlink():
        return False
    wanted, found = source.stat(), copy.stat()
    return (wanted.st_size, wanted.st_mtime_ns, wanted.st_mode) == (found.st_size, found.st_mtime_ns, found.st_mode)


def stage(root: Path, target: Path) -> tuple[int, int, int]:
    wanted = project_files(root)
    target.mkdir(parents=True, exist_ok=True)

    keep = set(wanted)
    removed = 0
    for folder, folders, files in os.walk(target, topdown=False):
        here = Path(folder)
        relative = here.relative_to(target)
        if relative == KEPT or KEPT in relative.parents:
            continue
        links = [name for name in folders if (here / name).is_symlink()]
        for name in files + links:
            if relative / name not in keep:
                (here / name).unlink()
                removed += 1
        if here != target and not any(here.iterdir()):
            here.rmdir()

    copied = 0
    for name in wanted:
        source, copy = root / name, target / name
        if same(source, copy):
            continue
        if copy.is_dir() and not copy.is_symlink():
            shutil.rmtree(copy)
        elif os.path.lexists(copy):
            copy.unlink()
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, copy, follow_symlinks=False)
        copied += 1
    return len(wanted), copied, removed


def main() -> None:
    root = Path(__file__).resolve().parents[2]
    target = Path(sys.argv[1]).resolve()
    total, copied, removed = stage(root, target)
    repository_of_its_own(root / ".build")
    print(f"{total} files, {copied} copied, {removed} removed: {os.path.relpath(target, root)}")


if __name__ == "__main__":
    main()
