"""Calendar bytes become occurrences: cleaned, split, indexed, expanded, chosen.

    text        bytes of any encoding and folding → lines
    components  lines → events and time zones, each alone
    records     an event's lines → what is kept of it
    parsing     all of a calendar: records by UID, its zones, what was left out
    index       a parsed calendar on disk, asked for a window
    rules, day_sets, expansion   recurrence rules, jumped into anywhere
    series      rules, dates, exceptions and overrides of one UID
    occurrences placed in the zone of a page
    options     what people want of a calendar: filters, names, hours
"""
