"""The disk that the projects lie on: what it refuses, what is safe on it, and how much room there is."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from journey.errors import NotStored

__all__ = ["flush_folder", "need_room", "size_of", "told"]

_DISK_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def told() -> Iterator[None]:
    """Turn what the file system says into NotStored(reason=...).

    `reason` is disk_full, read_only, busy or disk. The original error stays as the cause; it holds no data.
    """
    try:
        yield
    except OSError as error:
        reason = "disk"
        if error.errno in _DISK_FULL:
            reason = "disk_full"
        elif error.errno in _READ_ONLY:
            reason = "read_only"
        raise NotStored(reason=reason) from error


def flush_folder(folder: Path) -> None:
    """Force the names in a folder to the disk; Windows has no such call and does it by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def size_of(folder: Path) -> int:
    """Bytes of all files below a folder, those that another name shares included."""
    size, folders = 0, [os.fspath(folder)]
    with told():
        while folders:
            try:
                with os.scandir(folders.pop()) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(entry.path)
                        else:
                            size += entry.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                continue  # finished, or taken back, since its folder was read
    return size


def need_room(folder: Path, size: int) -> None:
    """NotStored("disk_full") when the disk has less left than this many bytes."""
    if shutil.disk_usage(folder).free < size:
        raise NotStored(reason="disk_full")
