# Copyright: (c) 2026, kemp.loadmaster contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Exchange as data: web protocols, mail protocols, and TLS modes. Pure.

This file is private to the kemp.loadmaster collection.
"""

from __future__ import annotations

from typing import NamedTuple


class Protocol(NamedTuple):
    """A protocol over HTTPS.

    ``title`` names the SubVS, and ``rule`` its content rule, after a prefix. ``since`` is the version that
    introduced it. ``pattern`` is compared with the path, whatever its case. ``check_url`` is the page that Managed
    Availability removes when this protocol is broken or out of service on a server. ``idle_timeout`` is in seconds.
    """

    title: str
    rule: str
    pattern: str
    check_url: str
    idle_timeout: int
    since: int = 2013


# 660 seconds is the default of the LoadMaster, for requests that are answered at once.
ANSWERED_AT_ONCE = 660
# EWS streams notifications, ActiveSync waits in a GET until mail arrives, MAPI waits for notifications, and Outlook Anywhere
# is silent for up to 900 seconds between two keep-alives; OWA may wait too.
WAITING = 1800

# fmt: off
PROTOCOLS = {
    "owa": Protocol("OWA", "OWA", r"/^\/owa.*/", "/owa/healthcheck.htm", WAITING),
    "ecp": Protocol("ECP", "ECP", r"/^\/ecp.*/", "/ecp/healthcheck.htm", ANSWERED_AT_ONCE),
    "ews": Protocol("EWS", "EWS", r"/^\/ews.*/", "/ews/healthcheck.htm", WAITING),
    "activesync": Protocol("ActiveSync", "ActiveSync", r"/^\/Microsoft-server-activesync.*/",
                           "/Microsoft-Server-ActiveSync/healthcheck.htm", WAITING),
    "autodiscover": Protocol("Autodiscover", "Autodiscover", r"/^\/autodiscover.*/", "/autodiscover/healthcheck.htm",
                             ANSWERED_AT_ONCE),
    "mapi": Protocol("MAPI", "MAPI", r"/^\/mapi.*/", "/mapi/healthcheck.htm", WAITING),
    "oab": Protocol("OAB", "OAB", r"/^\/oab.*/", "/oab/healthcheck.htm", ANSWERED_AT_ONCE),
    "rpc": Protocol("Outlook Anywhere", "OutlookAnywhere", r"/^\/rpc.*/", "/rpc/healthcheck.htm", WAITING),
    "powershell": Protocol("PowerShell", "PowerShell", r"/^\/powershell.*/", "/powershell/healthcheck.htm",
                           ANSWERED_AT_ONCE),
    # No page of its own is on record, so OWA's is used.
    "api": Protocol("API", "API", r"/^\/api.*/", "/owa/healthcheck.htm", ANSWERED_AT_ONCE, since=2016),
}
# fmt: on
VERSIONS = (2013, 2016, 2019)
# Extended Protection is on by default since CU14 of this version.
PROTECTED_SINCE = 2019


class Mail(NamedTuple):
    """A protocol for mail, passed on unopened.

    ``server_initiating``: in these protocols the server speaks first, and the LoadMaster must not wait for the client; under
    TLS the client speaks first again. ``check_type`` is the protocol's own check, but a plain connection where TLS comes
    first. ``idle_timeout``, in seconds: SMTP has nothing to wait for, while an IMAP client may sit in IDLE for half an hour
    and more.
    """

    title: str
    port: int
    server_initiating: str
    check_type: str
    idle_timeout: int


MAIL = {
    "smtp": Mail("SMTP", 25, "smtp", "smtp", 300),
    "smtp_submission": Mail("SMTP submission", 587, "smtp", "smtp", 300),
    "imap": Mail("IMAP", 143, "imap4", "imap", 3600),
    "imaps": Mail("IMAPS", 993, "none", "tcp", 3600),
    "pop": Mail("POP3", 110, "pop3", "pop3", 1800),
    "pops": Mail("POP3S", 995, "none", "tcp", 1800),
}


class TlsMode(NamedTuple):
    """How requests travel from the LoadMaster to the servers. ``former_port`` is the port of the other mode."""

    server_port: int
    former_port: int
    check_type: str
    ssl_reencrypt: bool
    ssl_rewrite: str


# bridge: the LoadMaster opens TLS and makes a TLS connection of its own to the servers. offload: it makes a plain one, and
# the servers, which then believe that clients use HTTP, would send them to http: the LoadMaster rewrites that to https.
TLS_MODES = {
    "bridge": TlsMode(443, 80, "https", True, "none"),
    "offload": TlsMode(80, 443, "http", False, "https"),
}
