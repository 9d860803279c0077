"""Device only: the one place that imports machine, network and their like."""

import gc

# What is imported from files is compiled first: garbage that must not drive what stays all over the heap,
# where two frames want their places. `device.board` ends this before it makes them.
if hasattr(gc, "threshold"):  # not where tests run it
    gc.threshold(8192)
