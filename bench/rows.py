# SPDX-License-Identifier: Apache-2.0
"""The rows of the comparison: what is measured, in which unit, and the goals.

A row's function is called once a round with the bench and returns {subject: value}. Rounds alternate between subjects by themselves,
because each round goes through all of them. Goals compare medians over the rounds.
"""
import dataclasses
import os
import pathlib
import shutil
import threading
import time
from typing import Callable

import aws
from goals import Goal
from servers import ALL_CORES, BIN, LOAD_CORES, ROOT, SERVER_CORES, Millrace, MillraceOs, Nginx, Reference, ReferenceNoSync, Server, pinned

MILLION = 1_000_000


@dataclasses.dataclass(frozen=True)
class Row:
    number: str
    title: str
    unit: str
    measure: Callable[["object"], dict[str, float]]
    goals: tuple[Goal, ...]
    long: bool = False  # minutes: one round, and none with --short
    note: str = ""


ROWS: list[Row] = []


def row(number: str, title: str, unit: str, *goals: Goal, long: bool = False, note: str = ""):
    def add(measure):
        ROWS.append(Row(number, title, unit, measure, goals, long, note))
        return measure
    return add


def compare(bench, servers: list[type[Server]], load: list[str], metric: str, shards: int = 4, records: int = 1) -> dict[str, float]:
    """One load on each server in turn."""
    values = {}
    for kind in servers:
        with bench.server(kind, answer_records=records) as server, bench.excused(kind):
            if server:
                values[kind.name] = bench.value(bench.load(server, *load, shards=shards), metric)
    return values


def plain(number: str, title: str, unit: str, servers: list[type[Server]], load: list[str], metric: str, *goals: Goal,
          peers: bool = False, records: int = 1, long: bool = False) -> None:
    def measure(bench):
        chosen = servers + [peer for peer in bench.peers if peer not in servers] if peers else servers
        return compare(bench, chosen, load, metric, records=records)
    row(number, title, unit, *goals, long=long)(measure)


plain("1", "PutRecord 100 B, 64 connections", "requests/s", [Millrace, Reference, Nginx],
      ["put-record", "--size", "100", "--connections", "64"], "rate",
      Goal("millrace", ">=", 0.50, "nginx"), Goal("millrace", ">=", 0.75, "reference"), peers=True)
plain("2", "PutRecord 100 B, 1 connection, p50", "µs", [Millrace, Reference],
      ["put-record", "--size", "100", "--connections", "1"], "latency_us.p50", Goal("millrace", "<=", 1.2, "reference"), peers=True)
plain("3", "PutRecord 100 B, 64 connections, --durability os", "requests/s", [MillraceOs, ReferenceNoSync, Nginx],
      ["put-record", "--size", "100", "--connections", "64"], "rate", Goal("millrace, os", ">=", 0.65, "nginx"))
plain("4", "PutRecord 50 KiB, 16 connections", "requests/s", [Millrace, Reference],
      ["put-record", "--size", "51200", "--connections", "16"], "rate", Goal("millrace", ">=", 0.60, "reference"), peers=True)
plain("5", "PutRecords 500 × 1 KiB, 8 connections", "records/s", [Millrace, Reference],
      ["put-records", "--count", "500", "--size", "1024", "--connections", "8"], "records_per_s",
      Goal("millrace", ">=", 0.50, "reference"), peers=True, records=500)
plain("6", "PutRecords 500 × 100 B, 8 connections", "records/s", [Millrace, Reference],
      ["put-records", "--count", "500", "--size", "100", "--connections", "8"], "records_per_s",
      Goal("millrace", ">=", 0.30, "reference"), peers=True, records=500)


@row("7", "GetRecords drain, 100 B, limit 10,000", "records/s", Goal("millrace", ">=", 30, "kinesalite"))
def drain(bench):
    values = {}
    for kind in [Millrace, *[peer for peer in bench.peers if not peer.fixed]]:
        with bench.server(kind) as server, bench.excused(kind):
            if server:
                bench.fill(server, "bench", 100_000 if kind is Millrace else 10_000)
                values[kind.name] = bench.value(bench.load(server, "get-records", "--limit", "10000"), "records_per_s")
    return values


plain("8", "DescribeStreamSummary, 64 connections", "requests/s", [Millrace, Nginx], ["describe", "--connections", "64"], "rate",
      Goal("millrace", ">=", 0.75, "nginx"), peers=True)


def reference_put_p50(bench) -> float:
    return compare(bench, [Reference], ["put-record", "--size", "100", "--connections", "1"], "latency_us.p50")["reference"]


@row("9", "put → polling reader, 100/s", "µs", Goal("millrace p50", "<=", 3, "reference's put p50"), Goal("millrace p99", "<=", 5000))
def put_poll(bench):
    with bench.server(Millrace) as server:
        result = bench.load(server, "put-poll", "--rate", "100", shards=1)
    return {"reference's put p50": reference_put_p50(bench), "millrace p50": bench.value(result, "delivery_us.p50"),
            "millrace p99": bench.value(result, "delivery_us.p99")}


@row("10", "put → warm Lambda consumer, 100/s", "µs", Goal("millrace p50", "<=", 6, "reference's put p50"),
     Goal("millrace p99", "<=", 10_000), Goal("records lost", "<=", 0))
def put_consume(bench):
    with bench.server(Millrace) as server:
        consumer(server, "flush", shards=1).map("bench", "bench-consumer", "LATEST", 100)
        result = bench.load(server, "put-consume", "--rate", "100", "--warmup", "1")
    return {"reference's put p50": reference_put_p50(bench), "millrace p50": bench.value(result, "delivery_us.p50"),
            "millrace p99": bench.value(result, "delivery_us.p99"), "records lost": result["expected"] - result["delivered"]}


def consumer(server: Server, report: str, shards: int, **variables: str) -> aws.Client:
    client = aws.Client(server.port)
    client.create_stream("bench", shards)
    client.create_stream("bench-reports", 1)
    client.create_function("bench-consumer", aws.program(BIN / "bench-consumer"),
                           variables={"REPORT": report, "REPORT_STREAM": "bench-reports", **variables})
    return client


@row("11", "Invoke, warm no-op C++ function, p50", "µs", Goal("millrace", "<=", 4, "nginx"))
def invoke(bench):
    values = {}
    with bench.server(Millrace) as server:
        client = aws.Client(server.port)
        client.create_function("bench-noop", aws.program(BIN / "bench-noop"))
        client.invoke("bench-noop")
        values["millrace"] = bench.value(bench.load(server, "invoke", stream=False), "latency_us.p50")
    with bench.server(Nginx) as server:
        if server:
            values["nginx"] = bench.value(bench.load(server, "invoke"), "latency_us.p50")
    return values


PYTHON_HANDLER = b"def handler(event, context):\n    return {'ok': True}\n"


def bare_spawn_ms(command: list[str]) -> float:
    """From spawn to exit, on the server's core; the runtimes end at once without AWS_LAMBDA_RUNTIME_API."""
    null = os.open(os.devnull, os.O_RDWR)
    with pinned(SERVER_CORES):
        begun = time.perf_counter()
        pid = os.posix_spawn(command[0], command, {"PATH": "/usr/bin:/bin"},
                             file_actions=[(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1, 2)])
    os.waitpid(pid, 0)
    os.close(null)
    return (time.perf_counter() - begun) * 1000


@row("12", "cold Invoke, sandbox on", "ms", Goal("millrace, C++", "<=", 1.25, "bare spawn, C++", plus=10),
     Goal("millrace, Python", "<=", 1.25, "bare spawn, Python", plus=10))
def cold_invoke(bench):
    values: dict[str, list[float]] = {}
    with bench.server(Millrace) as server:
        client = aws.Client(server.port)
        cpp, python = aws.program(BIN / "bench-noop"), {"app.py": PYTHON_HANDLER}
        for i in range(bench.samples):
            client.create_function(f"cpp-{i}", cpp)
            client.create_function(f"python-{i}", python, runtime="python3.11", handler="app.handler")
            bare = {"C++": [str(BIN / "bench-noop")], "Python": ["/usr/bin/python3", str(ROOT / "runtimes/python/bootstrap.py")]}
            for language, function in (("C++", f"cpp-{i}"), ("Python", f"python-{i}")):
                begun = time.perf_counter()
                client.invoke(function)
                values.setdefault(f"millrace, {language}", []).append((time.perf_counter() - begun) * 1000)
                values.setdefault(f"bare spawn, {language}", []).append(bare_spawn_ms(bare[language]))
    return {name: bench.median(samples) for name, samples in values.items()}


def start_ms(kind: type[Server], directory: pathlib.Path) -> float:
    with kind(directory) as server:
        return server.start_ms


@row("13", "start to first answer", "ms", Goal("millrace, empty", "<=", 3, "nginx"),
     Goal("millrace, a million records", "<=", 200), Goal("millrace, after kill -9", "<=", 1000))
def start(bench):
    empty: dict[str, list[float]] = {}
    for _ in range(bench.samples):
        for name, kind in (("nginx", Nginx), ("millrace, empty", Millrace)):
            if kind.name not in bench.skipped:
                empty.setdefault(name, []).append(start_ms(kind, bench.directory()))
    values = {name: bench.median(samples) for name, samples in empty.items()}
    filled = bench.directory()
    with Millrace(filled) as server:
        bench.fill(server, "bench", bench.million)
    values["millrace, a million records"] = start_ms(Millrace, filled)
    server = Millrace(filled).start()
    threading.Timer(bench.seconds / 2, server.kill).start()
    bench.load(server, "put-record", "--connections", "64", stream=False, may_fail=True)
    values["millrace, after kill -9"] = start_ms(Millrace, filled)
    shutil.rmtree(filled)
    return values


@row("14", "memory (resident)", "MiB", Goal("millrace, idle", "<=", 2, "nginx, idle"), Goal("millrace, idle", "<=", 15),
     Goal("more after a million records", "<=", 40))
def memory(bench):
    values = {}
    with bench.server(Nginx) as server:
        if server:
            values["nginx, idle"] = server.resident_mib()
    with bench.server(Millrace) as server:
        idle = server.resident_mib()
        bench.fill(server, "bench", bench.million)
        values |= {"millrace, idle": idle, "more after a million records": server.resident_mib() - idle}
    return values


@row("15a", "growth: PutRecord to 1,000 shards against 4", "requests/s", Goal("put, 1,000 shards", ">=", 0.9, "put, 4 shards"),
     note="PutRecord 100 B, 64 connections, in turn on one server")
def growth_shards(bench):
    put = ["put-record", "--size", "100", "--connections", "64"]
    values: dict[str, list[float]] = {}
    with bench.server(Millrace) as server:
        client = aws.Client(server.port)
        client.create_stream("many", 1000)
        client.create_stream("few", 4)
        for _ in range(bench.samples // 2 + 1):
            for name, stream in (("put, 4 shards", "few"), ("put, 1,000 shards", "many")):
                values.setdefault(name, []).append(bench.value(bench.load(server, *put, "--stream", stream, stream=False), "rate"))
    return {name: bench.median(samples) for name, samples in values.items()}


@row("15b", "growth: ListShards of 1,000, creating them", "ms", Goal("ListShards p50", "<=", 0.5), Goal("CreateStream to ACTIVE", "<=", 50))
def growth_list(bench):
    with bench.server(Millrace) as server:
        client = aws.Client(server.port)
        begun = time.perf_counter()
        client.create_stream("many", 1000)
        created = (time.perf_counter() - begun) * 1000
        listed = bench.load(server, "list-shards", "--stream", "many", stream=False)
    return {"ListShards p50": bench.value(listed, "latency_us.p50") / 1000, "CreateStream to ACTIVE": created}


@row("15c", "growth: puts after ten million records against an empty server", "records/s",
     Goal("PutRecord, ten million records", ">=", 0.95, "PutRecord, empty"),
     Goal("PutRecords, ten million records", ">=", 0.95, "PutRecords, empty"), long=True,
     note="In turn, five times: the full server, and each time a fresh one; PutRecord 100 B at 64 connections, PutRecords 500 × 100 B at 8")
def growth_records(bench):
    loads = {"PutRecord": ["put-record", "--size", "100", "--connections", "64"],
             "PutRecords": ["put-records", "--count", "500", "--size", "100", "--connections", "8"]}
    values: dict[str, list[float]] = {}

    def take(name: str, server: Server) -> None:
        values.setdefault(name, []).append(bench.value(bench.load(server, *loads[name.partition(",")[0]]), "records_per_s"))

    with bench.server(Millrace) as full:
        bench.fill(full, "bench", 10 * bench.million, shards=4)
        for _ in range(bench.samples):
            for load in loads:
                with bench.server(Millrace) as empty:
                    take(f"{load}, empty", empty)
                take(f"{load}, ten million records", full)
    return {name: bench.median(samples) for name, samples in values.items()}


@row("16", "five minutes of PutRecord 100 B at 64 connections, p99.9", "µs", Goal("millrace", "<=", 1.5, "reference"), long=True)
def five_minutes(bench):
    put = ["put-record", "--size", "100", "--connections", "64", "--seconds", str(bench.minutes_seconds)]
    return compare(bench, [Millrace, Reference], put, "latency_us.p99_9")


@row("17", "pipeline: one shard, 100 B records, batches of 1,000 into a warm C++ consumer", "records/s", Goal("millrace", ">=", 300_000))
def pipeline(bench):
    records = bench.million
    with bench.server(Millrace) as server:
        # The consumer has the load generator's core: that one only waits for the reports.
        client = consumer(server, "batches", shards=1, CORE=str(min(LOAD_CORES)), REPORT_EVERY="10000")
        bench.fill(server, "bench", records)
        wait = threading.Timer(0.3, client.map, ("bench", "bench-consumer", "TRIM_HORIZON", 1000))
        wait.start()
        result = bench.load(server, "deliver", "--records", str(records), "--seconds", "60", stream=False)
        wait.join()
    if result["delivered"] < records:
        raise RuntimeError(f"{result['delivered']} of {records} records delivered")
    return {"millrace": result["delivered_per_s"]}


@row("18", "PutRecords 500 × 100 B on two cores against one", "records/s", Goal("two cores", ">=", 1.7, "one core"),
     note="honest only where the load generator has a core of its own beside them: three cores or more")
def two_cores(bench):
    put = ["put-records", "--count", "500", "--size", "100", "--connections", "8"]
    values = {}
    for name, count in (("one core", 1), ("two cores", 2)):
        load_cores = set(ALL_CORES[2:3]) or set(ALL_CORES)
        with bench.server(Millrace, cores=set(ALL_CORES[:count])) as server:
            values[name] = bench.value(bench.load(server, *put, cores=load_cores), "records_per_s")
    return values
