# SPDX-License-Identifier: Apache-2.0
"""Requests that SDKs refuse to send: signed, but not checked by anybody before the server sees them."""
import functools
import http.client
import json

import botocore.auth
import botocore.awsrequest
import botocore.compat
import botocore.credentials
import botocore.eventstream
import botocore.parsers
import botocore.serialize
import botocore.session

REGION = "us-east-1"


@functools.cache
def service_model(service: str):
    return botocore.session.get_session().get_service_model(service)


class Answer:
    def __init__(self, status: int, headers: dict, body: bytes):
        self.status = status
        self.headers = headers
        self.body = body

    def json(self):
        return json.loads(self.body) if self.body else None


class WireClient:
    """One kept connection, for one service and one account. Not for several threads."""

    def __init__(self, port: int, service: str, account: str = "000000000000"):
        self.model = service_model(service)
        self.host = f"127.0.0.1:{port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.connection.connect()
        # Twelve digits name the account.
        self.signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials(account, "test"),
                                              self.model.signing_name, REGION)

    def close(self):
        self.connection.close()

    def begin(self, method: str, path: str, headers: dict, body: bytes) -> http.client.HTTPResponse:
        request = botocore.awsrequest.AWSRequest(method=method, url=f"http://{self.host}{path}", data=body,
                                                 headers={**headers, "Host": self.host})
        self.signer.add_auth(request)
        self.connection.request(method, path, body=body, headers=dict(request.headers.items()))
        return self.connection.getresponse()

    def send(self, *request) -> Answer:
        response = self.begin(*request)
        return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())

    def json_request(self, operation: str, body: bytes) -> tuple:
        metadata = self.model.metadata
        return "POST", "/", {"X-Amz-Target": f"{metadata['targetPrefix']}.{operation}",
                             "Content-Type": f"application/x-amz-json-{metadata['jsonVersion']}"}, body

    def post_json(self, operation: str, body: bytes) -> Answer:
        """AWS JSON: the body as it is."""
        return self.send(*self.json_request(operation, body))

    def first_events(self, operation: str, body: bytes, count: int) -> tuple[Answer, list[dict]]:
        """The beginning of an event stream: each event as {name: members}. The rest of it is given up."""
        response = self.begin(*self.json_request(operation, body))
        headers = {k.lower(): v for k, v in response.getheaders()}
        if response.status != 200:
            return Answer(response.status, headers, response.read()), []
        events, frames = [], botocore.eventstream.EventStreamBuffer()
        while len(events) < count and (more := response.read1(65536)):
            frames.add_data(more)
            events += [{e.headers.get(":event-type", e.headers.get(":exception-type")): json.loads(e.payload or b"{}")}
                       for e in frames]
        self.connection.close()  # opened again by the next request
        return Answer(200, headers, b""), events[:count]

    def call(self, operation: str, members: dict) -> Answer:
        """Any protocol: members as botocore writes them, unchecked."""
        model = self.model.operation_model(operation)
        serializer = botocore.serialize.create_serializer(self.model.protocol, include_validation=False)
        request = serializer.serialize_to_request(members, model)
        query = request["query_string"]
        if isinstance(query, dict):
            query = botocore.compat.urlencode(query, doseq=True)
        path = request["url_path"] + (("&" if "?" in request["url_path"] else "?") + query if query else "")
        body = request["body"]
        if isinstance(body, dict):
            body = botocore.compat.urlencode(body, doseq=True)
        body = body.encode() if isinstance(body, str) else body
        return self.send(request["method"], path, dict(request["headers"]), body)

    def parsed(self, operation: str, answer: Answer) -> dict:
        """The members of an answer, or {"Error": {"Code", "Message"}}, in any protocol."""
        parser = botocore.parsers.create_parser(self.model.protocol)
        shape = self.model.operation_model(operation).output_shape
        return parser.parse({"status_code": answer.status, "headers": botocore.compat.HTTPHeaders.from_dict(answer.headers),
                             "body": answer.body}, shape)
