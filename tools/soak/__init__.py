"""A device's month without hardware, with all that goes wrong in one.

The real firmware on MicroPython's unix port, a real server, the modelled board; time is simulated. `faults`
says what goes wrong and when, `web` spoils replies, `life` lives and judges each wake. `python -m tools.soak
30`, or `make soak`, prints a day's figures a line, and writes them to out/soak.json.
"""
