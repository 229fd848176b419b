# SPDX-License-Identifier: Apache-2.0
"""Reads transcripts, and holds answers against what they expect. README.md describes the notation."""
import dataclasses
import json
import pathlib
import re
import time

NAME = r"[A-Za-z][A-Za-z0-9_]*"
SCENE = re.compile(r"== (.+)")
SETTING = re.compile(r"(service|server): *(.*)")
REQUEST = re.compile(rf"(until )?(?:({NAME})\.)?({NAME}) *(\{{.*)?", re.S)
ANSWER = re.compile(r"(\d{3})(?: +(events +)?(.*))?", re.S)
ERROR = re.compile(rf"([A-Za-z][\w.]*)(?:: (.*))?", re.S)
VARIABLE = re.compile(rf"\$(\$|{NAME})")
MATCHER = re.compile(rf"<(?:({NAME}): )?({NAME})>")
REST = "..."

# What a matcher takes, as a pattern of the whole text.
TEXTS = {
    "any": r".*",
    "text": r".+",
    "shard_id": r"shardId-\d{12}",
    "sequence_number": r"\d{56}",
    "hash_key": r"0|[1-9]\d{0,38}",
    "token": r"[A-Za-z0-9+/=_-]{1,512}",
    "number": r"-?\d+",
    "date": r"\w{3} \w{3} \d{2} \d{2}:\d{2}:\d{2} UTC \d{4}",
    "uuid": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}
CLOCK_DIFFERENCE_S = 600


@dataclasses.dataclass
class Exchange:
    line: int
    service: str
    operation: str
    request: str  # JSON with variables
    repeats: bool  # until the answer is the expected one
    status: int
    error: tuple[str, str | None] | None  # code and text
    answer: object  # JSON with matchers; None: no body; of an event stream, its first events
    is_stream: bool


@dataclasses.dataclass
class Scene:
    path: pathlib.Path
    title: str
    server_options: tuple[str, ...]
    exchanges: list[Exchange]

    @property
    def id(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}: {self.title}"


class Malformed(Exception):
    pass


def statements(text: str):
    """Line number and text of each; lines that begin with a blank go on with the one before."""
    begun: tuple[int, list[str]] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#"):
            continue
        if line[:1].isspace() and begun:
            begun[1].append(line.strip())
            continue
        if begun:
            yield begun[0], " ".join(begun[1])
        begun = (number, [line]) if line.strip() else None
    if begun:
        yield begun[0], " ".join(begun[1])


def read_answer(number: int, text: str) -> tuple[int, tuple | None, object, bool]:
    status, events, rest = ANSWER.fullmatch(text).groups()
    if int(status) < 400:
        return int(status), None, json.loads(rest) if rest else None, events is not None
    if not rest or not ERROR.fullmatch(rest):
        raise Malformed(f"line {number}: an error is written as '400 Code: text'")
    return int(status), ERROR.fullmatch(rest).groups(), None, False


def read(path: pathlib.Path) -> list[Scene]:
    settings = {"service": path.parent.name, "server": ""}
    scenes: list[Scene] = []
    asked = None
    for number, text in statements(path.read_text()):
        try:
            if found := SCENE.fullmatch(text):
                scenes.append(Scene(path, found.group(1), tuple(settings["server"].split()), []))
            elif found := SETTING.fullmatch(text):
                settings[found.group(1)] = found.group(2)
            elif ANSWER.fullmatch(text):
                if not asked:
                    raise Malformed(f"line {number}: an answer without a request")
                scenes[-1].exchanges.append(Exchange(*asked, *read_answer(number, text)))
                asked = None
            elif (found := REQUEST.fullmatch(text)) and scenes and not asked:
                asked = (number, found.group(2) or settings["service"], found.group(3), found.group(4) or "{}",
                         bool(found.group(1)))
            else:
                raise Malformed(f"line {number}: what is {text!r}?")
        except (json.JSONDecodeError, Malformed) as error:
            raise Malformed(f"{path}:{number}: {error}") from error
    if asked:
        raise Malformed(f"{path}:{asked[0]}: a request without an answer")
    return scenes


class Differs(AssertionError):
    pass


class Matching:
    """Takes what one scene captures."""

    def __init__(self, variables: dict):
        self.variables = variables

    def fill_in(self, value):
        """JSON with its variables' values."""
        if isinstance(value, dict):
            return {self.fill_in(k): self.fill_in(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.fill_in(item) for item in value]
        if not isinstance(value, str):
            return value
        if whole := VARIABLE.fullmatch(value):
            return self.variable(whole.group(1))
        return VARIABLE.sub(lambda found: str(self.variable(found.group(1))), value)

    def variable(self, name: str):
        if name == "$":
            return name
        if name not in self.variables:
            raise Malformed(f"nothing has been captured as {name}")
        return self.variables[name]

    def compare(self, expected, found, at: str = "answer"):
        if isinstance(expected, dict):
            return self.compare_map(expected, found, at)
        if isinstance(expected, list):
            return self.compare_list(expected, found, at)
        if isinstance(expected, str):
            return self.compare_text(expected, found, at)
        if type(expected) is not type(found) or expected != found:
            raise Differs(f"{at} is {found!r}, not {expected!r}")

    def compare_map(self, expected: dict, found, at: str):
        if not isinstance(found, dict):
            raise Differs(f"{at} is {found!r}, no map")
        members = {name.removesuffix("?"): name for name in expected if name != REST}
        for name, written in members.items():
            if name in found:
                self.compare(expected[written], found[name], f"{at}.{name}")
            elif not written.endswith("?"):
                raise Differs(f"{at}.{name} is missing; there are {', '.join(found) or 'no members'}")
        if REST not in expected and (more := found.keys() - members.keys()):
            raise Differs(f"{at} also has {', '.join(f'{name}: {found[name]!r}' for name in sorted(more))}")

    def compare_list(self, expected: list, found, at: str):
        if not isinstance(found, list):
            raise Differs(f"{at} is {found!r}, no list")
        wanted = expected[:-1] if expected[-1:] == [REST] else expected
        if len(found) != len(wanted) and (wanted is expected or len(found) < len(wanted)):
            raise Differs(f"{at} has {len(found)} elements, not {len(wanted)}: {found!r}")
        for index, item in enumerate(wanted):
            self.compare(item, found[index], f"{at}[{index}]")

    def compare_text(self, expected: str, found, at: str):
        if whole := MATCHER.fullmatch(expected):
            name, kind = whole.groups()
            if not matches(kind, found):
                raise Differs(f"{at} is {found!r}, no {kind}")
            if name:
                self.variables[name] = found
            return
        if VARIABLE.fullmatch(expected):
            expected = self.fill_in(expected)
        if isinstance(expected, str) and isinstance(found, str):
            return self.compare_pattern(expected, found, at)
        if expected != found:
            raise Differs(f"{at} is {found!r}, not {expected!r}")

    def compare_pattern(self, expected: str, found: str, at: str):
        """A text with matchers in it."""
        pattern, captured, end = "", [], 0
        for matcher in MATCHER.finditer(expected):
            pattern += re.escape(self.fill_in(expected[end:matcher.start()])) + f"({TEXTS[matcher.group(2)]})"
            captured.append(matcher.group(1))
            end = matcher.end()
        pattern += re.escape(self.fill_in(expected[end:]))
        match = re.fullmatch(pattern, found, re.S)
        if not match:
            raise Differs(f"{at} is\n  {found!r}, not\n  {self.fill_in(expected)!r}")
        self.variables.update({name: text for name, text in zip(captured, match.groups()) if name})


def matches(kind: str, found) -> bool:
    if kind == "time":
        return isinstance(found, (int, float)) and abs(found - time.time()) < CLOCK_DIFFERENCE_S
    if kind == "seconds":  # since 1970, whenever
        return isinstance(found, (int, float)) and found > 1e9
    if kind == "integer":
        return isinstance(found, int) and not isinstance(found, bool)
    if kind == "any":
        return True
    return isinstance(found, str) and re.fullmatch(TEXTS[kind], found, re.S) is not None
