# SPDX-License-Identifier: Apache-2.0
"""Every command of docs/guides/backup.md is run, in order, in one directory."""
import os
import signal
import subprocess

from conftest import MILLRACE
from test_readme import blocks


def serve(command: str, directory, env: dict[str, str]) -> str:
    """Starts the server that the guide starts, and stops it once it is ready."""
    process = subprocess.Popen(command.split(), cwd=directory, env=env, text=True, stdout=subprocess.PIPE)
    try:
        return process.stdout.readline()
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
        assert process.returncode == 0


def test_the_guide_to_backups(server, tmp_path):
    server.client("kinesis").create_stream(StreamName="orders", ShardCount=1)
    env = dict(os.environ, PATH=f"{MILLRACE.parent}:{os.environ['PATH']}", MILLRACE_DATA=str(server.data),
               AWS_ENDPOINT_URL=server.url, MILLRACE_LISTEN="127.0.0.1:0")
    output = ""
    for step in blocks("docs/guides/backup.md", "backup"):
        if step.startswith("millrace serve"):
            output += serve(step, tmp_path, env)
            continue
        result = subprocess.run(["bash", "-euo", "pipefail", "-c", step], cwd=tmp_path, env=env, text=True, capture_output=True)
        assert result.returncode == 0, f"{step}{result.stdout}{result.stderr}"
        output += result.stdout
    for said in ("while its server runs", "sound: ", '"sound": true', "Restored ", " is ready: "):
        assert said in output, output
