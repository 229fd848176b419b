# SPDX-License-Identifier: Apache-2.0
"""`millrace sam` beside the real SAM CLI on the same project and the same server: what they print, and how they end.

Where they differ on purpose:
- an option or command that there is not: only the likeliest other name is told
- build: no lines of the builders' inner steps; nor what SAM CLI asks in its first run (telemetry)
- progress of uploads: one line when a file is there, not one for each piece
- the built template has no Metadata of SAM CLI's own (SamResourceId)
- list endpoints of a deployed stack works; SAM CLI asks Cloud Control, which Millrace has not
- zips are not byte for byte the same, so keys and sizes differ
- the time between two looks at a stack is far shorter, unless SAM_CLI_POLL_DELAY says it
- a failed CloudFormation call is told without the link to the AWS CLI's guide
- validate tells what CloudFormation would refuse, in its words, not the translator's classes; --lint is refused
- sync does not ask whether the stack is for development: all stacks here are
- no server: exit code 3, and how to start one
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import MILLRACE, ROOT, running_server
from terminal import Dialogue
from walkthrough import STACK, copy_project, log_messages, run, until

SAM = ROOT / ".venv-sam" / "bin" / "sam"
PROJECT = pathlib.Path(__file__).parent / "python_project"
pytestmark = pytest.mark.timeout(120)

NORMAL = [
    (r"\x1b\[[0-9;]*m", ""),
    (r"/[^\s']*/(real|ours)\b", "PROJECT"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"),
    (r"^ +[0-9a-f]+(-[0-9a-f]{4,12})+-?(?=\W|$)", "PART OF A UUID"),  # as a column of a table breaks it
    (r"samcli-deploy\d+", "samcli-deployN"),
    (r"\b[0-9a-f]{32}\b", "MD5"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME"),
    (r"Role-\w+", "Role-RANDOM"),
    (r"qEr\w+|(?<=\s)[A-Za-z0-9]{12}(?=\s*$)", "RANDOM"),
    (r" +$", ""),
]


def normal(text: str) -> str:
    for pattern, what in NORMAL:
        text = re.sub(pattern, what, text, flags=re.MULTILINE)
    return text


class Both:
    """One server; a copy of the project for each of the two."""

    def __init__(self, server, folder: pathlib.Path):
        self.server, self.folder = server, folder
        run(server, MILLRACE, "sam", "install-shim", folder / "bin", directory=folder)
        self.programs = {"real": SAM, "ours": folder / "bin" / "sam"}
        for name in self.programs:
            copy_project(PROJECT, folder / name)

    def environment(self, name: str) -> dict[str, str]:
        return self.server.environment() | {
            "SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.2", "COLUMNS": "100",
            "PATH": f"{self.programs[name].parent}:{self.server.environment()['PATH']}"}

    def one(self, name: str, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run([self.programs[name], *words], cwd=self.folder / name, env=self.environment(name),
                              text=True, capture_output=True, timeout=100)

    def run(self, *words: str) -> tuple[subprocess.CompletedProcess, subprocess.CompletedProcess]:
        return self.run_all([words])[0]

    def run_all(self, commands: list) -> list[tuple[subprocess.CompletedProcess, subprocess.CompletedProcess]]:
        """Commands that do not mind each other, on all cores: the real one takes a second to begin."""
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            calls = [(name, words) for words in commands for name in self.programs]
            done = list(pool.map(lambda call: self.one(call[0], *call[1]), calls))
        return list(zip(done[0::2], done[1::2]))

    def same(self, *words: str, code: int = 0):
        """Exit code and stdout are equal; the last line of stderr too, if it failed."""
        real, ours = self.run(*words)
        assert (real.returncode, ours.returncode) == (code, code), (real, ours)
        assert normal(ours.stdout) == normal(real.stdout)
        if code:
            assert normal(ours.stderr).splitlines()[-1] == normal(real.stderr).splitlines()[-1]
        return real, ours

    def edit(self, path: str, old: str, new: str):
        for name in self.programs:
            file = self.folder / name / path
            text = file.read_text()
            assert old in text
            file.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    if not SAM.exists():
        pytest.skip("the real SAM CLI is not installed here")
    with running_server() as server:
        one = Both(server, tmp_path_factory.mktemp("verbs"))
        one.edit("template.yaml", "python3.13", f"python{sys.version_info.major}.{sys.version_info.minor}")
        server.client("s3").create_bucket(Bucket="artefacts")
        assert [result.returncode for result in one.run("build")] == [0, 0]
        yield one


def test_build_prints_the_same(both):
    real, ours = both.same("build")
    building = r"Building codeuri: PROJECT/src runtime: python\S+ architecture: x86_64 functions: LambdaProducer, LambdaConsumer"
    assert re.search(building, normal(real.stderr)) and re.search(building, normal(ours.stderr))
    trees = []
    for name in both.programs:
        built = both.folder / name / ".aws-sam" / "build"
        trees.append(sorted(str(path.relative_to(built)) for path in built.rglob("*")))
        template = (built / "template.yaml").read_text()
        assert "CodeUri: LambdaProducer\n" in template and "CodeUri: LambdaConsumer\n" in template
    assert trees[0] == trees[1]
    both.same("build", "Nobody", code=1)


def test_validate_prints_the_same(both):
    both.same("validate")
    both.same("validate", "--template", "none.yaml", code=1)


WRONG = [
    ["deploy", "--on-failure", "LATER"], ["list", "resources", "--output", "yaml"], ["list", "stack-outputs", "--config-env", "none"],
    ["logs", "--name", "X", "--config-env", "none"], ["logs", "--config-env", "none"], ["deplyo"], ["local"],
    ["package", "--resolve-s3", "--s3-bucket", "b"], ["package"], ["logs", "--output", "xml"], ["build", "A", "B"],
    ["deploy", "--parameter-overrides", "A"], ["deploy", "--no-such-option"], ["sync", "--config-env", "none"],
    ["delete", "--no-prompts", "--config-env", "none"], ["build", "--config-file", "none.toml"], ["deploy", "--stack-nam", "x"],
    ["deploy", "--stack-name"], ["deploy", "--guided=1"], ["build", "-cq"], ["build", "-ct"], ["local", "nothing"],
    ["remote", "invoke", "--config-env", "none"], ["deploy", "--profile", "none"],
]


@pytest.fixture(scope="module")
def wrong(both):
    return dict(zip(map(" ".join, WRONG), both.run_all(WRONG)))


def refusal(text: str) -> str:
    """From the usage on; without other names that may have been meant."""
    text = normal(text)
    return re.sub(r" (Did you mean .*|\(Possible options: .*)", "", text[max(text.find("Usage: "), 0):])


@pytest.mark.parametrize("words", map(" ".join, WRONG))
def test_wrong_command_lines_are_refused_the_same(wrong, words):
    real, ours = wrong[words]
    assert ours.returncode == real.returncode, (real, ours)
    if real.returncode:
        assert refusal(ours.stderr) == refusal(real.stderr)
    assert bool(ours.stdout) == bool(real.stdout)


def test_list_before_the_deployment_prints_the_same(both):
    for real, ours in both.run_all([("list", what, "--output", output, "--config-env", "none")
                                    for what in ("resources", "endpoints") for output in ("json", "table")]):
        assert (real.returncode, ours.returncode) == (0, 0)
        assert sorted(normal(ours.stdout).splitlines()) == sorted(normal(real.stdout).splitlines())
        assert normal(ours.stderr) == normal(real.stderr)
    both.same("list", "stack-outputs", "--stack-name", "nobody", code=1)
    both.same("list", "resources", "--stack-name", "nobody", code=1)
    both.same("logs", "--stack-name", "nobody", code=1)


def test_package_writes_the_same(both):
    def template(result, name):
        assert result.returncode == 0, result
        return normal((both.folder / name / "packaged").read_text())

    for more in ([], ["--use-json"]):
        results = both.run("package", "--s3-bucket", "artefacts", "--s3-prefix", "p", "--output-template-file", "packaged",
                           *more)
        texts = [template(result, name) for result, name in zip(results, both.programs)]
        if more:
            real, ours = map(json.loads, texts)
            for resource in real["Resources"].values():
                resource.pop("Metadata", None)  # SamResourceId, for SAM CLI's own use
            assert ours == real
        assert normal(results[1].stdout) == normal(results[0].stdout)
        uri = re.search(r"s3://artefacts/p/MD5", texts[1])
        assert uri and uri.group(0) in texts[0]
    both.same("package", "--s3-bucket", "nowhere", code=1)


def events(text: str) -> tuple[str, list[str]]:
    """What is before and after the table of events, and its lines sorted: independent resources are made in any order."""
    head, rest = text.split("CloudFormation events from stack operations", 1)
    lines = rest.split("\n")
    end = [i for i, line in enumerate(lines) if line.startswith("-----")][2]
    return head + "\n".join(lines[end:]), sorted(lines[:end])


def test_deploy_prints_the_same(both):
    """One after the other, for there is one stack name: what is new, has not changed, is changed, fails and goes back,
    replaces the stream; deleted in between."""
    outputs = {}
    assert [result.returncode for result in both.run("build")] == [0, 0]
    for name in both.programs:
        options = ("--no-resolve-s3", "--s3-bucket", "artefacts", "--s3-prefix", name)
        first = both.one(name, "deploy", *options)
        second = both.one(name, "deploy", *options)
        lenient = both.one(name, "deploy", *options, "--no-fail-on-empty-changeset")
        changed = both.one(name, "deploy", *options, "--tags", "a=b", "--no-execute-changeset")
        template = both.folder / name / ".aws-sam" / "build" / "template.yaml"
        text = template.read_text()
        edited = []
        for old, new in (("Timeout: 30", "Timeout: 29"), ("BatchSize: 10", "BatchSize: 70000"),
                         ("Name: OrderStream", "Name: OtherStream")):
            assert old in text
            template.write_text(text.replace(old, new))
            edited.append(both.one(name, "deploy", *options))
        template.write_text(text)
        assert [result.returncode for result in edited] == [0, 1, 0], edited
        listed = [both.one(name, "list", "resources", "--output", "json")]
        told = both.one(name, "list", "stack-outputs"), both.one(name, "list", "stack-outputs", "--output", "json")
        deleted = both.one(name, "delete", "--no-prompts", "--s3-bucket", "artefacts", "--s3-prefix", name)
        gone = both.one(name, "delete", "--no-prompts")
        outputs[name] = [first, second, lenient, changed, *edited, *listed, *told, deleted, gone]
    for real, ours in zip(outputs["real"], outputs["ours"]):
        assert ours.returncode == real.returncode, (real, ours)
        if "CloudFormation events" in real.stdout:
            assert events(normal(ours.stdout)) == events(normal(real.stdout).replace("real", "ours"))
        else:
            assert sorted(normal(ours.stdout).splitlines()) == sorted(normal(real.stdout).splitlines())
        if real.returncode:
            assert ours.stderr.splitlines()[-1] == real.stderr.splitlines()[-1]


def test_guided_saves_the_same_configuration(both):
    saved, printed = {}, {}
    for name in both.programs:
        (both.folder / name / "samconfig.toml").unlink()
        dialogue = Dialogue([both.programs[name], "deploy", "--guided"], both.folder / name, both.environment(name))
        for question, reply in (("Stack Name [sam-app]:", f"guided-{name}"), ("AWS Region [us-east-1]:", ""),
                                ("Confirm changes before deploy [y/N]:", "y"), ("IAM role creation [Y/n]:", "n"),
                                ("Capabilities [['CAPABILITY_IAM']]:", "CAPABILITY_IAM CAPABILITY_NAMED_IAM"),
                                ("Disable rollback [y/N]:", "y"), ("configuration file [Y/n]:", ""),
                                ("SAM configuration file [samconfig.toml]:", ""), ("environment [default]:", ""),
                                ("Deploy this changeset? [y/N]:", "n")):
            dialogue.answer(question, reply)
        code, printed[name] = dialogue.end()
        assert code == 0
        saved[name] = (both.folder / name / "samconfig.toml").read_text().replace(name, "NAME")
        both.server.client("cloudformation").delete_stack(StackName=f"guided-{name}")
    assert saved["ours"] == saved["real"]
    # What is typed shows before or after a question's last blank: only what stands before is compared.
    asked = {name: [line.strip().split("]:")[0] for line in text.splitlines() if "]:" in line or "\t#" in line]
             for name, text in printed.items()}
    assert asked["ours"] == asked["real"]


# Of millrace sam alone.

class Ours:
    def __init__(self, server, project):
        self.server, self.project = server, project

    def sam(self, *words, code=0):
        result = run(self.server, MILLRACE, "sam", *words, directory=self.project, check=False)
        assert result.returncode == code, result
        return result


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    with running_server() as server:
        folder = tmp_path_factory.mktemp("init")
        made = run(server, MILLRACE, "sam", "init", "--name", "shop", "--runtime", "python3.13", "--dependency-manager", "pip",
                   "--app-template", "orders", directory=folder)
        assert "Generating application" in made.stdout
        yield Ours(server, folder / "shop")


def test_a_new_project_is_valid_and_deploys(ours):
    ours.sam("validate")
    ours.sam("build")
    assert "Successfully created/updated stack - shop" in ours.sam("deploy").stdout
    answer = json.loads(ours.sam("remote", "invoke", "LambdaProducer", "--event-file", "events/order.json").stdout)
    until(lambda: answer["order"]["id"] in ours.sam("logs", "--name", "LambdaConsumer").stdout, "the consumer's line")


def test_a_second_build_takes_what_is_cached(ours):
    assert "Valid cache found" in ours.sam("build").stderr  # samconfig.toml has cached = true
    file = ours.project / "src" / "producer.py"
    file.write_text(file.read_text() + "# more\n")
    assert "Cache is invalid" in ours.sam("build").stderr
    assert "# more" in (ours.project / ".aws-sam/build/LambdaProducer/producer.py").read_text()


def test_sync_watch_brings_code_and_template(ours):
    watch = subprocess.Popen([MILLRACE, "sam", "sync", "--stack-name", "shop", "--watch"], cwd=ours.project,
                             env=ours.server.environment(), text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        def until_says(text):
            lines = []
            for line in watch.stderr:
                lines.append(line)
                if text in line:
                    return
            raise AssertionError("".join(lines))

        until_says("Sync watch started.")
        file = ours.project / "src" / "producer.py"
        file.write_text(file.read_text().replace("Order sent:", "Order synced:"))
        until_says("Finished syncing Lambda Function LambdaProducer.")
        ours.sam("remote", "invoke", "LambdaProducer")
        said = log_messages(ours.server, resources(ours)["LambdaProducer"])
        assert any(line.startswith("Order synced:") for line in said)
        template = ours.project / "template.yaml"
        template.write_text(template.read_text().replace("Timeout: 30", "Timeout: 29"))
        until_says("Infra sync completed.")
        client = ours.server.client("lambda")
        assert client.get_function_configuration(FunctionName=resources(ours)["LambdaProducer"])["Timeout"] == 29
    finally:
        watch.terminate()
        rest = watch.communicate(timeout=30)[1]
    assert watch.returncode == 0 and "Sync watch stopped." in rest


def resources(ours) -> dict[str, str]:
    listed = json.loads(ours.sam("list", "resources", "--stack-name", "shop", "--output", "json").stdout)
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}


def test_sync_without_changes_deploys_nothing(ours):
    ours.sam("sync", "--stack-name", "shop", "--no-watch")
    assert "skipping infra sync" in ours.sam("sync", "--stack-name", "shop", "--no-watch").stderr


def test_logs_take_times_and_filters(ours):
    ours.sam("remote", "invoke", "LambdaProducer")
    assert ours.sam("logs", "--start-time", "in 1 hour", "--end-time", "in 2 hours").stdout == ""
    found = ours.sam("logs", "--start-time", "1 hour ago", "--filter", "REPORT", "--output", "json", "-n", "LambdaProducer")
    events_found = [json.loads(line) for line in found.stdout.splitlines()[1:]]
    assert events_found and all("REPORT" in event["message"] for event in events_found)
    assert "Unable to parse the time" in ours.sam("logs", "--start-time", "soon", code=1).stderr
    assert "X-Ray" in ours.sam("logs", "--include-traces", code=1).stderr


def test_parameters_and_saved_options(ours, tmp_path):
    template = ours.project / "parameters.yaml"
    template.write_text("Parameters: {Shards: {Type: Number, Default: 1}, Label: {Type: String, Default: none}}\n"
                        "Resources: {S: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: !Ref Shards}}}\n"
                        "Outputs: {Label: {Value: !Ref Label}}\n")
    (ours.project / "given.toml").write_text("version = 0.1\n")
    words = ("deploy", "-t", "parameters.yaml", "--stack-name", "given", "--config-file", "given.toml")
    ours.sam(*words, "--resolve-s3", "--parameter-overrides", "Shards=2", 'Label="two words"', "--tags", "a=b", "--save-params")
    stack = ours.server.client("cloudformation").describe_stacks(StackName="given")["Stacks"][0]
    assert {p["ParameterKey"]: p["ParameterValue"] for p in stack["Parameters"]} == {"Shards": "2", "Label": "two words"}
    assert stack["Tags"] == [{"Key": "a", "Value": "b"}]
    assert "No changes to deploy" in ours.sam("deploy", "--config-file", "given.toml", code=1).stderr
    (ours.project / "given.json").write_text('{"Label": "from a file"}')
    ours.sam("deploy", "--config-file", "given.toml", "--parameter-overrides", "file://given.json")
    stack = ours.server.client("cloudformation").describe_stacks(StackName="given")["Stacks"][0]
    assert {p["ParameterKey"]: p["ParameterValue"] for p in stack["Parameters"]} == {"Shards": "2", "Label": "from a file"}


def test_local_names_are_those_of_the_parameter_store_and_of_a_large_stack(ours, tmp_path):
    groups = "".join(f"  G{n}: {{Type: AWS::Logs::LogGroup}}\n" for n in range(105))  # DescribeStackResources tells 100
    (tmp_path / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\nParameters:\n"
        "  Stage: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /stage}\n"
        "  Zones: {Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: /zones}\nResources:\n" + groups +
        "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.13\n      Handler: index.handle\n"
        "      InlineCode: 'import os\n\n        def handle(event, context): return os.environ[\"SAID\"]'\n      Environment: "
        "{Variables: {SAID: !Sub ['${Stage} ${Zone} ${G104}', {Zone: !Select [1, !Ref Zones]}]}}\n")
    ssm = ours.server.client("ssm")
    for name, kind, value in (("/stage", "String", "blue"), ("/other", "SecureString", "green"), ("/zones", "StringList", "a,b")):
        ssm.put_parameter(Name=name, Type=kind, Value=value)

    def said(*words):
        result = run(ours.server, MILLRACE, "sam", "local", "invoke", "F", *words, directory=tmp_path)
        return json.loads(result.stdout), result.stderr

    assert said()[0] == "blue b G104"
    assert said("--parameter-overrides", "Stage=/other")[0] == "green b G104"
    answer, told = said("--parameter-overrides", "Stage=/none")
    assert answer == "/none b G104" and "there is no SSM parameter /none" in told
    run(ours.server, MILLRACE, "sam", "deploy", "--stack-name", "large", "--resolve-s3", "--capabilities", "CAPABILITY_IAM",
        directory=tmp_path)
    ssm.put_parameter(Name="/stage", Type="String", Value="later", Overwrite=True)
    assert re.fullmatch(r"blue b large-G104-\w+", said("--stack-name", "large")[0]), "as the stack was deployed"
    invoked = run(ours.server, MILLRACE, "sam", "remote", "invoke", "F", "--stack-name", "large", directory=tmp_path)
    assert re.fullmatch(r'"blue b large-G104-\w+"', invoked.stdout)


def test_on_failure_delete_leaves_no_stack(ours):
    (ours.project / "bad.yaml").write_text("Resources: {S: {Type: AWS::Kinesis::Stream, Properties: {ShardCount: -1}}}\n")
    failed = ours.sam("deploy", "-t", "bad.yaml", "--stack-name", "bad", "--on-failure", "DELETE", code=1)
    assert "has been deleted" in failed.stderr and "Failed to create/update the stack: bad" in failed.stderr
    stacks = ours.server.client("cloudformation").list_stacks(StackStatusFilter=["ROLLBACK_COMPLETE"])["StackSummaries"]
    assert not [stack for stack in stacks if stack["StackName"] == "bad"]


def test_what_millrace_has_not_is_refused_in_words(ours):
    for words, reason in ((["local", "start-api"], "no API Gateway"), (["build", "--use-container"], "without containers"),
                          (["publish"], "Repository"), (["deploy", "--signing-profiles", "F=p"], "signatures"),
                          (["validate", "--lint"], "cfn-lint"), (["init", "--location", "gh:x/y"], "git")):
        assert reason in ours.sam(*words, code=1).stderr


def test_completion_completes_the_shim(ours, tmp_path):
    script = tmp_path / "script"
    script.write_text(run(ours.server, MILLRACE, "completion", "bash", directory=tmp_path).stdout)

    def completed(*words):
        text = (f"source {script}; COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _millrace_sam; "
                'echo "${COMPREPLY[@]}"')
        return subprocess.run(["bash", "-c", text], text=True, capture_output=True, check=True).stdout.split()

    assert completed("sam", "dep") == ["deploy"]
    assert "start-lambda" in completed("sam", "local", "start")
    assert completed("sam", "deploy", "--guid") == ["--guided"]
    assert "--stack-name" in completed("sam", "list", "resources", "--stack")


def test_nodejs_functions_are_built_with_npm(ours, tmp_path):
    source = tmp_path / "project"
    (source / "src").mkdir(parents=True)
    (source / "src/index.mjs").write_text("export const handler = async () => 1;\n")
    (source / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function, Properties: "
        "{Runtime: nodejs22.x, Handler: index.handler, CodeUri: src/}}\n  L: {Type: AWS::Serverless::LayerVersion, "
        "Metadata: {BuildMethod: python3.13}, Properties: {ContentUri: layer/}}\n")
    (source / "layer").mkdir()
    (source / "layer/shared.py").write_text("X = 1\n")
    told = run(ours.server, MILLRACE, "sam", "build", "--parallel", directory=source)
    assert "package.json file not found" in told.stderr and "Building layer 'L'" in told.stderr
    assert (source / ".aws-sam/build/F/index.mjs").exists() and (source / ".aws-sam/build/L/python/shared.py").exists()
    (source / "src/package.json").write_text('{"name": "f", "version": "1.0.0"}')
    result = run(ours.server, MILLRACE, "sam", "build", "F", directory=source, check=False)
    if shutil.which("npm"):
        assert result.returncode == 0, result
    else:
        assert result.returncode == 1 and "npm is not on PATH" in result.stderr


def test_a_projects_own_folder_may_be_its_code(ours, tmp_path):
    """What is built below it, and git's folder, are no part of it."""
    (tmp_path / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\nParameters: {Where: {Type: String, Default: .}}\n"
        "Globals: {Function: {Runtime: python3.13, Handler: app.handle}}\nResources:\n"
        "  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Ref Where}}\n"
        '  G: {Type: AWS::Serverless::Function, Properties: {CodeUri: !Sub "${Where}/nowhere"}}\n')
    (tmp_path / "app.py").write_text("def handle(event, context): return 1\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other/else.py").write_text("")
    for said in ("Cache is invalid", "Valid cache found"):
        built = run(ours.server, MILLRACE, "sam", "build", "--cached", directory=tmp_path)
        assert said in built.stderr and "G is not built: its CodeUri is known only to CloudFormation" in built.stderr
        assert {path.name for path in (tmp_path / ".aws-sam/build/F").iterdir()} == {"app.py", "template.yaml", "other"}
    run(ours.server, MILLRACE, "sam", "build", "--parameter-overrides", "Where=other", directory=tmp_path)
    assert {path.name for path in (tmp_path / ".aws-sam/build/F").iterdir()} == {"else.py"}


def test_layers_are_there_locally_and_told_of_by_sync_code(ours, tmp_path):
    (tmp_path / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {Type: AWS::Serverless::Function, Properties: {Runtime: "
        "python3.13, Handler: app.handle, CodeUri: src/, Layers: [!Ref L]}}\n"
        "  L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer/}}\n")
    for path, text in (("src/app.py", "from shared import X\n\ndef handle(event, context): return X\n"),
                       ("layer/python/shared.py", "X = 42\n")):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text(text)
    assert run(ours.server, MILLRACE, "sam", "local", "invoke", "F", directory=tmp_path).stdout == "42\n"
    synced = run(ours.server, MILLRACE, "sam", "sync", "--stack-name", "layered", "--code", directory=tmp_path, check=False)
    assert synced.returncode == 1 and "Layers are not synced by --code: L." in synced.stderr
