"""Sound that lies in a file and is mapped into memory: hours of it are read without being held.

Takes arrays, mapped or not; gives back pages that were read. Knows nothing of what the sound is for.
"""

from __future__ import annotations

import mmap


def let_go(array: object) -> None:
    """Give back the pages of a mapped array that were read so far; they are read again where they are asked for again.

    Without that a mapping counts page after page as memory of the process while it is gone through. An array that is not mapped
    is left as it is.
    """
    mapped = getattr(array, "_mmap", None)  # numpy keeps it on a memmap and on every slice of it
    advice = getattr(mmap, "MADV_DONTNEED", None)
    if isinstance(mapped, mmap.mmap) and advice is not None:
        mapped.madvise(advice)
