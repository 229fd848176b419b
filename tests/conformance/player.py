# SPDX-License-Identifier: Apache-2.0
"""Plays one scene against a server, in an account that nobody else uses."""
import base64
import itertools
import json
import time

from conformance.transcript import Differs, Exchange, Matching, Scene
from wire_client import REGION, WireClient

# What every service answers before it looks at the request; models do not repeat it.
COMMON_ERRORS = {"ValidationException", "SerializationException", "InternalFailure", "UnknownOperationException",
                 "ValidationError", "MalformedInput"}
PATIENCE_S = 20
PAUSE_S = 0.02
accounts = itertools.count(700000000001)


class Player:
    def __init__(self, port: int):
        account = str(next(accounts))
        self.port = port
        self.account = account
        self.clients: dict[str, WireClient] = {}
        self.matching = Matching({"account": account, "region": REGION, "now": int(time.time())})

    def play(self, scene: Scene):
        for exchange in scene.exchanges:
            try:
                self.exchange(exchange)
            except (Differs, OSError) as error:
                raise Differs(f"{scene.path}:{exchange.line}: {exchange.operation}: {error}") from error
        for client in self.clients.values():
            client.close()

    def exchange(self, exchange: Exchange):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self.once(exchange)
            except Differs:
                if not exchange.repeats or time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE_S)

    def once(self, exchange: Exchange):
        client = self.clients.get(exchange.service)
        if client is None:
            client = self.clients[exchange.service] = WireClient(self.port, exchange.service, self.account)
        request = self.matching.fill_in(json.loads(exchange.request))
        count = len(exchange.answer) if exchange.is_stream else None
        status, error, answer = ask(client, exchange.operation, request, count)
        if status != exchange.status or (error is None) != (exchange.error is None):
            said = f"{status} {error[0]}: {error[1]}" if error else f"{status} {json.dumps(answer)}"
            raise Differs(f"answered {said}")
        if exchange.error:
            self.compare_error(client, exchange, error)
        elif exchange.answer is None:
            if answer:
                raise Differs(f"answered {json.dumps(answer)}, where nothing was expected")
        else:
            self.matching.compare(exchange.answer, answer)

    def compare_error(self, client: WireClient, exchange: Exchange, error: tuple[str, str]):
        code, text = exchange.error
        if error[0] != code:
            raise Differs(f"answered {error[0]}: {error[1]}")
        modelled = client.model.operation_model(exchange.operation).error_shapes
        known = {shape.metadata.get("error", {}).get("code", shape.name) for shape in modelled}
        if code not in known | COMMON_ERRORS:
            raise Differs(f"{code} is not among the errors that AWS's model gives the operation")
        self.matching.compare(text or "", error[1], "the error's text")


def ask(client: WireClient, operation: str, request: dict,
        events_wanted: int | None) -> tuple[int, tuple[str, str] | None, object]:
    """Status, code and text of an error, and the answer's members, or so many events."""
    if events_wanted is not None:
        answer, events = client.first_events(operation, json.dumps(request).encode(), events_wanted)
        if answer.status == 200:
            check_events(client.model.operation_model(operation).get_event_stream_output(), events)
            return 200, None, events
    if client.model.protocol == "json":
        if events_wanted is None:
            answer = client.post_json(operation, json.dumps(request).encode())
        body = answer.json()
        if answer.status >= 400:
            text = "Message" if body["__type"] == "SerializationException" else "message"
            if body.keys() - {"__type", text}:
                raise Differs(f"the error has other members: {answer.body!r}")
            return answer.status, (body["__type"], body.get(text, "")), None
        check_shape(client.model.operation_model(operation).output_shape, body)
        return answer.status, None, body
    answer = client.call(operation, with_bytes(client.model.operation_model(operation).input_shape, request))
    parsed = client.parsed(operation, answer)
    if answer.status >= 400:
        return answer.status, (parsed["Error"]["Code"], parsed["Error"]["Message"]), None
    parsed.pop("ResponseMetadata")
    return answer.status, None, plain(parsed)


def with_bytes(shape, value):
    """Blobs are base64 in transcripts, and bytes to botocore."""
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        return {k: with_bytes(shape.members.get(k), v) for k, v in value.items()}
    if shape.type_name == "list":
        return [with_bytes(shape.member, item) for item in value]
    return base64.b64decode(value) if shape.type_name == "blob" else value


def plain(value):
    """What botocore has read, as JSON would have it."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if hasattr(value, "timestamp"):
        return value.timestamp()
    return value.read().decode() if hasattr(value, "read") else value


def check_events(shape, events: list[dict]):
    for event in events:
        for name, members in event.items():
            if name == "initial-response":
                continue
            if name not in shape.members:
                raise Differs(f"{name} is no event of AWS's")
            check_shape(shape.members[name], members, name)


KINDS = {"structure": dict, "map": dict, "list": list, "string": str, "blob": str, "timestamp": (int, float),
         "integer": int, "long": int, "boolean": bool, "float": (int, float), "double": (int, float)}


# At the end of a shard there is nothing to go on from; the Kinesis Client Library ends a shard by that.
OPTIONAL_ALL_THE_SAME = {"SubscribeToShardEvent": {"ContinuationSequenceNumber"}}


def check_shape(shape, found, at: str = "answer"):
    """An answer has AWS's members and types, and all that AWS requires."""
    if shape is None:
        if found is not None:
            raise Differs(f"{at} is {found!r}; AWS answers nothing")
        return
    if not isinstance(found, KINDS[shape.type_name]):
        raise Differs(f"{at} is {found!r}, no {shape.type_name}")
    if shape.type_name == "structure":
        if unknown := found.keys() - shape.members.keys():
            raise Differs(f"{at} has {', '.join(sorted(unknown))}, which AWS's model has not")
        absent = OPTIONAL_ALL_THE_SAME.get(shape.name, set())
        if missing := set(shape.required_members) - found.keys() - absent:
            raise Differs(f"{at} lacks {', '.join(sorted(missing))}, which AWS always answers")
        for name, value in found.items():
            check_shape(shape.members[name], value, f"{at}.{name}")
    if shape.type_name == "list":
        for index, item in enumerate(found):
            check_shape(shape.member, item, f"{at}[{index}]")
    if getattr(shape, "enum", None) and found not in shape.enum:
        raise Differs(f"{at} is {found!r}, none of {', '.join(shape.enum)}")
