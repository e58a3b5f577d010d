# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Firmware profiles: what differs between the versions whose answers are recorded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Profile:
    """One firmware generation; ``release`` orders them, and decides which fields and parameters there are."""

    release: tuple[int, ...]
    name: str
    version: str
    serial_number: str


PROFILES: tuple[Profile, ...] = (
    Profile((7, 2, 53), "7.2.53", "7.2.53.0.19436.RELEASE", "1182772"),
    Profile((7, 2, 54), "7.2.54.12", "7.2.54.12.22642.RELEASE", "1350841"),
    # guess: the build; what is recorded of this line in August 2024 holds for both of its profiles
    Profile((7, 2, 54), "7.2.54.18", "7.2.54.18.22800.RELEASE", "1350841"),
    # guess: the version behind the recordings of 1 August 2022, which lack what those of July 2022 have
    Profile((7, 2, 57), "7.2.57", "7.2.57.0.21500.RELEASE", "1332268"),
    Profile((7, 2, 58), "7.2.58", "7.2.58.0.21693.DEV", "1332268"),
    # guess: the versions behind the recordings of 2023 are not stated in them. The first (mathlu-showvs.json) has
    # HTTPReschedule and lacks ResponseStatusRemap, the second (mathlu-showvs.xml) has both.
    Profile((7, 2, 58, 1), "7.2.58.1", "7.2.58.1.21900.RELEASE", "1332268"),
    Profile((7, 2, 59), "7.2.59", "7.2.59.0.22007.RELEASE", "1332268"),
    Profile((7, 2, 60), "7.2.60", "7.2.60.0.22478.DEV", "1332268"),
    Profile((7, 2, 63), "7.2.63", "7.2.63.0.f6d42ce.DEV", "1332268"),
)


def find(firmware: str) -> Profile:
    """The profile of a firmware version such as ``7.2.63`` or ``7.2.54.12``; of another build the first of its line."""
    try:
        release = tuple(int(part) for part in firmware.split(".")[:3])
    except ValueError:
        release = ()
    for profile in PROFILES:
        if profile.name == firmware:
            return profile
    for profile in PROFILES:
        if profile.release == release:
            return profile
    known = ", ".join(profile.name for profile in PROFILES)
    raise ValueError(f"No profile for firmware {firmware!r}; there are profiles for {known}")
