# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles want, interrupted after every single write and run again, ends as if it had never been disturbed."""

from __future__ import annotations

from typing import Any

import pytest
from documents import PASSWORD, USER, interrupted_everywhere, run, with_certificate
from recipes import install_certificate

from loadmaster_emulator import Emulator

# What is there before, and what is interrupted then.
CHANGES: dict[str, tuple[tuple[str, ...], str]] = {
    "made at layer 7": ((), "bridge"),
    "made with mail": ((), "mail"),
    "made at layer 4": ((), "force_l4"),
    "made for each protocol": ((), "an address for each protocol"),
    "from bridge to offload": (("bridge",), "offload"),
    "from offload to bridge": (("bridge", "offload"), "bridge"),
    "servers come and go": (("bridge",), "other servers"),
    "servers come back": (("bridge", "other servers"), "bridge"),
    "a protocol goes": (("bridge",), "fewer protocols"),
    "a protocol comes": (("fewer protocols",), "bridge"),
    "all goes": (("mail",), "mail gone"),
    "source rules come": (("bridge",), "source rules"),
    "source rules go": (("bridge", "source rules"), "source rules gone"),
    "deny rules come": (("bridge",), "deny rules"),
    "deny rules go": (("bridge", "deny rules"), "deny rules gone"),
    "a separate service comes": (("bridge",), "separate service"),
    "a separate service goes": (("bridge", "separate service"), "separate service gone"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_recipe_interrupted_after_any_write_ends_the_same(recipes: dict[str, Any], change: str) -> None:
    before, name = CHANGES[change]
    with Emulator(users={USER: PASSWORD}) as lm:
        install_certificate(lm)
        for each in before:
            run(lm, document=recipes[each])
        assert interrupted_everywhere(lm, document=recipes[name]) >= 1


def test_the_replacement_of_a_certificate_interrupted_ends_the_same(recipes: dict[str, Any]) -> None:
    """It comes with its chain, to services that use it."""
    with Emulator(users={USER: PASSWORD}) as lm:
        install_certificate(lm)
        run(lm, document=recipes["bridge"])
        document, secrets = with_certificate({}, "mail-2026")
        assert interrupted_everywhere(lm, **document, secrets=secrets) >= 1
