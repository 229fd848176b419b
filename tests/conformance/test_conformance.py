# SPDX-License-Identifier: Apache-2.0
"""Every transcript of this folder, played against a real server. All scenes run at the same time: most of them wait."""
import collections
import concurrent.futures
import contextlib
import pathlib
import re

import pytest
from aws_model.comparison import printed_shapes
from aws_model.exceptions import UNDER_WAY
from conformance import transcript
from conformance.player import Player
from conftest import BUILD, running_server
from wire_client import service_model

FOLDER = pathlib.Path(__file__).resolve().parent
SCENES = [scene for path in sorted(FOLDER.glob("*/*.transcript")) for scene in transcript.read(path)]
PLAYERS = 64


def file_of(operation: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower() + ".transcript"


@pytest.fixture(scope="module")
def waiting() -> set[pathlib.Path]:
    """Transcripts of operations that are under way: they are played once the operation is there."""
    served = printed_shapes(BUILD / "bin" / "print_shapes")
    operations = (place.removesuffix(": missing").split(".") for place in UNDER_WAY if place.count(".") == 1)
    return {FOLDER / service / file_of(name) for service, name in operations if name not in served[service]}


@pytest.fixture(scope="module")
def played(waiting):
    """The outcome of each scene, by its id."""
    of_server = collections.defaultdict(list)
    for scene in SCENES:
        if scene.path not in waiting:
            of_server[scene.server_options].append(scene)
    with contextlib.ExitStack() as stack:
        players = stack.enter_context(concurrent.futures.ThreadPoolExecutor(PLAYERS))
        outcomes = {}
        for options, scenes in of_server.items():
            server = stack.enter_context(running_server(*options))
            outcomes |= {scene.id: players.submit(Player(server.port).play, scene) for scene in scenes}
        concurrent.futures.wait(outcomes.values())
    return outcomes


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.id)
def test_scene(played, waiting, scene):
    if scene.path in waiting:
        pytest.skip("not served yet; model_check says so")
    played[scene.id].result()


def test_scenes_have_names_of_their_own():
    assert len({scene.id for scene in SCENES}) == len(SCENES)


@pytest.mark.parametrize("service", ["kinesis"])
def test_every_operation_has_a_transcript(service):
    assert not {name for name in service_model(service).operation_names
                if not (FOLDER / service / file_of(name)).exists()}


def test_a_transcript_asks_for_the_operation_that_names_it():
    for scene_path in {scene.path for scene in SCENES}:
        operation = scene_path.stem.replace("_", "")
        asked = {e.operation.lower() for scene in SCENES if scene.path == scene_path for e in scene.exchanges}
        assert operation in asked, scene_path


@pytest.mark.parametrize("expected, found", [
    ({"a": 1}, {"a": 2}), ({"a": 1}, {"a": 1, "b": 2}), ({"a": 1}, {}), ({"a": 1}, {"a": True}), ({"a": "1"}, {"a": 1}),
    (["x"], []), (["x"], ["x", "y"]), (["x", "..."], []), ("<sequence_number>", "123"), ("<time>", 1.5),
    ("<integer>", True), ("at <date>", "at noon"), ("$one", 2), ("a$one", "a2"), ({"a?": 1}, {"a": 2}),
    ("a.c", "abc"), (None, False),
])
def test_the_matching_finds_a_difference(expected, found):
    with pytest.raises(transcript.Differs):
        transcript.Matching({"one": 1}).compare(expected, found)


def test_the_matching_takes_and_captures_what_it_should():
    matching = transcript.Matching({"one": 1})
    matching.compare({"a": "<first: sequence_number>", "b?": 1, "...": "..."}, {"a": "1" * 56, "c": 2})
    matching.compare(["$first", "n $one <n: number>", "..."], ["1" * 56, "n 1 77", 3])
    assert matching.fill_in({"x": ["$n", "$one", "<$one>"]}) == {"x": ["77", 1, "<1>"]}
