"""Which part of a list a machine fetches: links are dealt out by host, so that each host is asked by one machine only.

Knows links, no network. The same list and the same number of shards give the same parts on every machine.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from index.errors import UsageError
from index.urls import site


@dataclass(frozen=True, slots=True)
class Shard:
    """Part ``number`` (from 1) of ``of`` parts."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read "2/4". Raises UsageError for anything else."""
        match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text.strip())
        if match is None or not 1 <= int(match.group(1)) <= int(match.group(2)):
            raise UsageError(
                f"--shard {text} is no part of a whole: give number/parts, from 1/4 to 4/4 for four machines."
            )
        return cls(int(match.group(1)), int(match.group(2)))

    def of_link(self, url: str) -> int:
        """Return the number of the part to which a link belongs."""
        digest = hashlib.blake2b(site(url).encode("utf-8", "surrogatepass"), digest_size=8).digest()
        return int.from_bytes(digest, "little") % self.of + 1

    def holds(self, url: str) -> bool:
        """Return whether a link belongs to this part."""
        return self.of_link(url) == self.number

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"
