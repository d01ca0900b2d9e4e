"""Locks between processes that the kernel releases when their holder dies, however it dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Be the only one between all processes; waits for its turn."""
    handle = os.open(path, FLAGS, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def share(path: Path) -> int:
    """Be one of many. Returns the handle that holds the place until it is closed."""
    handle = os.open(path, FLAGS, 0o600)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def is_last(handle: int) -> bool:
    """Whether nobody else shares the lock. Only certain while newcomers are kept out by another lock."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
