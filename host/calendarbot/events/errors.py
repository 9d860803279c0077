"""What can be wrong with one event, while the others of its calendar stay."""


class NotUnderstoodError(Exception):
    """An event, or a series of them, that cannot be placed in time; the message says why.

    It continues a sentence about the event: "its RRULE has no FREQ".
    """
