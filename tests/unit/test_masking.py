# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret shows in a result, however the one who quotes it spells it."""

from __future__ import annotations

import base64
import html
import json
import random
import string
import textwrap
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import LoadMasterError
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import masking
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.masking import MASK, WHOLE, Masker
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode, Module
from ansible_collections.kemp.loadmaster.plugins.modules import config, settings, virtual_service

_BODY = "".join(random.Random(13).choices(string.ascii_letters + string.digits + "+/", k=1600)) + "Az=="
KEY = "-----BEGIN PRIVATE KEY-----\n" + "\n".join(textwrap.wrap(_BODY, 64)) + "\n-----END PRIVATE KEY-----\n"
SECRETS = {
    "a word": "Geheim42",
    "quotes": 'it\'s "so"',
    "signs": "<p&ss/w%rd>+=?#",
    "a backslash": r"back\slash\new",
    "blanks around": " pass word ",
    "letters beyond ASCII": "pässwörtchen€",
    "beyond the first plane": "pass😀word",
    "an API key": "kJ3h5Kx9QmZ7TnB2vL8cW4pR6sD1fG0aYeUiOo-_Aa12",
    "a key": KEY,
}
SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "without what is around": str.strip,
    "repr": lambda text: repr(text)[1:-1],
    "repr of a repr": lambda text: repr(repr(text)),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON with all letters": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON with slashes as PHP has them": lambda text: json.dumps(text)[1:-1].replace("/", r"\/"),
    "JSON in JSON": lambda text: json.dumps(json.dumps({"msg": text})),
    "XML": html.escape,
    "XML with numbers": lambda text: "".join(f"&#{ord(sign)};" for sign in text),
    "XML with hexadecimal numbers": lambda text: "".join(f"&#x{ord(sign):X};" for sign in text),
    "XML in XML": lambda text: html.escape(html.escape(text)),
    "URL": lambda text: quote(text, safe=""),
    "URL with slashes": quote,
    "form": quote_plus,
    "URL in lower case": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "URL twice": lambda text: quote(quote(text)),
    "URL in JSON": lambda text: json.dumps(quote(text, safe="")),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
}
BY_SPELLING = pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)


@BY_SPELLING
@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_no_spelling_of_a_secret_shows(secret: str, spell: Callable[[str], str]) -> None:
    spelt = spell(secret)
    result = {"msg": f"the LoadMaster answered: Cannot take {spelt}; try again", "list": [{"of": [spelt]}], "rc": 1}
    shown = Masker([secret]).apply(result)
    assert shown["msg"] == f"the LoadMaster answered: Cannot take {MASK}; try again" or spelt.strip() not in str(shown)
    words = [word for word in secret.split() if not word.startswith("-----") and word not in ("PRIVATE", "KEY-----")]
    assert not any(word in str(shown) or spell(word) in str(shown) for word in words if len(word) > 3), shown
    assert shown["msg"].startswith("the LoadMaster answered: Cannot take ") and shown["msg"].endswith("; try again")
    assert shown["rc"] == 1


@pytest.mark.parametrize("wrap", ["\n", "\r\n", r"\n", r"\\r\\n", " ", "%0A", "%0D%0A", "&#10;", "\n    "], ids=repr)
@pytest.mark.parametrize("width", [64, 76, 50, 10_000])
def test_a_key_is_masked_however_it_is_wrapped(wrap: str, width: int) -> None:
    told = "Cannot read " + wrap.join(textwrap.wrap(_BODY, width)) + " as a key"
    shown = Masker([KEY]).apply(told)
    assert not any(_BODY[at : at + 12] in shown for at in range(len(_BODY) - 11))
    assert shown == f"Cannot read {MASK} as a key"


@pytest.mark.parametrize("line", range(2, len(KEY.splitlines()) - 1))
def test_one_line_of_a_key_does_not_show(line: int) -> None:
    text = KEY.splitlines()[line]
    assert Masker([KEY]).apply(f"bad line: {text} (end)") == f"bad line: {MASK} (end)"


@given(st.integers(0, len(_BODY) - 12), st.integers(12, 300))
def test_no_part_of_a_key_shows(start: int, size: int) -> None:
    """An appliance cuts off what it quotes where it likes."""
    part = _BODY[start : start + size]
    assert Masker([KEY]).apply(f"Invalid data '{part}'") == f"Invalid data '{MASK}'"


@given(st.text(min_size=1, max_size=20).filter(str.strip), st.text(max_size=20), st.text(max_size=20))
def test_whatever_the_secret_is(secret: str, before: str, after: str) -> None:
    shown = Masker([secret]).apply(f"{before}{secret}{after}")
    assert shown == WHOLE or secret in MASK or secret not in shown.replace(MASK, "\0")


def test_what_is_no_secret_stays() -> None:
    told = {"msg": "lm1 has 3 services; C:\\new %41 &amp; a\tb", "n": [1, 2.5, None, True], "PRIVATE": "KEY"}
    assert Masker([KEY, "Geheim42", ""]).apply(told) == told
    assert Masker([]).apply(told) == told


def test_half_a_character_can_be_printed() -> None:
    for secrets in ([], ["Geheim42"]):
        shown = Masker(secrets).apply({"msg": "no option \ud800 here", "of\udfff": ["ä\ud800"]})
        assert shown == {"msg": "no option \\ud800 here", "of\\udfff": ["ä\\ud800"]}


def test_a_secret_that_is_a_number() -> None:
    assert masking.Masker(["4711"]).apply({"port": 4711, "flag": True, "other": 12}) == {
        **{"port": WHOLE, "flag": True, "other": 12}
    }


# --- options that do not exist


def run(module: Module, arguments: dict[str, Any], failure: Exception | None = None) -> dict[str, Any]:
    def open_session(connection: Any) -> Session:
        if failure is not None:
            raise failure
        return Session.open(connection)

    connection = {"host": "lm1", "username": "bal", "password": "PasswordOfBal"}
    return module.run_in_worker(lambda: "kemp.loadmaster.it", {**connection, **arguments}, open_session, Mode())


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        (settings.MODULE, {"email_pasword": "Geheim42"}),
        (settings.MODULE, {"anything": ["Geheim42"]}),
        (settings.MODULE, {"pasword": "Geheim42"}),
        (settings.MODULE, {"apikey": {"of": "Geheim42"}}),
        (config.MODULE, {"setings": {"email_password": "Geheim42"}}),
        (config.MODULE, {"document": {"settings": {"email_pasword": "Geheim42"}}}),
        (config.MODULE, {"settings": {"email_pasword": "Geheim42"}}),
        (config.MODULE, {"backup": True, "backup_options": {"pasword": "Geheim42"}}),
        (virtual_service.MODULE, {"real_servers": [{"address": "192.0.2.1", "pasword": "Geheim42"}]}),
    ],
)
def test_the_value_of_an_option_that_does_not_exist_does_not_show(module: Module, arguments: dict[str, Any]) -> None:
    result = run(module, arguments)
    assert result["failed"] and "Geheim42" not in str(result)
    assert result["invocation"]["module_args"]["host"] == "lm1"
    name = next(iter(arguments))
    assert name in result["msg"] or "pasword" in result["msg"]


@pytest.mark.parametrize("spell", [repr, json.dumps, quote, html.escape])
def test_what_an_appliance_quotes_of_a_login_does_not_show(spell: Callable[[str], str]) -> None:
    password = 'Pass\'wörd "of\\Bal"/&'
    refused = LoadMasterError(f"the LoadMaster answered {spell(password)}", answer=spell(password))
    result = run(settings.MODULE, {"password": password}, refused)
    assert result["msg"].startswith("the LoadMaster answered ") and "of" not in result["msg"].removeprefix(
        "the LoadMaster"
    )
    assert "rd" not in str(result["error"]["answer"])
