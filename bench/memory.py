"""The most memory that this process held while something ran."""

import threading
from pathlib import Path

PAGE_KB = 4


class Peak:
    """Resident megabytes before, and at most meanwhile, looked at every 20 ms."""

    def __init__(self) -> None:
        self.before = self.most = _resident()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self.most = max(self.most, _resident())


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_KB // 1024
