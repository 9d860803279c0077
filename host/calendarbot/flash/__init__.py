"""Putting MicroPython and the application on a board whose chip is bare, or holds something else.

    image       a MicroPython image for the ESP32 family, taken apart and checked
    partitions  the partition table, as bytes
    filesystem  the littlefs image with application and configuration
    plan        what will be erased and written where; nothing is touched yet
    esp32       doing it, through the chip's ROM loader (esptool)
    uf2, rp2    the same for RP2 boards: a UF2 file copied to their BOOTSEL drive

What holds a device's key stays in memory: no file of it is written on the way to the board.
"""
