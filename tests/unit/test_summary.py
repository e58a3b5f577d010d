# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a task as lines for the screen."""

from __future__ import annotations

import pytest

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import summary

PARENT = "tcp/192.0.2.26:443"


def lines(*steps: tuple[str, str], check: bool = False) -> list[str]:
    made = [{"command": "any", "object": subject, "reason": reason} for subject, reason in steps]
    return summary.lines(made, check=check)


def test_one_line_for_each_object_and_reason() -> None:
    told = lines(
        (f"virtual service {PARENT} (Shop of shops)", "change idle_timeout from 660 to 900"),
        ("settings", "set hostname to lm1"),
        ("settings", "clear dns_servers, which is 192.0.2.53"),
    )
    assert told == [
        f"virtual service {PARENT} (Shop of shops): change idle_timeout from 660 to 900",
        "settings: set hostname to lm1",
        "settings: clear dns_servers, which is 192.0.2.53",
    ]


def test_what_is_alike_is_one_line() -> None:
    told = lines(
        ("content rule OWA", "create it"),
        (f"virtual service {PARENT} (Mail)", "create it"),
        (f"virtual service {PARENT} (Mail)", "set nickname to Mail"),
        ("content rule ECP", "create it"),
        (f"SubVS Terms of use of {PARENT}", "create it"),
        (f"SubVS OWA of {PARENT}", "create it"),
        (f"real server 192.0.2.31:443 of virtual service {PARENT}", "add it"),
        (f"real server 192.0.2.32:443 of virtual service {PARENT}", "add it"),
        (f"real server 192.0.2.32:443 of virtual service {PARENT}", "set weight of the new server"),
        (f"real server 192.0.2.33 of all SubVSs of {PARENT}", "add it"),
    )
    assert told == [
        "2 content rules (OWA, ECP): create them",
        f"virtual service {PARENT} (Mail): create it",
        f"2 SubVSs of {PARENT} (Terms of use, OWA): create them",
        f"2 real servers of virtual service {PARENT} (192.0.2.31:443, 192.0.2.32:443): add them",
        f"real server 192.0.2.33 of all SubVSs of {PARENT}: add it",
    ]


def test_what_is_not_alike_stays_apart() -> None:
    told = lines(
        (f"real server 192.0.2.31:443 of virtual service {PARENT}", "change weight from 1000 to 5"),
        (f"real server 192.0.2.32:443 of virtual service {PARENT}", "change weight from 1000 to 7"),
        ("real server 192.0.2.31:443 of virtual service tcp/192.0.2.9:443", "change weight from 1000 to 5"),
    )
    assert len(told) == 3 and told[1].endswith(
        f"192.0.2.32:443 of virtual service {PARENT}: change weight from 1000 to 7"
    )


def test_check_mode_says_would() -> None:
    subject = f"virtual service {PARENT}"
    told = lines(
        (subject, "remove it to recreate it, since its type cannot change"), (subject, "create it"), check=True
    )
    assert told == [
        f"{subject}: would remove it to recreate it, since its type cannot change",
        f"{subject}: would create it",
    ]


def test_many_lines_end_in_the_number_of_steps_that_are_left() -> None:
    steps = [(f"virtual service tcp/192.0.2.{number}:443", "create it") for number in range(1, 24)]
    more = [(subject, "set nickname to x") for subject, _reason in steps]
    told = lines(*steps, *more)
    assert len(told) == summary.LONGEST_LIST + 1 and told[-1] == "and 6 more steps"
    assert lines(*steps[:21])[-1] == "and 1 more step" and len(lines(*steps[:20])) == 20


def test_many_names_and_long_reasons_are_cut() -> None:
    told = lines(*((f"content rule Rule_{number:03}", "remove it") for number in range(300)))
    assert len(told) == 1 and len(told[0]) < 160 and told[0].startswith("300 content rules (Rule_000, Rule_001, ")
    assert told[0].endswith(" more): remove them")
    (long,) = lines(("cipher set Own", "set ciphers to " + "X" * 5000))
    assert len(long) < 200 and long.endswith(" ...")


@pytest.mark.parametrize("bad", ["\n", "\r", "\x1b[31m", "\x9b", "\u2028", "\x00"])
def test_a_line_is_one_line_and_commands_nothing(bad: str) -> None:
    (told,) = lines(("content rule R", f"change value from a{bad}b to c"))
    assert told.isprintable() and "a" in told


@pytest.mark.parametrize(
    ("sources", "wanted"),
    [
        ([{}], True),
        ([{"loadmaster_show_steps": False}], False),
        ([{"loadmaster_show_steps": "no"}], False),
        ([{}, {"LOADMASTER_SHOW_STEPS": "0"}], False),
        ([{"loadmaster_show_steps": True}, {"LOADMASTER_SHOW_STEPS": "0"}], True),
        ([{"loadmaster_show_steps": ""}, {}], True),
    ],
)
def test_the_first_source_that_says_it_decides(sources: list[dict[str, object]], wanted: bool) -> None:
    assert summary.is_wanted(*sources) is wanted


def test_the_default_is_that_of_the_caller_and_words_are_checked() -> None:
    assert summary.is_wanted({}, default=False) is False
    with pytest.raises(InvalidOption, match="loadmaster_show_steps is 'perhaps'; it must be true or false"):
        summary.is_wanted({"loadmaster_show_steps": "perhaps"})
