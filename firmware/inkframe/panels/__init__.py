"""Panels: one module each, data over a controller family (`_uc8179` and its like).

A panel module has one class, `Panel`, with its size, format and palette as class attributes, so the host
reads what it renders for from the very module that drives it.
"""
