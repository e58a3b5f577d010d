# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inside of the farm: emulators, and the network before them."""

from __future__ import annotations

import datetime
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from loadmaster_emulator import Emulator, Quirks

from .delay import Delay
from .farm import CERTIFICATE, PASSWORD, USER, Call, Counts, Place, is_write

RATE_LIMIT = (30, 3.0)


class Emulators:
    """What ``farm.Farm`` asks for."""

    def __init__(self) -> None:
        self._emulators: list[Emulator] = []
        self._delays: list[Delay] = []
        self._certificate = _certificate()
        self._handshakes = 0
        self._cpu = 0.0

    def open(self, number: int, round_trip: float, rate_limit: bool) -> list[Place]:
        self.close()
        places = []
        for _unused in range(number):
            quirks = Quirks(rate_limit=RATE_LIMIT if rate_limit else None)
            emulator = Emulator(users={USER: PASSWORD}, quirks=quirks)
            emulator.call("addcert", cert=CERTIFICATE, replace=0, data=self._certificate)
            emulator.start()
            self._emulators.append(emulator)
            port = emulator.port
            if round_trip:
                self._delays.append(Delay(port, round_trip))
                port = self._delays[-1].port
            places.append(Place(port, emulator.fingerprint, emulator.certificate_file))
        self.counts()
        return places

    def close(self) -> None:
        for delay in self._delays:
            delay.stop()
        for emulator in self._emulators:
            emulator.stop()
        self._delays, self._emulators = [], []

    def carry_out(self, calls: list[Call], only: int | None = None) -> None:
        for emulator in self._emulators if only is None else [self._emulators[only]]:
            for command, parameters in calls:
                emulator.call(command, **parameters)

    def census(self) -> dict[str, int]:
        services = self._emulators[0].call("listvs").get("VS", [])
        rules = self._emulators[0].call("showrule")
        return {
            "content rules": sum(len(group) for group in rules.values() if isinstance(group, list)),
            "services": sum("VSAddress" in service for service in services),
            "SubVSs": sum("VSAddress" not in service for service in services),
            "servers": sum(len(service.get("Rs", [])) for service in services),
        }

    def taken(self) -> list[Call]:
        return [(call.command, call.parameters) for call in self._emulators[0].journal if call.carried_out]

    def counts(self) -> Counts:
        handshakes = sum(emulator.handshakes for emulator in self._emulators)
        cpu = time.process_time()
        calls = [call for emulator in self._emulators for call in emulator.journal]
        dropped = sum(call.dropped for call in calls)
        writes = sum(is_write(call.command) for call in calls if not call.dropped)
        counted = Counts(len(calls) - dropped, writes, dropped, handshakes - self._handshakes, cpu - self._cpu)
        for emulator in self._emulators:
            emulator.journal.clear()
        self._handshakes, self._cpu = handshakes, cpu
        return counted


def _certificate() -> str:
    """Return a certificate for the mail service, vouched for by no one, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example.com")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    form, pem = serialization.PrivateFormat.PKCS8, serialization.Encoding.PEM
    return (made.public_bytes(pem) + key.private_bytes(pem, form, serialization.NoEncryption())).decode()
