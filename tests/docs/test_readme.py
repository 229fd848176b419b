# SPDX-License-Identifier: Apache-2.0
"""Every command of the documentation is run: the blocks marked `<!-- tested: NAME -->`, in order, in one shell."""
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, ROOT
from walkthrough import copy_project, log_messages, until

BLOCK = re.compile(r"<!-- tested: (\w+) -->\n```sh\n(.*?)```", re.S)


def blocks(document: str, name: str) -> list[str]:
    text = (ROOT / document).read_text()
    found = [body for label, body in BLOCK.findall(text) if label == name]
    assert found, f"{document} has no block marked {name}"
    return found


@pytest.mark.parametrize("document, folder", [("README.md", "."), ("examples/orders/README.md", "examples/orders")])
def test_the_walkthrough_of_the_readme(server, tmp_path, document, folder):
    copy_project(ROOT / "examples" / "orders", tmp_path / "examples" / "orders")
    steps = blocks(document, "walkthrough")
    env = {k: v for k, v in server.environment().items() if not k.startswith("AWS_")}
    # `millrace env` points at the default endpoint, or at the one that the server was told by MILLRACE_LISTEN.
    env.update(MILLRACE_LISTEN=f"127.0.0.1:{server.port}", AWS_PAGER="", PATH=f"{BUILD / 'bin'}:/usr/bin:/bin")
    shell = subprocess.Popen(["bash", "-euo", "pipefail"], cwd=tmp_path / folder, env=env, text=True, stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    output = ""
    for step in steps:
        shell.stdin.write(step + "\necho; echo '--- step done'\n")
        shell.stdin.flush()
        for line in shell.stdout:
            if line.startswith("--- step done"):
                break
            output += line
        else:
            break
        if "lambda invoke" in step:
            until(lambda: log_messages(server, "LambdaConsumer", '"Order processed"'), "the consumer's line")
    shell.stdin.close()
    assert shell.wait(timeout=60) == 0, output
    assert "Successfully created/updated stack - kinesis-consumer-producer" in output
    assert '"StatusCode": 200' in output
    if document == "README.md":
        assert '"StreamStatus": "ACTIVE"' in output
        assert '"PartitionKey"' in output
    assert "Deleted successfully" in output


def test_the_operations_listed_exist(server):
    """`sh` blocks that are not run here name only verbs that the program has."""
    verbs = set(re.findall(r"^\s+(\w+)\s", subprocess.run([BUILD / "bin" / "millrace", "--help"], text=True,
                                                          capture_output=True, check=True).stdout, re.M))
    text = (ROOT / "README.md").read_text()
    used = set(re.findall(r"\bmillrace (\w+)", "\n".join(re.findall(r"```sh\n(.*?)```", text, re.S))))
    assert used <= verbs | {"sam"}, used - verbs
    assert shutil.which("aws", path="/usr/bin")


@pytest.mark.parametrize("verb", [["--help"], ["serve", "--help"], ["env", "--help"], ["status", "--help"],
                                  ["sam", "--help"], ["demo", "--help"], ["fsck", "--help"], ["backup", "--help"],
                                  ["restore", "--help"]])
def test_help_has_examples(verb):
    result = subprocess.run([BUILD / "bin" / "millrace", *verb], text=True, capture_output=True)
    assert result.returncode == 0
    assert "Examples" in result.stdout
