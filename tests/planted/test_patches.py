# SPDX-License-Identifier: Apache-2.0
"""The planted bugs fit the source as it is. That each is caught takes longer: tests/planted/run, in ./mill test --long."""
import pathlib
import subprocess

import pytest
from conftest import ROOT

PATCHES = sorted(pathlib.Path(__file__).parent.glob("*.patch"))


def test_there_are_enough():
    assert len(PATCHES) >= 10


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_it_applies(patch):
    done = subprocess.run(["patch", "-p1", "--dry-run", "--force", "--no-backup-if-mismatch", "-i", patch], cwd=ROOT,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    fields = dict(line.partition(":")[::2] for line in patch.read_text().split("---")[0].splitlines())
    assert fields["Planted"] and (fields["Workloads"] + fields["Tests"] + fields.get("Python", "")).strip()
