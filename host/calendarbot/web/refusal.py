"""That nothing usable came, said as a user needs it."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818  what the other side did, not our failure
    """Nothing usable came. `why` follows the place's name and a colon; it holds no secret."""

    def __init__(
        self, why: str, hint: str = "", *, kind: str = "", retry_after_s: float | None = None
    ) -> None:
        super().__init__(why)
        self.why = why
        self.hint = hint
        self.kind = kind
        """ "connect", "tls", "passing" (worth another try), or empty."""
        self.retry_after_s = retry_after_s
