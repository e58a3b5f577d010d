# Copyright: (c) 2026, kemp.loadmaster contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection costs: calls, handshakes, time and memory, beside what one would use instead.

`make bench` runs it; see ``__main__``. ``python -m bench.startup`` measures the parts of the start-up singly. None of it is part
of the tests: what it finds depends on the machine.
"""
