"""Runs the tests of one module where there is no pytest: on MicroPython, whatever it runs on.

    micropython run_on_device.py test_wire

Prints one line per test, "ok NAME" or "FAIL NAME: what went wrong" with the traceback below it, then how
many there were; exits 1 when one failed.
"""

import gc
import sys


def run(module_name):
    """The names of the tests that failed."""
    module = __import__(module_name)
    failed = []
    names = sorted(name for name in dir(module) if name.startswith("test_"))
    for name in names:
        gc.collect()
        try:
            getattr(module, name)()
        except Exception as error:  # a runner reports whatever a test raises
            failed.append(name)
            print(f"FAIL {name}: {error!r}")  # noqa: T201  # this is its report
            sys.print_exception(error)
        else:
            print("ok", name)  # noqa: T201  # as above
    print(f"ran {len(names)}, failed {len(failed)}")  # noqa: T201  # as above
    return failed


if __name__ == "__main__":
    sys.exit(1 if run(sys.argv[1]) else 0)
