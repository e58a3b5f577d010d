# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the API of AWX: objects that can be listed, created, changed, linked and deleted, and nothing that they do.

It refuses fields that AWX does not have, references that lead nowhere, and what AWX is known to refuse: environment variables with the
prefix ANSIBLE_ in credential types, questions of surveys without a type, and answers of the wrong type as their defaults. Secrets
read back as $encrypted$. What it does beyond that is not AWX's behaviour.
"""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ENCRYPTED = "$encrypted$"
# The fields of each kind of object, references to others by their endpoint
FIELDS: dict[str, dict[str, str]] = {
    "organizations": {},
    "users": {},
    "credential_types": {"kind": "", "inputs": "", "injectors": "", "managed": ""},
    "credentials": {"organization": "organizations", "credential_type": "credential_types", "inputs": ""},
    "execution_environments": {"image": "", "pull": "", "organization": "organizations", "credential": "credentials"},
    "projects": {
        **dict.fromkeys(("scm_type", "scm_url", "scm_branch", "scm_update_on_launch", "scm_update_cache_timeout"), ""),
        **dict.fromkeys(("allow_override", "local_path", "scm_clean", "timeout"), ""),
        **{"organization": "organizations", "credential": "credentials"},
    },
    "inventories": {"organization": "organizations", "variables": "", "kind": "", "host_filter": ""},
    "inventory_sources": {
        **dict.fromkeys(
            ("source", "source_path", "overwrite", "overwrite_vars", "update_on_launch", "enabled_var"), ""
        ),
        **dict.fromkeys(("update_cache_timeout", "source_vars", "timeout", "verbosity", "limit", "host_filter"), ""),
        **{"inventory": "inventories", "source_project": "projects", "credential": "credentials"},
        "execution_environment": "execution_environments",
    },
    "job_templates": {
        **dict.fromkeys(("playbook", "forks", "limit", "verbosity", "job_type", "job_slice_count", "diff_mode"), ""),
        **dict.fromkeys(("allow_simultaneous", "survey_enabled", "extra_vars"), ""),
        **{f"ask_{each}_on_launch": "" for each in ("limit", "credential", "job_type", "diff_mode")},
        **{"organization": "organizations", "project": "projects", "inventory": "inventories"},
        "execution_environment": "execution_environments",
    },
    "workflow_job_templates": {
        **dict.fromkeys(("allow_simultaneous", "survey_enabled", "extra_vars", "limit", "ask_limit_on_launch"), ""),
        **{"organization": "organizations", "inventory": "inventories"},
    },
    "workflow_job_template_nodes": {
        **dict.fromkeys(("identifier", "job_type", "extra_data", "limit", "type"), ""),
        **{"workflow_job_template": "workflow_job_templates", "unified_job_template": "unified_job_templates"},
    },
    "workflow_approval_templates": {"timeout": ""},
    "schedules": {
        **dict.fromkeys(("rrule", "extra_data", "enabled", "limit", "job_type"), ""),
        "unified_job_template": "unified_job_templates",
    },
    "notification_templates": {
        **dict.fromkeys(("notification_type", "notification_configuration", "messages"), ""),
        "organization": "organizations",
    },
}
UNIFIED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources", "workflow_approval_templates")
# Deleting one of these deletes what refers to it in these fields
CASCADES = {
    "workflow_job_template_nodes": ("workflow_job_template",),
    "schedules": ("unified_job_template",),
    "inventory_sources": ("inventory",),
}
TYPES = {"text": str, "textarea": str, "password": str, "multiplechoice": str, "multiselect": str}
TYPES |= {"integer": int, "float": (int, float)}


class Refused(Exception):
    """The request is refused with an HTTP status, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class StandIn:
    """The objects, by endpoint and number. Use it as a context manager; ``url`` is its address meanwhile."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, dict[str, Any]]] = {endpoint: {} for endpoint in FIELDS}
        self.links: dict[tuple[str, int, str], list[tuple[str, int]]] = {}
        self.surveys: dict[tuple[str, int], dict[str, Any]] = {}
        self.writes: list[str] = []
        self._last = 0
        self._lock = threading.Lock()
        self.create("organizations", {"name": "Default"})
        self.writes.clear()
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_arguments: Any) -> None:
                """Print nothing."""

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length) or b"null") if length else None
                try:
                    with stand_in._lock:
                        status, data = stand_in.answer(self.command, self.path, body)
                except Refused as error:
                    status, data = error.status, {"detail": str(error), "error": str(error)}
                text = b"" if data is None else json.dumps(data).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(text)))
                self.send_header("X-API-Product-Name", "AWX")
                self.send_header("X-API-Product-Version", "24.6.1")
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_DELETE = do_HEAD = _answer

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def names(self, endpoint: str) -> list[str]:
        return sorted(each.get("name") or each["identifier"] for each in self.objects[endpoint].values())

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Return status and data of a request."""
        parts = urlsplit(path)
        names = [part for part in parts.path.split("/") if part][2:]
        if not names:
            return 200, {"version": "24.6.1"}
        if method != "GET":
            self.writes.append(f"{method} {parts.path}")
        endpoint, rest = names[0], names[1:]
        if endpoint not in FIELDS and endpoint != "unified_job_templates":
            raise Refused(404, f"there is no {endpoint}")
        if not rest:
            if method == "POST":
                return 201, self.create(endpoint, body)
            return 200, self.listed(endpoint, {key: values[0] for key, values in parse_qs(parts.query).items()})
        number = int(rest[0])
        if number not in self.objects[endpoint]:
            raise Refused(404, f"there is no {endpoint} {number}")
        if rest[1:]:
            return self._related(method, endpoint, number, rest[1], body)
        if method == "PATCH":
            self.objects[endpoint][number].update(self._checked(endpoint, body))
        if method == "DELETE":
            self._delete(endpoint, number)
            return 204, None
        return 200, self.shown(endpoint, number)

    def listed(self, endpoint: str, query: dict[str, str]) -> dict[str, Any]:
        """Return the objects of an endpoint that a query finds, in the form of a page."""
        endpoints = UNIFIED if endpoint == "unified_job_templates" else (endpoint,)
        found = [
            self.shown(each, number)
            for each in endpoints
            for number, values in self.objects[each].items()
            if all(
                str(values.get(key)) == value for key, value in query.items() if key in FIELDS[each] or key == "name"
            )
        ]
        return {"count": len(found), "next": None, "previous": None, "results": found}

    def create(self, endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
        """Create an object and return it as it reads."""
        values = self._checked(endpoint, body)
        self._last += 1
        self.objects[endpoint][self._last] = {"description": "", **dict.fromkeys(FIELDS[endpoint]), **values}
        return self.shown(endpoint, self._last)

    def shown(self, endpoint: str, number: int) -> dict[str, Any]:
        """Return an object as it reads, with its address."""
        values, url = self.objects[endpoint][number], f"/api/v2/{endpoint}/{number}/"
        if endpoint == "credentials":
            kind = self.objects["credential_types"][values["credential_type"]]
            secret = {field["id"] for field in kind["inputs"]["fields"] if field.get("secret")}
            inputs = {name: ENCRYPTED if name in secret else value for name, value in (values["inputs"] or {}).items()}
            values = {**values, "inputs": inputs}
        related = {"survey_spec": f"{url}survey_spec/"}
        if endpoint == "workflow_job_template_nodes" and values.get("unified_job_template"):
            approval = values["unified_job_template"]
            if approval in self.objects["workflow_approval_templates"]:
                related["unified_job_template"] = f"/api/v2/workflow_approval_templates/{approval}/"
        return {"id": number, "type": endpoint.rstrip("s"), "url": url, "related": related, **values}

    def _checked(self, endpoint: str, body: dict[str, Any]) -> dict[str, Any]:
        for field, value in body.items():
            if field not in FIELDS[endpoint] and field not in ("name", "description"):
                raise Refused(400, f"{endpoint} have no field {field}")
            target = FIELDS[endpoint].get(field)
            targets = UNIFIED if target == "unified_job_templates" else (target,)
            if target and value is not None and not any(value in self.objects[each] for each in targets):
                raise Refused(400, f"{field} {value} of {endpoint} does not exist")
        if endpoint == "credential_types":
            for name in body.get("injectors", {}).get("env", {}):
                if name.startswith("ANSIBLE_"):
                    raise Refused(400, f"Environment variable {name} may affect Ansible configuration")
        configuration = body.get("notification_configuration") or {}
        if not isinstance(configuration.get("port", 25), int) or not isinstance(
            configuration.get("recipients", []), list
        ):
            raise Refused(400, "Configuration field 'port' or 'recipients' has an incorrect type")
        if not isinstance(body.get("timeout", 0), int):
            raise Refused(400, "A valid integer is required.")
        if endpoint == "schedules":
            self._check_answers(body)
        if endpoint == "schedules" and not re.match(r"DTSTART\S* RRULE:FREQ=\w+;INTERVAL=\d+", body.get("rrule", "")):
            raise Refused(400, "rrule has no start, or no interval")
        return dict(body)

    def _check_answers(self, body: dict[str, Any]) -> None:
        """Refuse answers of a schedule that do not fit the survey of its template."""
        survey = self.surveys.get(("job_templates", body.get("unified_job_template", 0)), {"spec": []})
        for question in survey["spec"]:
            answer = (body.get("extra_data") or {}).get(question["variable"])
            if answer is not None and (not isinstance(answer, TYPES[question["type"]]) or isinstance(answer, bool)):
                raise Refused(400, f"Value {answer} for '{question['variable']}' has the wrong type")

    def _related(self, method: str, endpoint: str, number: int, name: str, body: Any) -> tuple[int, Any]:
        if name == "survey_spec":
            if method == "POST":
                check_survey(body)
                self.surveys[endpoint, number] = body
            elif method == "DELETE":
                self.surveys.pop((endpoint, number), None)
            return 200, self.surveys.get((endpoint, number), {})
        if name == "create_approval_template":
            made = self.create("workflow_approval_templates", body)
            self.objects[endpoint][number]["unified_job_template"] = made["id"]
            return 201, made
        linked = self.links.setdefault((endpoint, number, name), [])
        if method == "POST":
            target = _target(name)
            pair = (target, int(body["id"]))
            if pair[1] not in self.objects[target]:
                raise Refused(400, f"{target} {pair[1]} does not exist")
            if body.get("disassociate"):
                linked.remove(pair)
            elif pair not in linked:
                linked.append(pair)
            return 204, None
        found = [self.shown(*pair) for pair in linked]
        return 200, {"count": len(found), "next": None, "previous": None, "results": found}

    def _delete(self, endpoint: str, number: int) -> None:
        del self.objects[endpoint][number]
        for other, fields in CASCADES.items():
            for each, values in list(self.objects[other].items()):
                if any(values.get(field) == number for field in fields):
                    self._delete(other, each)
        for linked in self.links.values():
            linked[:] = [pair for pair in linked if pair != (endpoint, number)]


def _target(name: str) -> str:
    """Return the endpoint of the objects in a list of links."""
    if name.endswith("_nodes"):
        return "workflow_job_template_nodes"
    return "notification_templates" if name.startswith("notification_templates") else name


def check_survey(survey: dict[str, Any]) -> None:
    """Refuse a survey that AWX refuses."""
    if not isinstance(survey.get("name"), str) or not isinstance(survey.get("description"), str):
        raise Refused(400, "a survey needs a name and a description")
    if not survey.get("spec"):
        raise Refused(400, "'spec' doesn't contain any items.")
    variables = [question["variable"] for question in survey["spec"]]
    if len(variables) != len(set(variables)):
        raise Refused(400, "a variable is there twice")
    for question in survey["spec"]:
        if not isinstance(question.get("required"), bool) or not isinstance(question.get("question_name"), str):
            raise Refused(400, f"{question['variable']} has no name, or does not say whether it is required")
        if question.get("type") not in TYPES:
            raise Refused(400, f"{question['variable']} has the type {question.get('type')}")
        if question.get("default", "") != "" and not isinstance(question["default"], TYPES[question["type"]]):
            raise Refused(400, f"{question['variable']} has a default of another type")
        if any(question.get(limit) is not None and not isinstance(question[limit], int) for limit in ("min", "max")):
            raise Refused(400, f"{question['variable']} has a limit that is no integer")
        if question["type"].startswith("multi") and not question.get("choices"):
            raise Refused(400, f"{question['variable']} has no choices")
