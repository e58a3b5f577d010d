# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nonsense as input: options of every module, right ones and wrong ones mixed by chance."""

from __future__ import annotations

import copy
import importlib
import random
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks.run import Mode
from loadmaster_emulator import Emulator

from .at_calls import put_back
from .in_process import opened
from .tasks import CANARIES, TASKS, appliance
from .verdict import Verdict

MODULES = (
    *("virtual_service", "sub_virtual_service", "real_server", "content_rule", "cipher_set", "settings", "certificate"),
    *("intermediate_certificate", "virtual_service_template", "config", "config_info", "info", "server_maintenance"),
)
SECRET = "Canary-in-an-option!7"
# Values that no option is made for. A lone surrogate is what a file name that is no text looks like.
NASTY: tuple[Any, ...] = (
    *(None, "", " ", "\x00", "a\rb", "a\nb", "\ud800", "ä" * 300, "x" * 70_000, "*", "::", "0.0.0.0", "-1", "1e9"),
    *(0, -1, 2**63, 1.5, True, [], {}, [None], [[]], [{}], {"a": {"b": "c"}}, ["a b", ""], "{{ x }}", "!vault", b"x"),
)
USUAL: dict[str, tuple[Any, ...]] = {
    "address": ("192.0.2.25", "192.0.2.77", "2001:db8::5", "www.example.com"),
    "port": ("443", "80", "25", "*", 8080),
    "virtual_service": ("192.0.2.25:443", "tcp/192.0.2.25:80", "udp/192.0.2.77:53", "Exchange", "Nobody"),
    "name": ("Sub 0", "Sub 9", "Rule_1", "mail", "Own"),
    "nickname": ("Exchange", "New"),
    "kind": ("match_content", "add_header", "modify_url", "replace_body"),
    "pattern": ("/owa/", "(", "/^\\/x.*/"),
}


@cache
def _emulator() -> tuple[Emulator, Any]:
    lm = appliance(TASKS[0])
    session, _wire = opened(lm)
    TASKS[0].run(session)
    session.close()
    return lm, copy.deepcopy(lm._appliance.configuration)


def cases(seed: int, number: int) -> Iterator[tuple[str, int]]:
    """Yield modules with a seed each."""
    yield from ((MODULES[index % len(MODULES)], seed * 1_000_003 + index) for index in range(number))


def judged(case: tuple[str, int]) -> Verdict:
    """Run a module with the options that a seed gives, first in check mode, and return what is wrong with it."""
    name, seed = case
    chance = random.Random(seed)
    module = importlib.import_module(f"ansible_collections.kemp.loadmaster.plugins.modules.{name}").MODULE
    arguments = made(chance, module.options)
    verdict = Verdict(f"{name}, seed {seed}: {sorted(arguments)}")
    lm, configuration = _emulator()
    put_back(lm, configuration)
    start = lm.state()

    def run(check: bool) -> dict[str, Any]:
        session, _wire = opened(lm, chance.choice(("v1", "v2")))
        try:
            login = {"host": "192.0.2.1", "username": "bal", "password": SECRET}
            result: dict[str, Any] = module.run_in_worker(
                lambda: f"kemp.loadmaster.{name}",
                {**login, **copy.deepcopy(arguments)},
                lambda _connection: session,
                Mode(check, True),
            )
        except Exception as error:
            verdict.wrong["tracebacks"] = f"{type(error).__name__}: {error}"[:300]
            return {"failed": True, "changed": False}
        finally:
            session.close()
        if "fault of kemp.loadmaster" in str(result.get("msg")):
            verdict.wrong["tracebacks"] = str(result["msg"])
        shown = str(result)
        if SECRET in shown or any(secret in shown for secret in CANARIES):
            verdict.wrong["leaks"] = shown[:200]
        return result

    foreseen = run(check=True)
    if lm.state() != start:
        verdict.wrong["silently_wrong"] = "check mode changed something"
    if name == "server_maintenance":
        return verdict  # it waits for what only a clock of its own brings about
    done = run(check=False)
    if not done.get("changed") and lm.state() != start:
        verdict.wrong["wrong_changed"] = f"false, {done.get('msg')}"
    if foreseen.get("failed") and not done.get("failed"):
        verdict.wrong["silently_wrong"] = f"check mode refused it: {foreseen.get('msg')}"
    told = str(done.get("msg"))
    # What is in a template, and which ciphers there are, only the LoadMaster knows; what an earlier task may make is warned of
    opaque = "Invalid template file" in told or "Invalid Cipher list" in told
    warned = "this task will fail" in str(foreseen.get("warnings"))
    if not foreseen.get("failed") and done.get("failed") and not opaque and not warned:
        verdict.wrong["silently_wrong"] = f"check mode accepted it: {done.get('msg')}"
    rewrites = arguments.get("update_secrets") is True
    if not done.get("failed") and done.get("changed") and not rewrites and run(check=False).get("changed"):
        verdict.wrong["wrong_changed"] = "a second run changes something again"
    return verdict


def made(chance: random.Random, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return some of the options of a module, most of them with values that could be meant."""
    wild = chance.random() < 0.5
    required = [name for name, argument in options.items() if argument.get("required") or name in USUAL]
    others = [name for name in options if name not in required]
    chosen = [*required, *chance.sample(others, min(len(others), chance.choice((0, 1, 2, 3, 6))))]
    values = {name: _value(chance, name, options[name], 0.15 if wild else 0.0) for name in chosen}
    if wild and chance.random() < 0.1:
        values[chance.choice(("adress", "real_server", "pasword", "x" * 300))] = chance.choice((SECRET, 1, None))
    return {name: value for name, value in values.items() if value is not _LEFT_OUT}


_LEFT_OUT = object()


def _value(chance: random.Random, name: str, argument: Mapping[str, Any], nasty: float) -> Any:
    if chance.random() < nasty:
        return chance.choice(NASTY)
    if argument.get("no_log"):
        return SECRET
    if name in USUAL:
        return chance.choice((*USUAL[name], _LEFT_OUT))
    if "choices" in argument:
        chosen = chance.choice(list(argument["choices"]))
        return [chosen] if argument.get("type") == "list" else chosen
    kind = argument.get("type", "str")
    if kind == "bool":
        return chance.random() < 0.5
    if kind == "int":
        return chance.choice((0, 1, 5, 60, 600, 1800, 100_000))
    if kind == "list" and argument.get("elements") == "dict":
        return [made(chance, argument.get("options", {})) for _each in range(chance.choice((0, 1, 2)))]
    if kind == "list":
        return [
            str(chance.choice(("a", "192.0.2.60", "10.0.0.0/8", "Rule_1"))) for _each in range(chance.choice((0, 1, 2)))
        ]
    if kind == "dict":
        return made(chance, argument["options"]) if "options" in argument else {}
    return chance.choice(("a", "1", "/owa/healthcheck.htm", "www.example.com", "192.0.2.60", "BestPractices", ""))
