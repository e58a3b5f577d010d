# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Templates: kept, made of a service, made into services."""

from __future__ import annotations

from loadmaster_emulator import templates, texts, uploads, values, vs_write
from loadmaster_emulator.answers import Answer, Download, Message, Records, members
from loadmaster_emulator.appliance import Appliance, Request
from loadmaster_emulator.commands import identity
from loadmaster_emulator.errors import ApiError
from loadmaster_emulator.model import VirtualService
from loadmaster_emulator.templates import Template
from loadmaster_emulator.vs_fields import BY_NAME, BY_PARAMETER, STORED, Field, Kind, Stored

#: Not exported: they belong to one appliance or one service.
_LEFT_OUT = frozenset(("NickName", "AltAddress", "CertFile", "IntermediateCerts", "CipherSet", "FollowVSID"))
_SSL_REWRITE = ("", "http", "https")
_ADAPTIVE = {"http_rs": "adaptive", "sdn_gstats": "sdn-adaptive"}


def uploadtemplate(appliance: Appliance, request: Request) -> Answer:
    """Install the templates of a file."""
    try:
        content = uploads.content(request.get(uploads.PARAMETER)).decode()
    except UnicodeDecodeError:
        raise ApiError(texts.INVALID_TEMPLATE) from None
    found = templates.read(content)
    # Those of a name that is there come next to it, and count (pmv1-listtemplates-uploaded-twice.xml).
    appliance.configuration.templates += found
    return Message(texts.templates_installed(len(found)))


def listtemplates(appliance: Appliance, request: Request) -> Answer:
    """The templates."""
    entries = tuple(
        members(("name", held.name), ("comment", held.comment), ("certified", "yes" if held.certified else "no"))
        for held in appliance.configuration.templates
    )
    return members(*([("template", Records(entries))] if entries or appliance.quirks.empty_lists else []))


def deltemplate(appliance: Appliance, request: Request) -> Answer:
    """Forget a template; services made of it stay."""
    found = _found(appliance, identity.mandatory(request, "name"))
    held = appliance.configuration.templates
    if appliance.quirks.deltemplate_one:
        held.remove(found)
    else:
        held[:] = [template for template in held if template.name != found.name]
    return Message(texts.OK)


def exportvstmplt(appliance: Appliance, request: Request) -> Answer:
    """A service as a template, without its servers, SubVSs and rules."""
    vs = identity.service(appliance, request)
    if vs.is_subvs:
        raise ApiError(texts.UNKNOWN_VS)  # guess: what a SubVS answers
    name = str(vs.settings["NickName"])
    text = templates.export(vs.protocol, vs.port, _words(appliance, vs), name, appliance.release)
    # guess: the file's name where the service has none
    return Download(
        f"{name or 'template'}.txt", text.encode(), content_type="text/plain; charset=us-ascii", attached=True
    )


def addvs(appliance: Appliance, request: Request) -> Answer:
    """Make the services of a template; its ports win over the one that is sent."""
    configuration = appliance.configuration
    address = appliance.address("vs", identity.mandatory(request, "vs"))
    port = values.port("port", identity.mandatory(request, "port"))
    values.choice("prot", identity.mandatory(request, "prot"), ("tcp", "udp"))
    template = _found(appliance, request.get("template").strip())
    # Recorded: without a name in the request the services are called like the template. guess: as far as a name can be
    name = request.get("nickname") or "".join(c for c in template.name if c.isascii() and (c.isalnum() or c in " .@-_"))
    # guess: that the protocol is the template's, and that settings beside the name have no effect
    made: list[VirtualService] = []
    try:
        for wanted in templates.services(template, name.lstrip(" .@-_").rstrip()):
            place = (address, wanted.port or port, wanted.protocol)
            if configuration.by_identity(*place):
                raise ApiError(texts.DUPLICATE_VS)
            vs = VirtualService(configuration.free_index(), wanted.protocol, address, wanted.port or port)
            vs_write.set_fresh_values(vs, appliance.quirks)
            configuration.services.append(vs)
            made.append(vs)
            _apply(appliance, vs, wanted.settings)
    except ApiError:
        for vs in made:
            configuration.remove(vs)
        raise
    return Message(texts.TEMPLATE_VS_ADDED)


def _found(appliance: Appliance, name: str) -> Template:
    # Names may end in a blank. guess: it is found without it
    for template in appliance.configuration.templates:
        if template.name.strip() == name:
            return template
    raise ApiError(texts.UNKNOWN_TEMPLATE)


def _apply(appliance: Appliance, vs: VirtualService, settings: dict[str, str]) -> None:
    """Apply settings so that all of them take: the type first, and last those that need others beforehand."""
    first = {name: value for name, value in settings.items() if name == "vstype"}
    rest = {name: value for name, value in settings.items() if name not in ("vstype", "rsminimum")}
    for sent in (first, rest, rest):
        vs_write.apply(appliance.configuration, vs, sent, appliance.release, appliance.quirks)


def _words(appliance: Appliance, vs: VirtualService) -> list[str]:
    """The lines that make a service like this one: in the appliance's words where they are recorded, otherwise ours."""
    sent = dict(_settings(appliance, vs))
    lines = []
    for word in templates.WORDS:
        value = sent.pop(word.parameter, None) or _sent(BY_PARAMETER[word.parameter], vs.settings[word.field])
        if word.always or value not in ("", "0"):
            lines.append(word.line(value))
    return lines + [f"{name} {templates.quoted(value)}" for name, value in sent.items()]


def _settings(appliance: Appliance, vs: VirtualService) -> list[tuple[str, str]]:
    """The parameters that make a new service like this one; the number of servers it needs is not among them."""
    fresh = VirtualService(0, vs.protocol, "192.0.2.1", vs.port)
    vs_write.set_fresh_values(fresh, appliance.quirks)
    sent = {
        row.parameter: _sent(row, vs.settings[row.name])
        for row in STORED
        if row.parameter is not None
        and row.name not in _LEFT_OUT | {"RsMinimum"}
        and vs.settings[row.name] != fresh.settings[row.name]
    }
    if vs.settings["Adaptive"]:
        sent[str(BY_NAME["Schedule"].parameter)] = _ADAPTIVE[str(vs.settings["Adaptive"])]
    return list(sent.items())


def _sent(row: Field, value: Stored) -> str:
    if row.kind is Kind.FLAG:
        return "1" if value else "0"
    if row.kind is Kind.OPTIONS:
        return ";".join(value)
    if row.name == "SSLRewrite":
        return _SSL_REWRITE[int(value)]
    return str(value)
