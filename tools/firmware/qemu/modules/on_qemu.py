"""Runs portable tests on a port without files: the few they read come from the image."""

import errno
import io

import run_on_device
import vfs
from vector_files import FILES

_IS_FILE = 0x8000


class _ReadOnly:
    """What `vfs.mount` asks of a file system."""

    def mount(self, readonly, mkfs):
        pass

    def umount(self):
        pass

    def chdir(self, path):
        pass

    def stat(self, path):
        if path not in FILES:
            raise OSError(errno.ENOENT)
        return (_IS_FILE, 0, 0, 0, 0, 0, len(FILES[path]), 0, 0, 0)

    def open(self, path, mode):  # noqa: ARG002  # there is one mode
        path = "/" + path.lstrip("/")
        if path not in FILES:
            raise OSError(errno.ENOENT)
        return io.StringIO(FILES[path])


def run(module):
    vfs.mount(_ReadOnly(), "/")
    try:
        run_on_device.run(module)
    finally:
        print("end of", module)  # what the host waits for
