"""Coverage of what only MicroPython can run: the `device` package, on a unix port that traces.

    python -m tools.device_coverage [PYTEST OPTIONS]     what `make device-coverage` runs

The tests are those that run the firmware on the unix port (SUITES), with another interpreter: each process
writes down which lines it ran, and coverage.py makes its reports of that, in out/coverage/device. What speaks
to a chip's own peripherals runs on the emulated Pico alone, where nothing traces; it counts as not run.
"""
