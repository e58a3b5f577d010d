# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What HAProxy tells about servers and traffic, for the answers of the appliance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from loadmaster_emulator.data_plane.words import frontend, pool, server
from loadmaster_emulator.model import RealServer, VirtualService
from loadmaster_emulator.vs_view import Traffic, Weather

#: Counters that grow, by HAProxy's name; the others are of this moment.
_GROWING = ("stot", "bin", "bout", "dcon", "dreq")
_OF_THIS_MOMENT = ("scur", "rate")

Lines = Iterable[Mapping[str, str]]


@dataclass
class Measurements:
    """The figures of all workers: the current one, old ones that still have connections, and those that have ended."""

    figures: dict[int, dict[tuple[str, str], Counter[str]]] = field(default_factory=dict)
    """By worker, then by section and line."""
    states: dict[tuple[str, str], str] = field(default_factory=dict)
    """What the current worker says of each server, by section and server."""
    alive: set[int] = field(default_factory=set)

    def note(self, worker: int, lines: Lines) -> None:
        """Take in what the current worker told."""
        figures: dict[tuple[str, str], Counter[str]] = {}
        for line in lines:
            place = (line["pxname"], line["svname"])
            figures[place] = Counter({name: int(line.get(name) or 0) for name in (*_GROWING, *_OF_THIS_MOMENT)})
            if line["svname"] not in ("FRONTEND", "BACKEND"):
                self.states[place] = line["status"]
        self.figures[worker] = figures
        self.alive.add(worker)

    def note_old(self, worker: int, sessions: Iterable[tuple[str, str, str]]) -> None:
        """Take in the sessions that an old worker still has: it tells no more figures, so the last ones stand."""
        figures = self.figures.setdefault(worker, {})
        for counts in figures.values():
            for name in _OF_THIS_MOMENT:
                counts[name] = 0
        for section, backend, name in sessions:
            for place in ((section, "FRONTEND"), (backend, "BACKEND"), (backend, name)):
                figures.setdefault(place, Counter())["scur"] += 1
        self.alive.add(worker)

    def begin(self) -> None:
        """Begin to take in what the workers of this moment tell."""
        self.states.clear()
        self.alive.clear()

    def traffic(self, places: Iterable[tuple[str, str]]) -> Traffic:
        """What went through some lines together."""
        total: Counter[str] = Counter()
        wanted = list(places)
        for worker, figures in self.figures.items():
            for place in wanted:
                counts = figures.get(place)
                if counts is None:
                    continue
                total.update({name: counts[name] for name in _GROWING})
                if worker in self.alive:
                    total.update({name: counts[name] for name in _OF_THIS_MOMENT})
        return Traffic(
            connections=total["stot"],
            active=total["scur"],
            per_second=total["rate"],
            read=total["bin"],
            written=total["bout"],
            refused=total["dcon"],
            denied=total["dreq"],
        )

    def sections_of(self, name: str) -> list[str]:
        """The sections that have a server of this name."""
        return sorted({place[0] for figures in self.figures.values() for place in figures if place[1] == name})


class MeasuredWeather(Weather):
    """The health of servers as HAProxy finds it."""

    def __init__(self) -> None:
        super().__init__()
        self.measurements = Measurements()

    def answers(self, vs: VirtualService, entry: RealServer) -> bool:
        """Whether a server is up. One that was not checked yet is not."""
        if vs.settings["CheckType"] == "none":
            return True
        state = self.measurements.states.get((pool(vs), server(entry)), "DOWN")
        # One that is drained goes on being checked, and says so only where it is down
        return state.startswith(("UP", "NOLB", "DRAIN", "no check"))

    def of_service(self, vs: VirtualService) -> Traffic:
        """What went through a service, or through a SubVS."""
        if vs.parent is None:
            return self.measurements.traffic([(frontend(vs), "FRONTEND")])
        sections = {section for entry in vs.servers for section in self.measurements.sections_of(server(entry))}
        return self.measurements.traffic((section, "BACKEND") for section in {pool(vs), *sections})

    def of_server(self, vs: VirtualService, entry: RealServer) -> Traffic:
        """What went to a server."""
        name = server(entry)
        return self.measurements.traffic((section, name) for section in self.measurements.sections_of(name))
