# SPDX-License-Identifier: Apache-2.0
"""Installs the servers that Millrace is compared with, pinned by the lock files in bench/peers/, into build/bench-peers/.

What cannot be installed raises Unavailable with the reason: the bench prints it and leaves that peer out.
"""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
INSTALLED = ROOT / "build" / "bench-peers"
LOCKS = HERE / "peers"


class Unavailable(Exception):
    pass


def run(command: list[str], seconds: int, **options) -> None:
    INSTALLED.mkdir(parents=True, exist_ok=True)
    log = INSTALLED / "install.log"
    with log.open("a", encoding="utf-8") as out:
        out.write(f"$ {' '.join(command)}\n")
        out.flush()
        try:
            code = subprocess.run(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, timeout=seconds, check=False, **options).returncode
        except FileNotFoundError as error:
            raise Unavailable(f"{command[0]} is not there") from error
        except subprocess.TimeoutExpired as error:
            raise Unavailable(f"'{' '.join(command)}' took more than {seconds} s") from error
    if code != 0:
        raise Unavailable(f"'{' '.join(command)}' failed ({code}); see {log}")


def is_current(directory: pathlib.Path, lock: bytes) -> bool:
    stamp = directory / ".installed"
    return stamp.is_file() and stamp.read_bytes() == lock


def nginx() -> str:
    def find() -> str | None:
        return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")

    if not find():
        if os.geteuid() != 0:
            raise Unavailable("install it: apt-get install nginx-light")
        # RUNLEVEL=1: Debian's package must not start its own server on port 80.
        run(["apt-get", "install", "-y", "--no-install-recommends", "nginx-light"], 300,
            env={**os.environ, "RUNLEVEL": "1", "DEBIAN_FRONTEND": "noninteractive"})
    return find() or "nginx"


def npm() -> pathlib.Path:
    directory = INSTALLED / "npm"
    lock = (LOCKS / "package-lock.json").read_bytes()
    if not is_current(directory, lock):
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(LOCKS / name, directory)
        run(["npm", "ci", "--omit=dev", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"], 300, cwd=directory)
        (directory / ".installed").write_bytes(lock)
    return directory / "node_modules"


def moto() -> str:
    directory = INSTALLED / "python"
    lock = (LOCKS / "requirements.lock").read_bytes()
    if not is_current(directory, lock):
        shutil.rmtree(directory, ignore_errors=True)
        run([sys.executable, "-m", "venv", str(directory)], 120)
        run([str(directory / "bin" / "pip"), "install", "--disable-pip-version-check", "--require-hashes", "-r",
             str(LOCKS / "requirements.lock")], 600)
        (directory / ".installed").write_bytes(lock)
    return str(directory / "bin" / "moto_server")


def ferrokinesis() -> str:
    """Built from its crate with the versions that the crate's own Cargo.lock pins; the crate itself is pinned by its hash."""
    directory = INSTALLED / "cargo"
    text = (LOCKS / "ferrokinesis.json").read_bytes()
    pin = json.loads(text)
    if not is_current(directory, text):
        run(["cargo", "install", pin["crate"], "--version", "=" + pin["version"], "--locked", "--root", str(directory),
             "--target-dir", str(INSTALLED / "cargo-target"), "--force"], 1800)
        home = pathlib.Path(os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo"))
        crates = list(home.glob(f"registry/cache/*/{pin['crate']}-{pin['version']}.crate"))
        if not any(hashlib.sha256(crate.read_bytes()).hexdigest() == pin["sha256"] for crate in crates):
            shutil.rmtree(directory)
            raise Unavailable("the downloaded crate is not the one that bench/peers/ferrokinesis.json pins")
        shutil.rmtree(INSTALLED / "cargo-target", ignore_errors=True)
        (directory / ".installed").write_bytes(text)
    return str(directory / "bin" / "ferrokinesis")
