"""Calendars in, pixels on an e-ink panel out: the host half of Calendar Bot."""
