# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users, their API keys and what they may do."""

from __future__ import annotations

import hmac
import secrets
import string
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from loadmaster_emulator import texts
from loadmaster_emulator.errors import ApiError

ADMINISTRATOR = "bal"
KEYS_PER_USER = 16

_KEY_LENGTH = 44
_KEY_ALPHABET = string.ascii_letters + string.digits


@dataclass
class User:
    """One account; the permissions are the words of ``usersetperms``."""

    password: str = ""
    permissions: set[str] = field(default_factory=set)
    keys: list[str] = field(default_factory=list)


class Accounts:
    """All accounts of the appliance."""

    def __init__(
        self,
        passwords: Mapping[str, str],
        keys: Mapping[str, Sequence[str]],
        permissions: Mapping[str, Collection[str]],
    ) -> None:
        self.users: dict[str, User] = {}
        for name in {**passwords, **keys, **permissions}:
            self.users[name] = User(
                passwords.get(name, ""), set(permissions.get(name, ())), list(keys.get(name, ()))[-KEYS_PER_USER:]
            )

    def by_password(self, name: str, password: str) -> str | None:
        """The user with this name and password."""
        user = self.users.get(name)
        if user is None or not user.password:
            return None
        # A caller may send what is no text: half of a pair of surrogates.
        sent = password.encode("utf-8", "surrogatepass")
        return name if hmac.compare_digest(user.password.encode(), sent) else None

    def by_key(self, key: str) -> str | None:
        """The user one of whose keys this is."""
        return next((name for name, user in self.users.items() if key in user.keys), None)

    def may(self, name: str, permissions: Collection[str]) -> bool:
        """Whether a user has one of these permissions; no permission needed means everybody may."""
        if name == ADMINISTRATOR or not permissions:
            return True
        own = self.users[name].permissions if name in self.users else set()
        return "root" in own or not own.isdisjoint(permissions)

    def add_key(self, name: str) -> list[str]:
        """Make a key; of more than sixteen the oldest goes without a word."""
        user = self._user(name)
        user.keys.append("".join(secrets.choice(_KEY_ALPHABET) for _unused in range(_KEY_LENGTH)))
        del user.keys[:-KEYS_PER_USER]
        return list(user.keys)

    def delete_key(self, name: str, key: str) -> list[str]:
        """Delete a key of a user."""
        user = self._user(name)
        if key not in user.keys:
            raise ApiError(texts.UNKNOWN_KEY)
        user.keys.remove(key)
        return list(user.keys)

    def keys(self, name: str) -> list[str]:
        """The keys of a user."""
        return list(self._user(name).keys)

    def _user(self, name: str) -> User:
        if name not in self.users:
            raise ApiError(texts.UNKNOWN_USER)
        return self.users[name]
