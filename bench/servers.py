# SPDX-License-Identifier: Apache-2.0
"""The servers of a comparison: how each is started on one core, when it is ready, how it is stopped."""
import contextlib
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import time

import aws
import install_peers

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / "build" / "release" / "bin"
ALL_CORES = sorted(os.sched_getaffinity(0))  # before the bench binds itself to one
SERVER_CORES = set(ALL_CORES[:1])
LOAD_CORES = set(ALL_CORES[1:2]) or SERVER_CORES
NGINX_CONFIG = """
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_max_body_size 0;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    default_type application/x-amz-json-1.1;
    server {{
        listen 127.0.0.1:{port} reuseport;
        location / {{
            add_header x-amzn-RequestId "6d7a7b0e-5f3a-4a52-9d0e-0d5f0c6f5a11";
            set $r '{record}';
            return 200 '{answer}';
        }}
    }}
}}
"""
PUT_ANSWER = '{"SequenceNumber":"49664000000000000000000000000000000000000000000000000002","ShardId":"shardId-000000000000"}'


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def pinned(cores: set[int]):
    """What is started inside runs on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def children_of(pid: int) -> list[int]:
    path = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text(encoding="utf-8").split()]


class Server:
    """One running server. `pid` is the process that does the work, `process` the one that was started."""

    name = ""
    fixed = False   # answers everything alike

    def __init__(self, directory: pathlib.Path, cores: set[int] | None = None, **options):
        self.directory = directory
        self.cores = cores or SERVER_CORES
        self.options = options
        self.process: subprocess.Popen | None = None
        self.port = 0
        self.pid = 0
        self.begun = 0.0
        self.start_ms = 0.0  # from the fork to the first whole answer

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {}

    def start(self) -> "Server":
        self.directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        command = self.command()
        with (self.directory / "server.log").open("ab") as log, pinned(self.cores):
            self.begun = time.perf_counter()
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.directory,
                                            env={**os.environ, **self.environment()})
        self.pid = self.process.pid
        self.await_ready()
        return self

    def await_ready(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            if self.answers():
                self.start_ms = (time.perf_counter() - self.begun) * 1000
                return
            time.sleep(0.0001)
        self.stop()
        log = (self.directory / "server.log").read_text(encoding="utf-8", errors="replace")
        raise install_peers.Unavailable(f"{self.name} does not start: {log[-500:]}")

    def answers(self) -> bool:
        """Whether it answers a ListStreams."""
        try:
            aws.Client(self.port, seconds=5).call("POST", "/", b"{}", "kinesis", {
                "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "Kinesis_20131202.ListStreams"})
            return True
        except (OSError, http.client.HTTPException):
            return False

    def pids(self) -> list[int]:
        return [self.process.pid, *children_of(self.process.pid)]

    def resident_mib(self) -> float:
        pages = sum(int(pathlib.Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]) for pid in self.pids())
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.kill()

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()


class Millrace(Server):
    name = "millrace"
    durability = "synced"

    def command(self):
        return [str(BIN / "millrace"), "serve", "--data", str(self.directory / "data"), "--listen", f"127.0.0.1:{self.port}",
                "--durability", self.durability]


class MillraceOs(Millrace):
    name = "millrace, os"
    durability = "os"


class Reference(Server):
    name = "reference"
    fixed = True
    sync: list[str] = []

    def command(self):
        return [str(BIN / "millrace-reference"), "--port", str(self.port), "--file", str(self.directory / "reference.log"),
                "--answer-records", str(self.options.get("answer_records", 1)), *self.sync]


class ReferenceNoSync(Reference):
    name = "reference, no sync"
    sync = ["--no-sync"]


class Nginx(Server):
    name = "nginx"
    fixed = True

    def command(self):
        config = self.directory / "nginx.conf"
        records = self.options.get("answer_records", 1)
        answer = "$r" if records == 1 else '{"FailedRecordCount":0,"Records":[' + ",".join(["$r"] * records) + "]}"
        config.write_text(NGINX_CONFIG.format(directory=self.directory, port=self.port, record=PUT_ANSWER, answer=answer),
                          encoding="utf-8")
        return [install_peers.nginx(), "-p", str(self.directory), "-c", str(config), "-g", "daemon off;"]

    def await_ready(self, seconds: float = 30) -> None:
        super().await_ready(seconds)
        self.pid = children_of(self.process.pid)[0]


class Kinesalite(Server):
    name = "kinesalite"

    def command(self):
        return ["node", str(install_peers.npm() / "kinesalite" / "cli.js"), "--port", str(self.port), "--createStreamMs", "1",
                "--shardLimit", "10000"]


class KinesisLocal(Server):
    name = "kinesis-local"

    def command(self):
        return ["node", str(install_peers.npm() / "kinesis-local" / "main.js")]

    def environment(self):
        return {"KINESIS_MOCK_PLAIN_PORT": str(self.port), "KINESIS_MOCK_TLS_PORT": str(free_port()), "LOG_LEVEL": "ERROR",
                "CREATE_STREAM_DURATION": "1ms", "SHARD_LIMIT": "10000",
                "KINESIS_MOCK_CERT_PATH": str(install_peers.npm() / "kinesis-local" / "server.json")}


class Moto(Server):
    name = "moto"

    def command(self):
        return [install_peers.moto(), "-H", "127.0.0.1", "-p", str(self.port)]


class Ferrokinesis(Server):
    """With its write-ahead log, which it syncs before it answers: the only peer that keeps what it acknowledges."""

    name = "ferrokinesis"
    state = True

    def command(self):
        state = ["--state-dir", str(self.directory / "state")] if self.state else []
        return [install_peers.ferrokinesis(), "--port", str(self.port), "--shard-limit", "10000", "--create-stream-ms", "1",
                "--log-level", "error", "--max-request-body-mb", "16", *state]


class FerrokinesisMemory(Ferrokinesis):
    name = "ferrokinesis, memory"
    state = False


PEERS = {"nginx": [Nginx], "kinesalite": [Kinesalite], "kinesis-local": [KinesisLocal], "moto": [Moto],
         "ferrokinesis": [Ferrokinesis, FerrokinesisMemory]}
