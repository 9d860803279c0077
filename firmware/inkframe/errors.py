"""Everything that can go wrong between a bundle and a panel.

InkError
├── WireError        the bytes are not a well-formed bundle
│   └── AuthError    they are not from our host, or were changed on the way
├── ReplayError      a genuine bundle, but an older one than was already accepted
├── BaseError        a delta against a frame that is not the one held; ask for a key frame
├── ConfigError      the device's configuration
├── StateError       what the device remembers cannot be read or written
├── TransportError   the host cannot be reached, or answers nonsense
│   └── TlsError     its certificate is not good
├── PanelError       the panel does not answer (a busy line that never clears)
└── UpdateError      an update that is not for this device, or not now; `outcome` says why

`code` is what a device reports upstream and what a page may print: short, stable, never secret.
"""


class InkError(Exception):
    code = "ink"


class WireError(InkError):
    code = "wire"


class AuthError(WireError):
    code = "auth"


class ReplayError(InkError):
    code = "replay"


class BaseError(InkError):
    code = "base"


class ConfigError(InkError):
    code = "config"


class StateError(InkError):
    code = "state"


class TransportError(InkError):
    code = "transport"


class TlsError(TransportError):
    code = "tls"

    def __init__(self, message: str, reason: str) -> None:
        """`reason` is a word for the host: expired, early, host, authority or other."""
        super().__init__(message)
        self.reason = reason


class PanelError(InkError):
    code = "panel"


class UpdateError(InkError):
    code = "update"

    def __init__(self, outcome: str, why: str) -> None:
        super().__init__(why)
        self.outcome = outcome
        """One of `inkframe.slots.OUTCOMES`."""
