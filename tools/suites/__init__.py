"""Which tests there are, which a change touches, how long each took: `python -m tools.suites`.

pytest runs them, xdist side by side, pytest-split in parts, pytest-randomly in any order, pytest-timeout
ends what hangs, pytest-rerunfailures tells a flake from a failure. Here is only what they do not know:
the suites (suites.toml), what a change touches, and what is kept from run to run.
"""
