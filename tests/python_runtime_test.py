# SPDX-License-Identifier: Apache-2.0
"""The Python bootstrap against a fake Runtime API on the loopback interface: python3 -m unittest tests/python_runtime_test.py"""

import http.server
import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import unittest

BOOTSTRAP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "runtimes", "python", "bootstrap.py")
REQUEST_ID = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"


class FakeRuntimeApi(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.events = queue.Queue()
        self.posts = queue.Queue()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # functions end in the middle of their calls


class Exchange(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        event, headers = self.server.events.get()
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", REQUEST_ID)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(2**42))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:f")
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.put((self.path, self.headers, body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Function:
    """A process of the bootstrap with one module of user code."""

    def __init__(self, code, handler="index.handler", variables=None, files=None):
        self.api = FakeRuntimeApi()
        self.directory = tempfile.TemporaryDirectory()
        for name, text in {"index.py": code, **(files or {})}.items():
            path = os.path.join(self.directory.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self.api.server_address[1]}",
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "LAMBDA_TASK_ROOT": self.directory.name,
            "_HANDLER": handler,
            **(variables or {}),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-u", BOOTSTRAP],
            env=environment,
            cwd=self.directory.name,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def invoke(self, event, headers=None):
        self.api.events.put((json.dumps(event).encode(), headers or {}))
        return self.posted()

    def posted(self):
        path, headers, body = self.api.posts.get(timeout=30)
        return path, headers, json.loads(body)

    def output(self):
        self.process.kill()
        return self.process.communicate()[0].decode("utf-8")

    def exit_status(self):
        return self.process.wait(timeout=30)

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.api.shutdown()
        self.api.server_close()
        self.directory.cleanup()


class PythonRuntime(unittest.TestCase):
    def function(self, *args, **kwargs):
        function = Function(*args, **kwargs)
        self.addCleanup(function.close)
        return function

    def test_answers_events_in_turn_with_one_process(self):
        function = self.function("n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    return [n, event]\n")
        self.assertEqual(function.invoke({"a": "ä"})[2], [1, {"a": "ä"}])
        path, headers, body = function.invoke(None)
        self.assertEqual(path, f"/2018-06-01/runtime/invocation/{REQUEST_ID}/response")
        self.assertEqual(body, [2, None])

    def test_context_has_every_field(self):
        function = self.function(
            "import os\n"
            "def handler(event, c):\n"
            "    return [c.function_name, c.function_version, c.invoked_function_arn, c.memory_limit_in_mb,\n"
            "            c.aws_request_id, c.log_group_name, c.log_stream_name, c.identity.cognito_identity_id,\n"
            "            c.client_context.custom, c.client_context.client.app_title, c.tenant_id,\n"
            "            c.get_remaining_time_in_millis() > 1000, os.environ['_X_AMZN_TRACE_ID']]\n"
        )
        client_context = json.dumps({"custom": {"k": 1}, "client": {"app_title": "t"}})
        answer = function.invoke(
            {}, {"Lambda-Runtime-Client-Context": client_context, "Lambda-Runtime-Trace-Id": "Root=1-2-3"}
        )[2]
        arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
        self.assertEqual(
            answer,
            ["f", "$LATEST", arn, "128", REQUEST_ID, "/aws/lambda/f", "stream", None, {"k": 1}, "t", None, True, "Root=1-2-3"],
        )

    def test_exception_becomes_error_and_one_log_line(self):
        function = self.function("def handler(event, context):\n    raise ValueError('bad order')\n")
        path, headers, body = function.invoke({})
        self.assertEqual(path, f"/2018-06-01/runtime/invocation/{REQUEST_ID}/error")
        self.assertEqual(body["errorMessage"], "bad order")
        self.assertEqual(body["errorType"], "ValueError")
        self.assertEqual(body["requestId"], REQUEST_ID)
        frame = f'  File "{function.directory.name}/index.py", line 2, in handler\n    raise ValueError(\'bad order\')\n'
        self.assertEqual(body["stackTrace"], [frame])
        expected = (
            "[ERROR] ValueError: bad order\rTraceback (most recent call last):\r"
            f"\u00a0\u00a0File \"{function.directory.name}/index.py\", line 2, in handler\r"
            "\u00a0\u00a0\u00a0\u00a0raise ValueError('bad order')\n"
        )
        self.assertEqual(function.output(), expected)

    def test_logging_has_lambdas_format(self):
        function = self.function(
            "import logging\nlogging.getLogger().setLevel('INFO')\n"
            "def handler(event, context):\n    logging.info('order %s', 7)\n    print('printed')\n"
        )
        self.assertIsNone(function.invoke({})[2])
        self.assertRegex(
            function.output(), r"^\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t" + REQUEST_ID + r"\torder 7\nprinted\n$"
        )

    def init_error(self, *args, **kwargs):
        function = self.function(*args, **kwargs)
        path, headers, body = function.posted()
        self.assertEqual(path, "/2018-06-01/runtime/init/error")
        self.assertEqual(function.exit_status(), 1)
        self.assertEqual(headers["Lambda-Runtime-Function-Error-Type"], body["errorType"])
        self.assertEqual(body["requestId"], "")
        return body

    def test_missing_module(self):
        body = self.init_error("", handler="nowhere.handler")
        self.assertEqual(body["errorType"], "Runtime.ImportModuleError")
        self.assertEqual(body["errorMessage"], "Unable to import module 'nowhere': No module named 'nowhere'")
        self.assertEqual(body["stackTrace"], [])

    def test_missing_handler(self):
        body = self.init_error("", handler="index.nothing")
        self.assertEqual(body["errorType"], "Runtime.HandlerNotFound")
        self.assertEqual(body["errorMessage"], "Handler 'nothing' missing on module 'index'")

    def test_malformed_handler_name(self):
        body = self.init_error("", handler="index")
        self.assertEqual(body["errorType"], "Runtime.MalformedHandlerName")
        self.assertEqual(body["errorMessage"], "Bad handler 'index': not enough values to unpack (expected 2, got 1)")

    def test_built_in_module(self):
        self.assertEqual(self.init_error("", handler="time.sleep")["errorType"], "Runtime.BuiltInModuleConflict")

    def test_syntax_error(self):
        body = self.init_error("def handler(:\n")
        self.assertEqual(body["errorType"], "Runtime.UserCodeSyntaxError")
        self.assertTrue(body["errorMessage"].startswith("Syntax error in module 'index': "))
        self.assertIn('index.py" Line 1\n    def handler(:\n', body["stackTrace"][0])

    def test_exception_while_importing(self):
        body = self.init_error("raise RuntimeError('no table')\n")
        self.assertEqual((body["errorType"], body["errorMessage"]), ("RuntimeError", "no table"))

    def test_result_that_is_not_json(self):
        function = self.function("def handler(event, context):\n    return {1, 2}\n")
        body = function.invoke({})[2]
        self.assertEqual(body["errorType"], "Runtime.MarshalError")
        self.assertEqual(body["errorMessage"], "Unable to marshal response: Object of type set is not JSON serializable")

    def test_decimals_are_numbers(self):
        function = self.function("from decimal import Decimal\ndef handler(event, context):\n    return Decimal('1.5')\n")
        self.assertEqual(function.invoke({})[2], 1.5)

    def test_exit_in_the_handler_ends_the_process(self):
        function = self.function("import sys\ndef handler(event, context):\n    sys.exit(3)\n")
        function.api.events.put((b"{}", {}))
        self.assertEqual(function.exit_status(), 3)

    def test_handler_in_a_folder(self):
        function = self.function("", handler="app/orders.handler", files={"app/orders.py": "def handler(e, c):\n    return 'here'\n"})
        self.assertEqual(function.invoke({})[2], "here")

    def test_botocore_clients_call_the_configured_endpoint(self):
        old_botocore = (
            "class Session:\n"
            "    def get_service_model(self, name):\n        raise KeyError(name)\n"
            "    def create_client(self, service_name, region_name=None, api_version=None, use_ssl=True, verify=None,\n"
            "                      endpoint_url=None):\n        return endpoint_url\n"
        )
        function = self.function(
            "import botocore.session\n"
            "def handler(event, context):\n"
            "    s = botocore.session.Session()\n"
            "    return [s.create_client('kinesis'), s.create_client('sqs', region_name='eu-west-1'),\n"
            "            s.create_client('s3', endpoint_url='http://mine')]\n",
            variables={"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ENDPOINT_URL_SQS": "http://queues"},
            files={"botocore/__init__.py": "", "botocore/session.py": old_botocore},
        )
        self.assertEqual(function.invoke({})[2], ["http://127.0.0.1:4566", "http://queues", "http://mine"])

    def test_hosts_boto3_stands_in_and_nothing_else_of_the_host(self):
        host = tempfile.TemporaryDirectory()
        self.addCleanup(host.cleanup)
        for name in ("boto3", "requests"):
            with open(os.path.join(host.name, name + ".py"), "w", encoding="utf-8") as file:
                file.write(f"where = 'host {name}'\n")
        bootstrap = os.path.join(os.path.dirname(BOOTSTRAP))
        script = (
            f"import sys; sys.path.insert(0, {bootstrap!r}); import bootstrap\n"
            f"finder = bootstrap.HostSdkFinder(); finder.places = [{host.name!r}]\n"
            "print(finder.find_spec('boto3', None) is not None, finder.find_spec('requests', None) is not None)\n"
        )
        output = subprocess.check_output([sys.executable, "-B", "-I", "-c", script], text=True)
        self.assertEqual(output.split(), ["True", "False"])


if __name__ == "__main__":
    unittest.main()
