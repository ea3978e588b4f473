"""HiGHS as this project starts it: one thread, and stdout left to whoever runs the command."""

from __future__ import annotations

import highspy


class SilentHighs(highspy.Highs):
    """
    A HiGHS object with one thread that prints nothing.

    HiGHS prints its banner while the object is made, before an option can be set; the callbacks are what is switched on
    in between. It keeps one pool of threads per process and refuses another number than that of its first user.
    """

    def __init__(self) -> None:
        highspy.Highs.resetGlobalScheduler(True)
        super().__init__()
        self.silent()
        self.setOptionValue("threads", 1)

    def enableCallbacks(self) -> None:  # noqa: N802 - the name is HiGHS's
        """Switch callbacks on, after output has been switched off."""
        self.silent()
        super().enableCallbacks()
