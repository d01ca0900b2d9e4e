"""Pure rules of the job log."""

from hashlib import blake2b


def duplicate_key(employer: str, title: str) -> int | None:
    """A signed 64-bit hash of employer and title, trimmed and case-folded, by which the rating finds duplicates.

    None without an employer: the smiley rule, step 3, compares named employers only.
    """
    folded = employer.strip().casefold()
    if not folded:
        return None
    together = f"{folded}\x1f{title.strip().casefold()}".encode()
    return int.from_bytes(blake2b(together, digest_size=8).digest(), "big", signed=True)
