# SPDX-License-Identifier: Apache-2.0
"""Runs a Python function: takes events from the Runtime API, calls the handler, posts what it returns or raises.

Any Python from 3.9 on, standard library only. Errors, log lines and the context object are those of AWS's own client:
https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html, python-context.html, python-logging.html,
python-exceptions.html.
"""

import decimal
import http.client
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import logging
import os
import sys
import time
import traceback

API = "/2018-06-01/runtime"
LINE_JOINT = "\r"  # keeps a traceback in one log event
INDENT = "\u00a0"


class Fault(Exception):
    """An error of the runtime's own making, with the type that callers see."""

    def __init__(self, error_type, message, trace=None):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = trace or []


# ---------------------------------------------------------------------------------------------- context


class CognitoIdentity:
    __slots__ = ["cognito_identity_id", "cognito_identity_pool_id"]

    def __repr__(self):
        return (
            f"CognitoIdentity([cognito_identity_id={self.cognito_identity_id},"
            f"cognito_identity_pool_id={self.cognito_identity_pool_id}])"
        )


class Client:
    __slots__ = ["installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name"]


class ClientContext:
    __slots__ = ["custom", "env", "client"]


class LambdaContext:
    """What the handler gets as its second argument."""

    def __init__(self, request_id, client_context, identity, deadline_ms, invoked_function_arn, tenant_id):
        self.aws_request_id = request_id
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = invoked_function_arn
        self.tenant_id = tenant_id
        self.client_context = make_client_context(client_context)
        self.identity = make_identity(identity)
        self._deadline_ms = deadline_ms

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        print(message, end="", flush=True)

    def __repr__(self):
        return (
            f"LambdaContext([aws_request_id={self.aws_request_id},log_group_name={self.log_group_name},"
            f"log_stream_name={self.log_stream_name},function_name={self.function_name},"
            f"memory_limit_in_mb={self.memory_limit_in_mb},function_version={self.function_version},"
            f"invoked_function_arn={self.invoked_function_arn},client_context={self.client_context},"
            f"identity={self.identity},tenant_id={self.tenant_id}])"
        )


def fill(target, source, names):
    for name in names:
        setattr(target, name, source.get(name))
    return target


def make_client_context(given):
    if not given:
        return None
    context = fill(ClientContext(), given, ["custom", "env"])
    client = given.get("client")
    context.client = fill(Client(), client, Client.__slots__) if client else None
    return context


def make_identity(given):
    given = given or {}
    identity = CognitoIdentity()
    identity.cognito_identity_id = given.get("cognitoIdentityId")
    identity.cognito_identity_pool_id = given.get("cognitoIdentityPoolId")
    return identity


# ---------------------------------------------------------------------------------------------- errors


def error_json(message, error_type, trace, request_id=""):
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}


def describe_exception(exception, request_id=""):
    """The error of an exception; frames of this file are left out."""
    if isinstance(exception, Fault):
        return error_json(exception.message, exception.error_type, exception.trace, request_id)
    frames = traceback.extract_tb(exception.__traceback__)
    while frames and os.path.abspath(frames[0].filename) == os.path.abspath(__file__):
        frames = frames[1:]
    return error_json(str(exception), type(exception).__name__, traceback.format_list(frames), request_id)


def indented(line):
    bare = line.lstrip(" ")
    return INDENT * (len(line) - len(bare)) + bare


def log_error(error):
    lines = ["[ERROR] " + error["errorType"] + (": " + error["errorMessage"] if error["errorMessage"] else "")]
    lines.append("Traceback (most recent call last):")
    for element in error["stackTrace"]:
        lines += [indented(line) for line in element.splitlines()] or [""]
    try:
        sys.stdout.write(LINE_JOINT.join(lines) + "\n")
    except (OSError, ValueError, AttributeError):
        pass  # the function closed or replaced its output: the caller gets the error all the same


def flush_output():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            pass  # the function closed or replaced it


# ---------------------------------------------------------------------------------------------- logging


class RequestIdFilter(logging.Filter):
    request_id = ""

    def filter(self, record):
        record.aws_request_id = RequestIdFilter.request_id
        return True


class LambdaLoggingHandler(logging.Handler):
    def emit(self, record):
        sys.stdout.write(self.format(record))


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggingHandler()
    handler.setFormatter(
        logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
        )
    )
    handler.addFilter(RequestIdFilter())
    logging.getLogger().addHandler(handler)


# ---------------------------------------------------------------------------------------------- endpoints


def configured_endpoint(session, service_name):
    """What AWS_ENDPOINT_URL_<SERVICE> or AWS_ENDPOINT_URL says, as current SDKs read them."""
    names = [service_name]
    try:
        names.insert(0, session.get_service_model(service_name).service_id)
    except Exception:  # an unknown service: create_client reports it better
        pass
    for name in names:
        url = os.environ.get("AWS_ENDPOINT_URL_" + name.replace(" ", "_").replace("-", "_").upper())
        if url:
            return url
    return os.environ.get("AWS_ENDPOINT_URL")


def patch_botocore_session(module):
    """botocore before 1.31 knows no AWS_ENDPOINT_URL; without this its clients would call the real AWS."""
    create_client = module.Session.create_client
    endpoint_place = 4  # among the positional arguments after service_name

    def create_local_client(self, service_name, *args, **kwargs):
        if len(args) <= endpoint_place and kwargs.get("endpoint_url") is None:
            kwargs["endpoint_url"] = configured_endpoint(self, service_name)
        return create_client(self, service_name, *args, **kwargs)

    module.Session.create_client = create_local_client


class BotocoreFinder(importlib.abc.MetaPathFinder):
    """Patches botocore.session when, and only when, the function imports it."""

    target = "botocore.session"

    def find_spec(self, name, path, target=None):
        if name != self.target:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            sys.meta_path.insert(0, self)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            patch_botocore_session(module)

        spec.loader.exec_module = exec_module
        return spec


class HostSdkFinder(importlib.abc.MetaPathFinder):
    """AWS's runtimes ship boto3. Where the interpreter has none, the host's own (Debian's python3-boto3) takes its
    place: last of all, and nothing but what belongs to boto3."""

    packages = {"boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six"}
    # Debian's botocore imports requests in place of a copy of its own; functions get it no sooner than botocore does.
    packages_of_botocore = {"requests", "chardet", "charset_normalizer", "idna", "certifi"}
    places = ["/usr/lib/python3/dist-packages"]

    def find_spec(self, name, path, target=None):
        wanted = name in self.packages or (name in self.packages_of_botocore and "botocore" in sys.modules)
        if path is not None or not wanted:
            return None
        return importlib.machinery.PathFinder.find_spec(name, self.places)


# ---------------------------------------------------------------------------------------------- handler


def load_handler(name):
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as e:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {e}")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module"
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as e:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {e}")
    except SyntaxError as e:
        trace = [f'  File "{e.filename}" Line {e.lineno}\n    {e.text}']
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {e}", trace)
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", f"Handler '{function_name}' missing on module '{module_name}'")


def plain(value):
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def marshal(result):
    try:
        return json.dumps(result, default=plain, ensure_ascii=sys.version_info < (3, 12)).encode("utf-8")
    except Exception as e:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {e}")


def unmarshal(body):
    try:
        return json.loads(body.decode("utf-8"))
    except Exception as e:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {e}")


# ---------------------------------------------------------------------------------------------- Runtime API


class RuntimeClient:
    def __init__(self, address):
        self.connection = http.client.HTTPConnection(address)  # no timeout: next waits for ever

    def call(self, method, path, body=None, headers=None):
        self.connection.request(method, API + path, body, headers or {})
        response = self.connection.getresponse()
        return response.headers, response.read(), response.status

    def next(self):
        headers, body, status = self.call("GET", "/invocation/next")
        if status != 200:
            raise RuntimeError(f"the Runtime API answered {status} to next")
        return headers, body

    def respond(self, request_id, body):
        self.call("POST", f"/invocation/{request_id}/response", body, {"Content-Type": "application/json"})

    def fail(self, path, error):
        body = json.dumps(error).encode("utf-8")
        headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": error["errorType"]}
        self.call("POST", path, body, headers)


def optional_json(text):
    return json.loads(text) if text else None


def handle(client, handler, headers, body):
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    RequestIdFilter.request_id = request_id
    trace_id = headers.get("Lambda-Runtime-Trace-Id")
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        context = LambdaContext(
            request_id,
            optional_json(headers.get("Lambda-Runtime-Client-Context")),
            optional_json(headers.get("Lambda-Runtime-Cognito-Identity")),
            int(headers.get("Lambda-Runtime-Deadline-Ms", "0")),
            headers.get("Lambda-Runtime-Invoked-Function-Arn"),
            headers.get("Lambda-Runtime-Aws-Tenant-Id"),
        )
        answer = marshal(handler(unmarshal(body), context))
    except Exception as e:
        error = describe_exception(e, request_id)
        log_error(error)
        flush_output()
        client.fail(f"/invocation/{request_id}/error", error)
        return
    flush_output()
    client.respond(request_id, answer)


def set_up_paths():
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = os.path.dirname(os.path.abspath(__file__))
    rest = [path for path in sys.path if os.path.abspath(path) != own]
    task_root = os.environ.get("LAMBDA_TASK_ROOT", os.getcwd())
    layers = (sys.argv.pop() if len(sys.argv) > 1 else "/opt") + "/python"
    # A layer was made for the version that was asked for, which may not be the one that is here.
    asked = os.environ.get("AWS_EXECUTION_ENV", "").removeprefix("AWS_Lambda_")
    versions = dict.fromkeys(name for name in (asked, version) if name)
    sys.path[:] = [task_root, *(f"{layers}/lib/{name}/site-packages" for name in versions), layers, *rest, own]


def main():
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    set_up_paths()
    set_up_logging()
    sys.meta_path.insert(0, BotocoreFinder())
    sys.meta_path.append(HostSdkFinder())
    client = RuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as e:
        error = describe_exception(e)
        log_error(error)
        flush_output()
        client.fail("/init/error", error)
        sys.exit(1)
    while True:
        headers, body = client.next()
        handle(client, handler, headers, body)


if __name__ == "__main__":
    main()
