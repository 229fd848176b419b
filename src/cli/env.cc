// SPDX-License-Identifier: Apache-2.0
#include "cli/env.h"

#include <cstdio>

#include "cli/arguments.h"
#include "cli/command_line.h"
#include "cli/sam.h"

namespace mill::cli {
namespace {

// Quoted for a POSIX shell.
std::string quoted(const std::string& text) {
    std::string out = "'";
    for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

// Passes the endpoint, unless the user names one himself.
constexpr const char* aws_function =
    "# This AWS CLI does not read AWS_ENDPOINT_URL (before 2.13), or not for SQS (all of 1.x): a "
    "function passes it on.\n"
    "aws() {\n"
    "  case \" $* \" in\n"
    "    *' --endpoint-url '*|*' --endpoint-url='*) command aws \"$@\" ;;\n"
    "    *) command aws --endpoint-url \"$AWS_ENDPOINT_URL\" \"$@\" ;;\n"
    "  esac\n"
    "}\n";

}  // namespace

bool ignores_endpoint_variable(const std::string& version_line) {
    int major = 0;
    int minor = 0;
    if (std::sscanf(version_line.c_str(), "aws-cli/%d.%d", &major, &minor) != 2) return false;
    return major == 1 || (major == 2 && minor < 13);
}

int env(Session& session, const std::vector<std::string>& words) {
    const auto arguments =
        Arguments::parse(words, {{"--endpoint"}, {"--listen"}, {"--endpoint-url"}});
    if (!arguments) return usage_error(session, "env", arguments.error().message);
    if (!arguments->words().empty())
        return usage_error(session, "env", "unexpected '" + arguments->words()[0] + "'");
    std::string url =
        arguments->get("--endpoint", arguments->get("--endpoint-url", arguments->get("--listen")));
    // The variable that an earlier `millrace env` set must not decide: the default is the server's
    // own.
    if (url.empty()) url = session.variable("MILLRACE_LISTEN");
    url = url.substr(0, url.find(','));
    if (url.empty()) url = "127.0.0.1:4566";
    const auto target = find_target(session, url.starts_with("http") ? url : "http://" + url, {});
    if (!target) return usage_error(session, "env", target.error().message);
    url = "http://" + target->endpoint.text();

    session.out(
        "# For: eval \"$(millrace env)\". Profiles are left alone; with `aws configure` put this "
        "line into the\n"
        "# profile in ~/.aws/config instead:  endpoint_url = " +
        url + "\n");
    session.out("export AWS_ENDPOINT_URL=" + quoted(url) + "\n" +
                "export AWS_REGION=us-east-1\n"
                "export AWS_DEFAULT_REGION=us-east-1\n"
                "export AWS_ACCESS_KEY_ID=test\n"
                "export AWS_SECRET_ACCESS_KEY=test\n"
                "export AWS_EC2_METADATA_DISABLED=true\n"
                // StartLiveTail would go to stream-127.0.0.1.
                "export AWS_DISABLE_HOST_PREFIX_INJECTION=true\n"
                "unset AWS_PROFILE AWS_SESSION_TOKEN\n");
    // Makefiles of C++ functions find millrace-runtime by it.
    if (!session.sdk.empty()) session.out("export MILLRACE_SDK=" + quoted(session.sdk) + "\n");
    const auto version = session.run({.argv = {"aws", "--version"}});
    if (version && ignores_endpoint_variable(version->output)) session.out(aws_function);
    return exit_ok;
}

std::string env_help() {
    return "Usage: millrace env [--endpoint URL | --listen HOST:PORT]\n"
           "\n"
           "Prints shell lines that point the AWS CLI and the SDKs of this shell at the server.\n"
           "\n"
           "  --endpoint URL        the server (default: http://127.0.0.1:4566)\n"
           "  --listen HOST:PORT    the same, as given to `millrace serve`\n"
           "\n"
           "Examples:\n"
           "  eval \"$(millrace env)\"\n"
           "  eval \"$(millrace env --endpoint http://127.0.0.1:5000)\"\n";
}

}  // namespace mill::cli
