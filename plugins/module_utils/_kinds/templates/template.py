# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Templates of virtual services: upload, removal, and creation of a service. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.kemp.loadmaster.plugins.module_utils._errors import InvalidOption
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.field import Field
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.shape import STATE, Shape
from ansible_collections.kemp.loadmaster.plugins.module_utils._fields.value_types import Blob, Text
from ansible_collections.kemp.loadmaster.plugins.module_utils._model import ranks
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.document import Document
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.late import identity
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.references import ServiceRef, label
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.state import LIST_SERVICES, World
from ansible_collections.kemp.loadmaster.plugins.module_utils._model.step import ANYWHERE, ObjectPlan, Step

_LISTING = "listtemplates"
SHAPE = Shape(
    rows=(
        STATE._replace(
            description=(
                "Whether the template should be on the LoadMaster. V(absent) leaves the services alone that "
                "were made from it."
            ),
            choices={
                "present": "The template is there, as the task says.",
                "absent": "There is no such template.",
            },
        ),
        Field(
            "name",
            "name",
            Text(lasting=True),
            label="Virtual Services > Manage Templates",
            description=("The name of the template, as it stands inside its file and in the list of templates."),
        ),
        Field(
            "content",
            "",
            Blob(),
            description=(
                "The text of the template file, which is uploaded where there is no template of this name "
                "yet. A file may bring several templates. The task fails where the file has none called "
                "O(name).",
                "It is not compared. For a newer file under the same name, remove the template first.",
                "Read a file with P(ansible.builtin.file#lookup).",
                "API command C(uploadtemplate). WUI: Virtual Services > Manage Templates > Import Template.",
            ),
        ),
        Field(
            "virtual_service",
            "vs",
            Text(),
            description=(
                "The service to create from the template if it does not exist, as C(address:port) or "
                "C(protocol/address:port), with an IPv6 address in brackets. A service that is there stays as "
                "it is, whatever the template says.",
                "Where the template says a port, the LoadMaster uses that one instead of the one given "
                "here. Give the same port, else the service is not found at its place afterwards. A template "
                "may create further services.",
                "API parameter C(template). WUI: Add New > Use Template.",
            ),
        ),
    ),
    required=("name",),
)


@dataclass(frozen=True)
class Template:
    """A wanted template, and a service to create from it unless that exists."""

    name: str
    content: str = field(default="", repr=False)
    service: ServiceRef | None = None
    present: bool = True

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Template:
        """Build it from options that its shape has checked. Raises InvalidOption where they contradict each other."""
        service = ServiceRef.parse(options["virtual_service"]) if options.get("virtual_service") else None
        if service is not None and not service.by_place:
            raise InvalidOption(
                f"virtual_service is {options['virtual_service']!r}, but a new one needs [protocol/]address:port."
            )
        present = options.get("state", "present") == "present"
        return cls(options["name"], options.get("content", ""), service, present)

    @property
    def subject(self) -> str:
        return f"template {self.name}"

    def keys(self) -> tuple[Hashable, ...]:
        return (self.name,)

    def reads(self) -> frozenset[str]:
        return frozenset({_LISTING, LIST_SERVICES} if self.service else {_LISTING})

    def found(self, world: World) -> dict[str, Any]:
        record = self._record(world)
        if not record:
            return {}
        made = self.service is not None and world.services.find(self.service) is not None
        place = {"virtual_service": str(self.service)} if made else {}
        return {"name": self.name, "comment": str(record.get("comment", "")), **place}

    def plan(self, world: World, document: Document) -> ObjectPlan:
        subject = self.subject
        record = self._record(world)
        # As the appliance has it, which may end in a blank
        name = str(record.get("name") or self.name)
        if not self.present:
            # A file that was uploaded twice has its templates in the list twice
            removal = Step(
                "deltemplate", {"name": name}, subject, "remove it", ranks.CERTIFICATE_REMOVE, one_of_many=True
            )
            return ObjectPlan(subject, (removal,) if record else (), {"name": self.name} if record else {})
        steps, after = [], {}
        if not record:
            if not self.content:
                raise InvalidOption(f"There is no {subject}. To upload it, give its content.")
            steps.append(
                Step("uploadtemplate", {}, subject, "upload it", ranks.CERTIFICATE, data=self.content.encode("utf-8"))
            )
            after["name"] = self.name
        if self.service is not None and world.services.find(self.service) is None:
            parameters = {**identity(self.service), "template": name}
            steps.append(
                Step(
                    "addvs",
                    parameters,
                    label(self.service),
                    f"create it from the template {self.name}",
                    ranks.SERVICE,
                    creates=True,
                    # Only the template names what it creates
                    reaches=ANYWHERE,
                )
            )
            after["virtual_service"] = str(self.service)
        return ObjectPlan(subject, tuple(steps), after=after)

    def _record(self, world: World) -> Mapping[str, Any]:
        listing = world.answers.get(_LISTING, {}).get("template") or []
        return next((record for record in listing if str(record.get("name")).strip() == self.name), {})
