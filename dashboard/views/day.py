"""Your day: stretches of work along one day, where the pointer was, its path again, and what all of it shows."""

from __future__ import annotations

from dashboard.sign_in import identity
from dashboard.story.day_panel import draw_day

draw_day(identity.visitor())
