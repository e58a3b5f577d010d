# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The arguments of the event source: what a rulebook may say, what it may not, and whether the documentation has all of them."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import ARGUMENTS
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption, spoken
from ansible_collections.kemp.loadmaster.plugins.module_utils._events.event_options import NUMBERS, OWN, Options, read

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "extensions/eda/plugins/event_source/loadmaster.py"
LOGIN = {"username": "bal", "password": "p"}
ENVIRON = {"LOADMASTER_USERNAME": "monitor", "LOADMASTER_PASSWORD": "of-monitor"}
ONE = {"host": "192.0.2.5", **LOGIN}


def test_one_loadmaster_needs_no_list() -> None:
    (found,) = read(ONE, {}).loadmasters
    assert found.place == ("192.0.2.5", "192.0.2.5", 443)
    (found,) = read({}, {**ENVIRON, "LOADMASTER_HOST": "192.0.2.6", "LOADMASTER_PORT": "8443"}).loadmasters
    assert found.place == ("192.0.2.6", "192.0.2.6", 8443)
    assert (found.connection.username, found.connection.password) == ("monitor", "of-monitor")


def test_defaults_are_those_of_a_poll() -> None:
    connection = read(ONE, {}).loadmasters[0].connection
    assert (connection.connect_timeout, connection.timeout, connection.retries) == (10, 20, 1)
    connection = read({**ONE, "timeout": 5}, {"LOADMASTER_RETRIES": "0"}).loadmasters[0].connection
    assert (connection.timeout, connection.retries) == (5, 0)
    options = read(ONE, {})
    assert options == Options(options.loadmasters)


def test_what_all_have_in_common_is_given_once() -> None:
    entries = ["192.0.2.5", {"host": "192.0.2.6", "name": "lm2", "username": "bal", "password": "own"}]
    args = {"loadmasters": entries, "username": "monitor", "password": "of-all", "validate_certs": False}
    first, second = read(args, {}).loadmasters
    assert (first.name, second.name) == ("192.0.2.5", "lm2")
    assert (first.connection.username, first.connection.password) == ("monitor", "of-all")
    assert (second.connection.username, second.connection.password) == ("bal", "own")
    assert not first.connection.validate_certs and not second.connection.validate_certs


def test_a_login_in_the_rulebook_is_not_mixed_with_one_of_the_environment() -> None:
    (found,) = read(ONE, {"LOADMASTER_API_KEY": "key-of-another"}).loadmasters
    assert not found.connection.api_key


@pytest.mark.parametrize(
    ("args", "member", "value"),
    [
        ({"interval": "5"}, "interval", 5.0),
        ({"interval": 1.5}, "interval", 1.5),
        ({"configuration_interval": 0}, "configuration_interval", 0),
        ({"expiry_days": "0"}, "expiry_days", 0),
        ({"confirmations": "3"}, "confirmations", 3),
        ({"report_initial": "no"}, "report_initial", False),
        ({"report_initial": "True"}, "report_initial", True),
        ({"interval": None, "report_initial": ""}, "interval", 30.0),
        ({"eda_feedback_queue": object()}, "interval", 30.0),
    ],
)
def test_values_may_be_texts(args: dict[str, Any], member: str, value: Any) -> None:
    assert getattr(read({**ONE, **args}, {}), member) == value


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ({}, "No LoadMaster to watch: give host or loadmasters, or set LOADMASTER_HOST."),
        ({"host": "192.0.2.5"}, "No login for 192.0.2.5: give username and password, or api_key. Or set"),
        ({"host": "192.0.2.5", "username": "bal"}, "No login for 192.0.2.5"),
        ({**ONE, "intervall": 5}, "unknown option 'intervall'; did you mean 'interval'?"),
        ({**ONE, "xyz": 5}, "unknown option 'xyz'. Known are interval, "),
        ({**ONE, "interval": 0}, "interval is '0', but it must be a number from 1 to 86400."),
        ({**ONE, "interval": True}, "interval is 'True'"),
        ({**ONE, "interval": "nan"}, "interval is 'nan'"),
        ({**ONE, "interval": [5]}, "interval is '[5]'"),
        ({**ONE, "expiry_days": 1.5}, "expiry_days is '1.5', but it must be a whole number from 1 to 3650, or 0"),
        ({**ONE, "configuration_interval": 3}, "from 10 to 86400, or 0 to turn it off."),
        ({**ONE, "report_initial": "perhaps"}, "report_initial is 'perhaps', but it must be true or false."),
        ({**ONE, "loadmasters": ["192.0.2.6"]}, "host and loadmasters exclude each other."),
        ({**LOGIN, "loadmasters": []}, "loadmasters must be a list of LoadMasters, each with its host."),
        ({**LOGIN, "loadmasters": "192.0.2.5"}, "loadmasters must be a list"),
        ({**LOGIN, "loadmasters": [5]}, "loadmasters, entry 1 must be a host, or a dictionary with host."),
        ({**LOGIN, "loadmasters": [{"name": "lm1"}]}, "loadmasters, entry 1 has no host."),
        (
            {**LOGIN, "loadmasters": ["192.0.2.5", {"hots": "x"}]},
            "loadmasters, entry 2: unknown option 'hots'; did you mean 'host'?",
        ),
        ({**LOGIN, "loadmasters": ["192.0.2.5", "192.0.2.5"]}, "two entries with the name 192.0.2.5."),
        (
            {**LOGIN, "loadmasters": [{"host": "192.0.2.5", "name": name} for name in "ab"]},
            "two entries with the address 192.0.2.5:443.",
        ),
        ({**LOGIN, "loadmasters": [{"host": "192.0.2.5", "timeout": "soon"}]}, "entry 1: timeout is 'soon'"),
        ({**LOGIN, "loadmasters": [{"host": ["192.0.2.5"]}]}, "host must be one value, not a list"),
        ({**ONE, "host": "a b"}, "host is 'a b', but it must be the name or IP address of a LoadMaster."),
        ({**ONE, "fingerprint": "12:34"}, "fingerprint is not a SHA-256 fingerprint"),
    ],
)
def test_what_is_wrong_is_one_sentence(args: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidOption) as error:
        read(args, {})
    text = spoken(error.value.account)
    assert sentence in text and "\n" not in text


def test_no_sentence_has_a_secret() -> None:
    for wrong in ({"interval": 0}, {"pasword": "secret-p"}, {"host": "a b"}, {"timeout": "x"}):
        with pytest.raises(InvalidOption) as error:
            read({**ONE, "password": "secret-p", **wrong}, {})
        assert "secret-p" not in error.value.message


def test_the_documentation_has_every_option() -> None:
    source = runpy.run_path(str(SOURCE))
    documented = yaml.safe_load(source["DOCUMENTATION"])["options"]
    assert documented.keys() == {*OWN, *ARGUMENTS}
    for name, number in NUMBERS.items():
        text = " ".join(documented[name]["description"])
        assert documented[name]["default"] == number.default
        assert f"rom {number.low:g} to {number.high:g}" in text
        assert ("V(0) turns" in text) == number.off
    for name, argument in ARGUMENTS.items():
        assert documented[name]["type"] == argument["type"]
        assert documented[name].get("choices") == argument.get("choices")


def test_the_example_is_right() -> None:
    (example,) = yaml.safe_load(runpy.run_path(str(SOURCE))["EXAMPLES"])
    args = example["kemp.loadmaster.loadmaster"]
    args["loadmasters"][0]["fingerprint"] = "12" * 32
    assert [each.name for each in read(args, {}).loadmasters] == ["lm1", "lm2"]


def test_the_guide_is_right() -> None:
    """Its table has the defaults of all arguments, and its rulebook is one."""
    text = (ROOT / "docs/events.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w*) ?\|", text.partition("## Arguments\n")[2], re.M))
    defaults = {name: f"{number.default:g}" for name, number in NUMBERS.items()}
    assert rows == {**defaults, "loadmasters": "", "report_initial": "true"}
    block = re.search(r"<!-- file: rulebook.yml -->\n```yaml\n(.*?)```", text, re.S)
    assert block is not None
    (ruleset,) = yaml.safe_load(block[1])
    options = read(ruleset["sources"][0]["kemp.loadmaster.loadmaster"], ENVIRON)
    assert options.expiry_days == 21 and len(options.loadmasters) == 2


def test_the_guide_names_every_event() -> None:
    """As the source names them, where it makes them."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "plugins/module_utils/_events").glob("*.py"))
    named = set(re.findall(r'event\(\s*(?:self\._)?place,\s*"(\w+)"', code))
    named |= {f"{kind}_{word}" for kind in ("server", "service", "sub_virtual_service") for word in ("down", "up")}
    table = (ROOT / "docs/events.md").read_text(encoding="utf-8").partition("## Events\n")[2].partition("\n## ")[0]
    first_cells = "".join(
        line.split("|")[1] for line in table.splitlines() if line.startswith("| `") and "`type`" not in line
    )
    assert len(named) == 12 and set(re.findall(r"`(\w+)`", first_cells)) == named


@pytest.mark.parametrize("rulebook", sorted(ROOT.glob("extensions/eda/rulebooks/*.yml")), ids=lambda path: path.stem)
def test_the_arguments_of_a_rulebook_are_right(rulebook: Path) -> None:
    for ruleset in yaml.safe_load(rulebook.read_text(encoding="utf-8")):
        for source in ruleset["sources"]:
            args = dict(source["kemp.loadmaster.loadmaster"])
            assert args["loadmasters"] == "{{ loadmasters }}" and "default(" in args["interval"]
            args.update(loadmasters=["192.0.2.5"], interval=30)
            assert read(args, ENVIRON)
