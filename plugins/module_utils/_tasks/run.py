# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Run a module: the same way inside the controller's worker and as an ordinary module on any host.

A module is its options and one function. The function gets checked options and a session and returns a result; what
goes wrong it raises as LoadMasterError.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

import gc
import os
import re
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.module_utils.errors import UnsupportedError

from ansible_collections.kemp.loadmaster.plugins.module_utils._api.connection import (
    ARGUMENTS,
    Connection,
    build,
    environment_variables,
    merge,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._engine.session import Session
from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import (
    NO_NAMES,
    InvalidOption,
    LoadMasterError,
    Names,
)
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import Shape, closest
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Desired, Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._tasks import masking, results

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:
    # Before ansible-core 2.22, which masks registered secrets everywhere

    def register_secrets(values: Iterable[str]) -> None:
        """Do nothing."""


class Mode(NamedTuple):
    """How a task is run: ``check`` plans only, ``diff`` asks for the diff."""

    check: bool = False
    diff: bool = False


Perform = Callable[[Mapping[str, Any], Session, Mode], dict[str, Any]]


@dataclass(frozen=True)
class Module:
    """A module: its own options, what else core checks about them, and its function.

    ``opaque`` names the options that core does not know the inside of, so that it cannot tell the secrets in them: these
    options show in no log and no result. ``secrets`` finds what must not show elsewhere either.
    """

    options: Mapping[str, Mapping[str, Any]]
    perform: Perform
    constraints: Mapping[str, Any] = field(default_factory=dict)
    opaque: frozenset[str] = frozenset()
    secrets: Callable[[Mapping[str, Any]], set[str]] = lambda _options: set()

    @cached_property
    def validator(self) -> ArgumentSpecValidator:
        """Return the validator of the options, built once for all items of a loop."""
        return ArgumentSpecValidator(self.argument_spec, **self.constraints)

    @property
    def argument_spec(self) -> dict[str, Any]:
        """Return the full argument specification."""
        return {name: dict(argument) for name, argument in {**self.options, **ARGUMENTS}.items()}

    def masked(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return parameters as logs and results may have them: those that are set, of the hundred that a module may have.

        What is no option may be a misspelt secret, so its value does not show.
        """
        known = {name: argument for name, argument in self._known.items() if name not in self.opaque}
        return {name: masking.masked(value, known.get(name)) for name, value in parameters.items() if value is not None}

    def must_not_show(self, parameters: Mapping[str, Any]) -> set[str]:
        """Return the secrets among parameters: those of the module, and the values of what is probably a misspelt secret.

        Where an option is refused, core has not looked at all of those after it.
        """
        return self.secrets(parameters) | set(masking.secrets_in(parameters, self._known))

    @cached_property
    def _known(self) -> dict[str, dict[str, Any]]:
        return self.argument_spec

    def unsupported(self, validated: ValidationResult, name: Callable[[], str]) -> str:
        """Return what is wrong with the names of options; empty where all are known.

        It comes first: a required option that is misspelt is missing too. ``name`` returns the full name of the module.
        """
        found = next((error for error in validated.errors.errors if isinstance(error, UnsupportedError)), None)
        if found is None:
            return ""
        return with_suggestions(f"Unsupported parameters for ({name()}) module: {found.msg}", self.argument_spec)

    def without_nothing(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a task says without lists of objects and dictionaries that are an empty text.

        Before ansible-core 2.19 that is what a template of nothing returns.
        """
        return {name: value for name, value in arguments.items() if value != "" or not self._is_structure(name)}

    def _is_structure(self, name: str) -> bool:
        argument = self._known.get(name, {})
        return "dict" in (argument.get("type"), argument.get("elements"))

    def run(
        self,
        parameters: Mapping[str, Any],
        open_session: Callable[[Connection], Session],
        mode: Mode,
        names: Names = NO_NAMES,
    ) -> dict[str, Any]:
        """Carry the task out with checked parameters and return its result, a failed one too.

        ``names`` are what the place of the task calls the options.
        """
        session = None
        try:
            session = open_session(build(parameters))
            return self.perform(parameters, session, mode)
        except LoadMasterError as error:
            return results.of_error(error, names)
        except Exception as error:
            fault = _unexpected(error)
            fault.changed = session is not None and session.has_written
            return results.of_error(fault)

    def main(self) -> None:
        """Run as an ordinary module. What the task leaves open of the connection comes from the environment."""
        module = _Hosted(self)
        parameters = {
            **module.params,
            **merge(_stated(module.params), *environment_variables(os.environ)),
        }
        for secret in ("password", "api_key"):
            if parameters.get(secret):
                module.hide({parameters[secret]})
        module.hide(self.must_not_show(parameters))
        sessions: list[Session] = []

        def open_session(connection: Connection) -> Session:
            sessions.append(Session.open(connection))
            return sessions[0]

        with uncollected():
            result = self.run(parameters, open_session, Mode(module.check_mode, module._diff))
        for session in sessions:
            session.close()
        if result.get("failed"):
            module.fail_json(**result)
        module.exit_json(**result)

    def run_in_worker(
        self,
        name: Callable[[], str],
        arguments: Mapping[str, Any],
        open_session: Callable[[Connection], Session],
        mode: Mode,
        names: Names = NO_NAMES,
    ) -> dict[str, Any]:
        """Do what AnsibleModule does, in this process: check the options, run, mask the secrets.

        ``name`` returns the full name of the module.
        """
        try:
            return self._run_in_worker(name, arguments, open_session, mode, names)
        except Exception as error:
            return {**results.of_error(_unexpected(error), names), "invocation": {"module_args": {}}}

    def _run_in_worker(
        self,
        name: Callable[[], str],
        arguments: Mapping[str, Any],
        open_session: Callable[[Connection], Session],
        mode: Mode,
        names: Names,
    ) -> dict[str, Any]:
        validated = self.validator.validate(_shipped(self.without_nothing(arguments)))
        if validated.error_messages:
            message = self.unsupported(validated, name) or validated.error_messages[0]
            result: dict[str, Any] = {"failed": True, "msg": message}
        else:
            result = self.run(validated.validated_parameters, open_session, mode, names)
        result["invocation"] = {"module_args": self.masked(validated.validated_parameters)}
        secrets = validated._no_log_values | self.must_not_show(validated.validated_parameters)
        register_secrets(secrets)
        masked: dict[str, Any] = masking.Masker(secrets).apply(result)
        return masked


class _Hosted(AnsibleModule):
    """What a module is on any host. Core would log its parameters, and return them, before their secrets is known."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._hidden: set[str] = set()
        super().__init__(argument_spec=module.argument_spec, supports_check_mode=True, **module.constraints)

    params: dict[str, Any]

    def hide(self, secrets: Iterable[str]) -> None:
        """Register texts to be masked everywhere."""
        self._hidden.update(secrets)
        self.no_log_values.update(secrets)
        register_secrets(secrets)

    def _log_invocation(self) -> None:
        parameters = self.params
        self.params = self._module.masked(parameters)
        try:
            super()._log_invocation()
        finally:
            self.params = parameters

    def exit_json(self, **result: Any) -> None:
        super().exit_json(**self._shown(result))

    def fail_json(self, msg: str, **result: Any) -> None:
        validated = getattr(self, "validation_result", None)
        if validated is not None and validated.error_messages:
            msg = self._module.unsupported(validated, lambda: str(self._name)) or msg
        super().fail_json(**self._shown({"msg": msg, **result}))

    def _shown(self, result: Mapping[str, Any]) -> dict[str, Any]:
        complete = {"invocation": {"module_args": self._module.masked(self.params)}, **result}
        # If core refused the options, nothing has searched them for secrets
        self.hide(self._module.must_not_show(self.params))
        shown: dict[str, Any] = masking.Masker({*self._hidden, *self.no_log_values}).apply(complete)
        return shown


_UNSUPPORTED = re.compile(
    r"(Unsupported parameters for \(.*?\) module: )(.*?)(\. Supported parameters include: .*)", re.DOTALL
)


def with_suggestions(message: str, arguments: Mapping[str, Mapping[str, Any]]) -> str:
    """Return core's message about unknown options with suggestions; any other message unchanged.

    The list of all options stays only where one of them is like none.
    """
    found = _UNSUPPORTED.fullmatch(message)
    if not found:
        return message
    start, unknown, supported = found.groups()
    suggestions = []
    resembling = True
    for name in unknown.split(", "):
        *path, last = name.split(".")
        known: Mapping[str, Any] = arguments
        for part in path:
            known = known.get(part, {}).get("options") or {}
        close = closest(last, known)
        resembling = resembling and bool(close)
        suggestions.append(f"{name}; did you mean '{close}'?" if close else f"{name} is unknown.")
    return start + " ".join(suggestions) + ("" if resembling else supported.removeprefix("."))


def _unexpected(error: Exception) -> LoadMasterError:
    """Return a fault of this collection as a sentence. It names the place, and nothing of the values: these may be secret."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "an unknown place"
    return LoadMasterError(
        f"This is a fault of kemp.loadmaster ({type(error).__name__} in {place}). The task may have changed something; run it again "
        "in check mode to see what is left. Please report it: https://github.com/kemp-loadmaster/ansible-collection-loadmaster/issues"
    )


def making(key: str, shape: Shape, wanted_by: Callable[[Mapping[str, Any]], Sequence[Desired] | Document]) -> Module:
    """Return a module that makes objects as its options say; ``key`` names the first one in the result.

    ``wanted_by`` returns the objects that options mean, or a document of them. The shape has checked the options by then.
    """

    def perform(options: Mapping[str, Any], session: Session, mode: Mode) -> dict[str, Any]:
        wanted = wanted_by(shape.checked(shape.own(options)))
        document = wanted if isinstance(wanted, Document) else Document(wanted)
        try:
            outcome = session.reach(document, check=mode.check)
        except InvalidOption as error:
            if not (mode.check and error.awaits):
                raise
            return results.awaiting(error, session, key)
        found = results.of_object(outcome, document.objects[0], outcome.plan.objects[0])
        return {**results.of_outcome(outcome, session, diff=mode.diff), key: found}

    return Module(shape.arguments(), perform, shape.constraints())


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the garbage collector: a task creates many objects and little garbage, and its worker ends after it."""
    resting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if resting:
            # Exempts existing objects, such as the answers of the LoadMaster
            gc.freeze()
            gc.enable()


def _shipped(value: Any) -> Any:
    """Return a value as a module gets it that is shipped.

    Texts of Ansible carry notes of where they come from. These say nothing here, and take core long to copy.
    """
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, dict):
        return {_shipped(name): _shipped(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return [_shipped(member) for member in value]
    return value


def _stated(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {option: parameters[option] for option in ARGUMENTS if parameters.get(option) is not None}
