"""Full images: the ESP32 family's second partition, and the boot loader's part in a trial."""

import machine


def image():
    """Where full images go; None on all but the ESP32 family."""
    try:
        from esp32 import Partition
    except ImportError:
        return None
    from inkframe.image import Image

    return Image(Partition(Partition.RUNNING), Partition.mark_app_valid_cancel_rollback)


def start(slots):
    """`Slots.start` while a full image is on trial. Resets into the one before when it is taken back."""
    from esp32 import Partition

    partition = slots.image
    running = Partition(Partition.RUNNING).info()[1]
    slots.start(running)
    if running == partition and not slots.image:
        image().start_other()
        machine.reset()
