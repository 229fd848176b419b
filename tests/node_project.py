# SPDX-License-Identifier: Apache-2.0
"""Node projects beside exactly what their lock files name."""
import pathlib
import shutil
import subprocess

from conftest import ROOT


def installed(source: pathlib.Path) -> pathlib.Path:
    """A copy of the folder with its packages, kept below build/ from run to run."""
    target = ROOT / "build" / "node" / source.name
    shutil.copytree(source, target, dirs_exist_ok=True)
    lock, of = (source / "package-lock.json").read_bytes(), target / "installed.json"
    if not of.exists() or of.read_bytes() != lock:
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--omit=optional", "--no-audit", "--no-fund"], cwd=target,
                              text=True, capture_output=True)
        assert done.returncode == 0, done.stderr
        of.write_bytes(lock)
    return target
