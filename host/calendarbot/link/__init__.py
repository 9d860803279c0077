"""Talking to a board that runs MicroPython, over its serial port.

connection  the raw REPL, through mpremote as a library
deploy      the application's files: those that changed, verified
doctor      what a board says of its wiring, battery, clock and network, and what to do
logs        what it prints
"""
