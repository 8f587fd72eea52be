"""What worker processes do with the memory that training frees."""

import ctypes
import multiprocessing
import sys

# Parameters of glibc's mallopt(3), each with the largest value that makes a difference.
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
_MEGABYTE = 2**20


def keep_memory_in_workers() -> None:
    """Let a worker process keep freed memory for what is allocated next.

    Every step of a training allocates and frees the same megabytes. glibc returns them to the
    system, all the more as TensorFlow tells it to do so from 128 kB on, and gets them back page
    by page: two processes that train at the same time can spend half of their time on that.

    Does nothing in a process that no other one has started for work: how the user's process
    keeps memory is the user's to say. Does nothing either where the allocator is another one.
    """
    if multiprocessing.parent_process() is None or sys.platform != "linux":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 32 * _MEGABYTE)
        mallopt(_M_TOP_PAD, 64 * _MEGABYTE)
        mallopt(_M_TRIM_THRESHOLD, 512 * _MEGABYTE)
