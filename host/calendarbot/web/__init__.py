"""Going out to servers on the network: one HTTP stack for feeds and for CalDAV.

- `guard`: which addresses may be asked, checked after resolution, on every connection
- `deadline`: an end to everything a server can do to waste time
- `client`: sessions with all of that, and one bounded GET
- `redirects`: which are followed, and what goes along
- `pacing`: not too many requests to one host at once
- `places`: what a secret address is called in a message
"""

from __future__ import annotations

from calendarbot.web.client import Reply, Web
from calendarbot.web.guard import Policy
from calendarbot.web.places import named
from calendarbot.web.refusal import Refusal

__all__ = ["Policy", "Refusal", "Reply", "Web", "named"]
