# SPDX-License-Identifier: Apache-2.0
"""kill -9 in the middle of every write of the services beside the stream: what was acknowledged is there, or gone, as it was
told; what was not is whole or not at all.

A disk that is slow on purpose (slow_disk.c) makes the middle of a write long enough to be hit. A cycle makes a dozen kinds of
write at once, each of them twice, and kills the server at the first answer (so that one that did not wait for its disk is
alone, and seen), at a random one, or at the last.
"""
import concurrent.futures
import pathlib
import random
import re
import threading

import botocore.exceptions
import identity_writes
import pytest
import service_writes
from conftest import BUILD, ROOT, running_server
from service_writes import NOT_KEPT, READS, SERVICES, Clients, Refused, Write, X

WRITES = [*service_writes.SQS, *service_writes.SNS, *service_writes.S3, *identity_writes.WRITES]
KINDS_PER_CYCLE = 14
DELAY_MS = {"first": 30, "some": 8, "last": 8}


class Try:
    """One kind of write in one cycle, made by two threads at the same time."""

    def __init__(self, kind: Write, name: str):
        self.kind = kind
        self.x = X(n=name, is_acknowledged=False)
        self.before = None
        self.refusals: list[Exception] = []

    def prepare(self, clients: Clients):
        for step in self.kind.make:
            step(clients, self.x)
        self.before = self.kind.read(clients, self.x)
        assert self.before != self.kind.want, f"{self.kind.label}: its effect is there before it"

    def judge(self, clients: Clients) -> str | None:
        """What is wrong, after the restart."""
        found, want, before = self.kind.read(clients, self.x), self.kind.want, self.before
        if self.x.is_acknowledged:
            return None if found == want else f"{self.kind.label} was acknowledged; {found!r:.200} is not {want!r:.200}"
        if found in (want, before):
            return None
        if self.kind.parts and set(want) & set(before) <= set(found) <= set(want) | set(before):
            return None
        return f"{self.kind.label} was not acknowledged; {found!r:.200} is neither {before!r:.200} nor {want!r:.200}"


class SlowDisk:
    LIBRARY = BUILD / "lib" / "libslow_disk.so"

    def __init__(self, directory: pathlib.Path):
        assert self.LIBRARY.exists(), "a server would start without it, and its disk be fast"
        self.path = directory / "delay"
        self.set(0)

    def set(self, ms: int):
        # In place: the server has mapped it.
        with open(self.path, "r+b" if self.path.exists() else "w+b") as file:
            file.write(ms.to_bytes(4, "little"))

    def variables(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self.LIBRARY), "SLOW_DISK": str(self.path)}


class Cycle:
    """Makes the writes of all tries, until `kills_at` have been acknowledged; then kills."""

    def __init__(self, server, clients: Clients, tries: list[Try], kills_at: int):
        self.server, self.clients, self.tries = server, clients, tries
        self.kills_at = kills_at
        self.answers = 0
        self.lock = threading.Lock()
        self.is_killed = False

    def run(self):
        twins = [one for one in self.tries for _ in range(2)]
        start = threading.Barrier(len(twins))
        with concurrent.futures.ThreadPoolExecutor(len(twins)) as pool:
            for done in [pool.submit(self.write, one, start) for one in twins]:
                done.result()
        assert self.is_killed

    def write(self, one: Try, start: threading.Barrier):
        start.wait()
        try:
            one.kind.write(self.clients, one.x)
        except (botocore.exceptions.ClientError, Refused) as refusal:
            one.refusals.append(refusal)  # by the other one's success, perhaps
        except (botocore.exceptions.BotoCoreError, OSError):
            assert self.is_killed, "the server fell by itself"
            return
        else:
            one.x.is_acknowledged = True
        with self.lock:
            self.answers += 1
            if self.answers == self.kills_at:
                self.is_killed = True
                self.server.kill()


def in_parallel(function, tries: list[Try]) -> list:
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        return list(pool.map(function, tries))


def kill_at(moment: str, answers: int, chance: random.Random) -> int:
    return {"first": 1, "some": chance.randint(2, answers - 1), "last": answers}[moment]


def test_every_write_has_a_row():
    page = (ROOT / "docs" / "coverage.md").read_text()
    rows = {f"{kind.service}:{kind.operation}" for kind in WRITES}
    served = set()
    for service, title in SERVICES.items():
        section = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
        names = re.search(r"^Served: (.*)\.$", section, re.M).group(1).split(", ")
        served |= {f"{service}:{name}" for name in names}
    writes = {name for name in served if not name.split(":")[1].startswith(READS)}
    assert rows <= served, "rows of operations that are not served"
    assert writes - rows == NOT_KEPT.keys() - rows == set(NOT_KEPT), "writes without a row"


def tries_of(chance: random.Random) -> list[list[Try]]:
    """All kinds, in an order of chance, a cycle's together."""
    kinds = chance.sample(WRITES, len(WRITES))
    tries = [Try(kind, f"try-{n}") for n, kind in enumerate(kinds)]
    return [tries[n:n + KINDS_PER_CYCLE] for n in range(0, len(tries), KINDS_PER_CYCLE)]


def kill_in_the_middle_of_all(moment: str, chance: random.Random, disk: SlowDisk) -> list[str]:
    """What was found wrong."""
    wrong = []
    with running_server(variables=disk.variables()) as server:
        clients = Clients(server)
        for tries in tries_of(chance):
            in_parallel(lambda one: one.prepare(clients), tries)
            disk.set(DELAY_MS[moment])
            Cycle(server, clients, tries, kill_at(moment, 2 * len(tries), chance)).run()
            disk.set(0)
            server.restart()
            wrong += filter(None, in_parallel(lambda one: one.judge(clients), tries))
            if moment == "last":
                wrong += [f"{one.kind.label} was refused: {one.refusals}" for one in tries if not one.x.is_acknowledged]
    return wrong


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("moment", ["first", "some", "last"])
def test_kill_9_in_the_middle_of_every_write(moment, tmp_path, request):
    disk = SlowDisk(tmp_path)
    for seed in range(20 if request.config.getoption("--long") else 1):
        wrong = kill_in_the_middle_of_all(moment, random.Random(f"{seed} {moment}"), disk)
        assert not wrong, f"seed {seed}:\n" + "\n".join(wrong)
