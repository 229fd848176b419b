# SPDX-License-Identifier: Apache-2.0
"""A command at a terminal, answered as a person would: each question is waited for before it is answered."""
import os
import pathlib
import pty
import re
import selectors
import subprocess
import time

ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Dialogue:
    def __init__(self, command: list, directory: pathlib.Path, environment: dict[str, str]):
        self.own, theirs = pty.openpty()
        self.process = subprocess.Popen(command, cwd=directory, env=environment, stdin=theirs, stdout=theirs, stderr=theirs,
                                        start_new_session=True)
        os.close(theirs)
        self.text = ""
        self.answered = 0

    def _read(self, deadline: float) -> bool:
        """More of what the command prints; False when it has closed the terminal."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.own, selectors.EVENT_READ)
            if not selector.select(max(0.0, deadline - time.monotonic())):
                self.process.kill()
                raise AssertionError(f"no more came in time; so far:\n{self.text}")
        try:
            data = os.read(self.own, 65536)
        except OSError:  # Linux says EIO when the other side is closed
            return False
        self.text += ESCAPES.sub("", data.decode(errors="replace")).replace("\r", "")
        return bool(data)

    def answer(self, question: str, reply: str, seconds: float = 60):
        """Waits until the text after the last answer holds `question`, then types the reply."""
        deadline = time.monotonic() + seconds
        while question not in self.text[self.answered:]:
            assert self._read(deadline), f"{question!r} was not asked:\n{self.text}"
        self.answered = len(self.text)
        os.write(self.own, reply.encode() + b"\n")

    def end(self, seconds: float = 60) -> tuple[int, str]:
        """Its exit code and all that it has printed."""
        deadline = time.monotonic() + seconds
        while self._read(deadline):
            pass
        os.close(self.own)
        return self.process.wait(timeout=10), self.text
