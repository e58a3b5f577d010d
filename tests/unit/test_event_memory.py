# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the event source makes of polls that fail, of refused logins and of certificates, without a LoadMaster and a clock."""

from __future__ import annotations

import time
from typing import Any

import pytest
from authority import issue
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import AccessDenied, LoadMasterError, Unreachable
from ansible_collections.kemp.loadmaster.plugins.module_utils._events import event_options
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.appliance_memory import ApplianceMemory
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_certificates import DAY
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_reading import Held, Reading
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import World

NOW = 1_767_225_600.0
ARGS = {"host": "192.0.2.5", "username": "bal", "password": "secret-of-bal"}
GONE = Unreachable("192.0.2.5:443 cannot be reached.")
REFUSED = AccessDenied("192.0.2.5:443 does not accept secret-of-bal.", http_status=401)
FORBIDDEN = AccessDenied("192.0.2.5:443 does not let the user bal run the command listvs.", http_status=403)
NO_API = AccessDenied("192.0.2.5:443 has no API v1.", http_status=404)
SHOP = Held("certificate", "certificates", "shop")


def memory(**args: Any) -> ApplianceMemory:
    options = event_options.read({**ARGS, **args}, {})
    return ApplianceMemory(options.loadmasters[0], options)


def reading(status: str = "Up", certificates: dict[Held, bytes] | None = None) -> Reading:
    place = {"VSAddress": "192.0.2.80", "VSPort": "80", "Protocol": "tcp", "Index": "1", "NickName": "Shop"}
    certified = {"CertFile": "shop", "SSLAcceleration": "Y"}
    return Reading(
        World.from_answers({"listvs": {"VS": [{**place, "Status": status, **certified}]}}), certificates or {}
    )


def after(known: ApplianceMemory, *steps: Reading | LoadMasterError) -> list[list[str]]:
    """The kinds of the events of some polls, 10 seconds apart."""
    found = []
    for number, step in enumerate(steps):
        now = NOW + 10 * number
        events = known.seen(step, now) if isinstance(step, Reading) else known.failed(step, now)
        found.append([each["type"] for each in events])
    return found


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([GONE, GONE, GONE, GONE], [[], [], ["unreachable"], []]),
        ([GONE, GONE, reading(), GONE, GONE], [[], [], [], [], []]),
        ([reading(), GONE, GONE, GONE, reading()], [[], [], [], ["unreachable"], ["reachable"]]),
        (
            [reading(), GONE, GONE, GONE, reading("Down"), reading("Down")],
            [[], [], [], ["unreachable"], ["reachable", "service_down"], []],
        ),
        ([NO_API, NO_API, NO_API], [[], [], ["unreachable"]]),
        ([LoadMasterError("This is a fault.")] * 3, [[], [], ["unreachable"]]),
        ([REFUSED, REFUSED, reading()], [["login_refused"], [], ["login_accepted"]]),
        ([FORBIDDEN, REFUSED, reading("Down")], [["login_refused"], [], ["login_accepted", "service_down"]]),
        ([GONE, GONE, GONE, REFUSED, reading()], [[], [], ["unreachable"], ["reachable", "login_refused"], ["login_accepted"]]),
        ([GONE, GONE, REFUSED, GONE, GONE, GONE], [[], [], ["login_refused"], [], [], ["unreachable"]]),
    ],
)  # fmt: skip
def test_polls_that_fail(steps: list[Any], expected: list[list[str]]) -> None:
    assert after(memory(), *steps) == expected


@given(st.lists(st.sampled_from([GONE, REFUSED, NO_API, "up", "down"]), max_size=40))
def test_a_pair_of_events_takes_turns(steps: list[Any]) -> None:
    """Whatever happens: unreachable is followed by reachable, refused by accepted, down by up."""
    known = memory(unreachable_after=2)
    polls = [step if isinstance(step, LoadMasterError) else reading(step.title()) for step in steps]
    kinds = [kind for step in after(known, *polls) for kind in step]
    for first, second in (
        ("unreachable", "reachable"),
        ("login_refused", "login_accepted"),
        ("service_down", "service_up"),
    ):
        own = [kind for kind in kinds if kind in (first, second)]
        assert own == ([first, second] * len(own))[: len(own)]


def test_a_refused_login_waits_longer_each_time() -> None:
    known, pauses = memory(), []
    for _time in range(6):
        known.failed(REFUSED, NOW)
        pauses.append(known.pause)
    assert pauses == [300, 600, 1200, 2400, 3600, 3600]
    known.seen(reading(), NOW)
    assert known.pause == 30
    known.failed(REFUSED, NOW)
    assert known.pause == 300
    known.failed(GONE, NOW)
    assert known.pause == 30
    slow = memory(login_retry_delay=7200)
    slow.failed(REFUSED, NOW)
    assert slow.pause == 7200


def test_what_failed_is_said_without_secrets() -> None:
    (refused,) = memory().failed(REFUSED, NOW)
    assert "secret-of-bal" not in str(refused) and refused["http_status"] == 401
    known = memory(unreachable_after=1)
    (gone,) = known.failed(GONE, NOW)
    assert (gone["failed_polls"], gone["message"]) == (1, "192.0.2.5: 192.0.2.5:443 cannot be reached.")
    back, *_others = known.seen(reading(), NOW + 95)
    assert back["unreachable_seconds"] == 95 and back["message"].endswith("it answers again, after 95 seconds.")


def test_the_first_reading_may_be_silent() -> None:
    assert after(memory(report_initial=False), reading("Down"), reading("Up")) == [[], ["service_up"]]
    assert after(memory(), reading("Down"), reading("Up")) == [["service_down"], ["service_up"]]


def der(days: float) -> bytes:
    return issue("shop.example.com", days=days).certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize(("days", "left"), [(9.5, 9), (29.9, 29), (30.1, None), (0.1, 0)])
def test_a_certificate_near_its_end(days: float, left: int | None) -> None:
    events = memory().seen(reading(certificates={SHOP: der(days)}), time.time())
    assert [each["days_left"] for each in events] == ([] if left is None else [left])
    if events:
        assert events[0]["used_by"] == ["virtual service tcp/192.0.2.80:80"] and events[0]["initial"]


def test_a_certificate_is_an_event_once_a_day() -> None:
    known, soon, now = memory(), der(1), time.time()
    hours = [0, 1, 23, 24, 25, 48]
    kinds = [
        [each["days_left"] for each in known.seen(reading(certificates={SHOP: soon}), now + DAY * hour / 24)]
        for hour in hours
    ]
    assert [len(each) for each in kinds] == [1, 0, 0, 1, 0, 1]
    assert "has expired" in memory().seen(reading(certificates={SHOP: soon}), now * 2)[0]["message"]


def test_a_certificate_that_was_replaced_is_a_change() -> None:
    known = memory()
    known.seen(reading(certificates={SHOP: der(90)}), NOW)
    (changed,) = known.seen(reading(certificates={SHOP: der(91)}), NOW)
    assert changed["type"] == "configuration_changed" and "certificate shop was replaced" in changed["message"]
    assert known.seen(reading(certificates={}), NOW) == []


def test_a_certificate_that_cannot_be_read_is_no_event() -> None:
    assert memory().seen(reading(certificates={SHOP: b"not a certificate"}), NOW) == []
