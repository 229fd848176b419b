# SPDX-License-Identifier: Apache-2.0
"""Set-up calls of the bench to a server: streams, functions, mappings."""
import base64
import http.client
import io
import json
import pathlib
import time
import zipfile

REGION = "us-east-1"
ROLE = "arn:aws:iam::000000000000:role/bench"


class Client:
    def __init__(self, port: int, seconds: float = 60):
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)

    def call(self, method: str, path: str, body: bytes, service: str, headers: dict[str, str]) -> tuple[int, bytes]:
        scope = f"AKIDEXAMPLEEXAMPLE00/20260101/{REGION}/{service}/aws4_request"
        self.connection.request(method, path, body, {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}",
            "X-Amz-Date": "20260101T000000Z", **headers})
        response = self.connection.getresponse()
        return response.status, response.read()

    def kinesis(self, operation: str, **members):
        status, body = self.call("POST", "/", json.dumps(members).encode(), "kinesis",
                                 {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"Kinesis_20131202.{operation}"})
        if status != 200:
            raise RuntimeError(f"{operation}: {status} {body[:300]!r}")
        return json.loads(body) if body else {}

    def create_stream(self, name: str, shards: int) -> None:
        self.kinesis("CreateStream", StreamName=name, ShardCount=shards)
        while self.stream(name)["StreamStatus"] != "ACTIVE":
            time.sleep(0.005)

    def stream(self, name: str):
        return self.kinesis("DescribeStreamSummary", StreamName=name)["StreamDescriptionSummary"]

    def lambda_call(self, method: str, path: str, members=None):
        body = json.dumps(members).encode() if members is not None else b""
        status, answer = self.call(method, path, body, "lambda", {"Content-Type": "application/json"})
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {answer[:300]!r}")
        return json.loads(answer) if answer else {}

    def create_function(self, name: str, files: dict[str, bytes], runtime: str = "provided.al2023", handler: str = "bootstrap",
                        variables: dict[str, str] | None = None) -> None:
        self.lambda_call("POST", "/2015-03-31/functions", {
            "FunctionName": name, "Runtime": runtime, "Handler": handler, "Role": ROLE, "Timeout": 60,
            "Code": {"ZipFile": base64.b64encode(zipped(files)).decode()}, "Environment": {"Variables": variables or {}}})

    def invoke(self, name: str) -> bytes:
        status, body = self.call("POST", f"/2015-03-31/functions/{name}/invocations", b"{}", "lambda",
                                 {"Content-Type": "application/json"})
        if status != 200:
            raise RuntimeError(f"Invoke: {status} {body[:300]!r}")
        return body

    def map(self, stream: str, function: str, position: str, batch: int) -> None:
        path = "/2015-03-31/event-source-mappings"
        uuid = self.lambda_call("POST", path, {
            "EventSourceArn": self.stream(stream)["StreamARN"], "FunctionName": function, "StartingPosition": position,
            "BatchSize": batch})["UUID"]
        while self.lambda_call("GET", f"{path}/{uuid}")["State"] != "Enabled":
            time.sleep(0.005)


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o755 << 16
            archive.writestr(info, content)
    return out.getvalue()


def program(path: pathlib.Path) -> dict[str, bytes]:
    return {"bootstrap": path.read_bytes()}
