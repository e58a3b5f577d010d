# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every text the appliance says, in one table.

The first half is recorded in public material. The second half is not: those texts are guesses, kept
together so that a test can see which ones it must not rely on.
"""

from __future__ import annotations

# -- recorded -------------------------------------------------------------------------------------

OK = "Command completed ok"
UNKNOWN_COMMAND = "Unknown command"
UNKNOWN_VS = "Unknown VS"
UNKNOWN_RS = "Unknown RS"
CANNOT_CREATE_RS = "Couldn't create RS"
UNKNOWN_CIPHER_SET = "Unknown cipher set"
CIPHER_SET_IN_USE = "Cipher set in use"
CIPHER_SET_UPDATED = "Cipher set updated"
CIPHER_SET_DELETED = "Cipher set deleted"
INVALID_CIPHER_LIST = "Invalid Cipher list"
RULE_NOT_FOUND = "Rule not found"
CANNOT_READ_RULES = "Cannot read rules"
CERTIFICATE_INSTALLED = "Certificate Successfully Installed"
INTERMEDIATE_INSTALLED = "Certificate Installed"
CERTIFICATES_RESTORED = "Certificates Restored"
UNKNOWN_CERTIFICATE = "Unknown certificate"
CERTIFICATE_IN_USE = "Certfile still associated with a VS"
FILE_EXISTS = "Filename already exists"
IDENTIFIER_DELETED = "Identifier has been deleted"
NO_ADMIN_CERTIFICATE = "No Admin Certificate assigned"
TEMPLATE_VS_ADDED = "Template VS added"
FAILED_PREFIX = "Command Failed: "
LEAKED_SUCCESS = "X-Frame-Options: SAMEORIGIN"
LEAKED_HEADER = "SIOCSIFMTU: Invalid argument"
MASKED = "********"


#: Recorded for vs on 7.2.54.12; guess: that it is so on every firmware, and for the other address.
_ADDRESSES = ("vs", "newvs")


def missing(parameter: str) -> str:
    """The text for a mandatory parameter that was not sent."""
    return f"{parameter}: {'Address' if parameter in _ADDRESSES else 'String'} Value missing"


def unknown_parameter(parameter: str) -> str:
    """The text of get and set for a name that is no parameter."""
    return f"Unknown parameter value {parameter}"


def templates_installed(number: int) -> str:
    """The text of an upload of templates."""
    return f"Installed {number} new Kemp certified templates."


# -- guess: nothing below is recorded publicly ---------------------------------------------------

DUPLICATE_VS = "Virtual Service already exists"
DUPLICATE_RS = "Real Server already exists"
DUPLICATE_RULE = "Rule already exists"
READ_ONLY_CIPHER_SET = "Cipher set is read only"
UNKNOWN_TEMPLATE = "Unknown template"
INVALID_FILE = "Invalid file"
INVALID_TEMPLATE = "Invalid template file"
INVALID_CERTIFICATE = "Invalid certificate file"
INVALID_UPLOAD = "data: Invalid base64"
NO_PRIVATE_KEY = "No private key found"
KEY_DOES_NOT_MATCH = "Private key does not match the certificate"
WRONG_PASSWORD = "Invalid password"
PERMISSION_DENIED = "Permission denied"
UNREADABLE_REQUEST = "Invalid JSON request"
NO_SUBVS_IN_SUBVS = "A SubVS cannot have SubVSs"
NO_SUBVS_BESIDE_RS = "Virtual Service has Real Servers"
NO_SUBVS_AT_L4 = "Virtual Service is a layer 4 service"
NO_ENABLE_ON_SUBVS = "Enable cannot be set on a SubVS"
UNKNOWN_HOST = "Unable to resolve host name"
UNKNOWN_KEY = "Unknown API key"
UNKNOWN_USER = "Unknown user"
LAST_NAMESERVER = "Cannot delete the last name server while DNSSEC is enabled"


def out_of_range(parameter: str) -> str:
    """The text for a number outside its range."""  # guess: no public recording
    return f"{parameter}: Value out of range"


def invalid(parameter: str) -> str:
    """The text for a value of the wrong kind or outside the list of choices."""  # guess: no public recording
    return f"{parameter}: Invalid value"


def read_only(parameter: str) -> str:
    """The text of set for a parameter that can only be read."""  # guess: no public recording
    return f"{parameter}: Parameter is read only"


# -- HTML pages: that they are HTML is recorded, their wording is a guess ---------------------------

_PAGE = (
    "<!DOCTYPE html>\r\n<HTML><HEAD>\r\n<TITLE>{status} {reason}</TITLE>\r\n</HEAD>\r\n"
    "<BODY>\r\n<H1>{reason}</H1>\r\n<P>{text}</P>\r\n</BODY></HTML>\r\n"
)

_PAGE_TEXTS = {
    401: "This server could not verify that you are authorized to access the document requested.",
    403: "You don't have permission to access this resource.",
    404: "The requested URL was not found on this server.",
}

REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    422: "Unprocessable Entity",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


def html_page(status: int) -> bytes:
    """The HTML page of a status that is not answered in the API's own envelope."""
    reason = REASONS.get(status, "Error")
    text = _PAGE_TEXTS.get(status, "The server could not complete the request.")
    return _PAGE.format(status=status, reason=reason, text=text).encode("ascii")
