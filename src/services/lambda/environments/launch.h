// SPDX-License-Identifier: Apache-2.0
// How a function's process is started: its arguments, what it sees of the file system, its
// environment variables.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
#pragma once

#include "machine/machine.h"
#include "services/lambda/environments/environment.h"

namespace mill::lambda {

struct LaunchFacts {
    std::string code_tree;     // extracted code on the host
    std::string layer_tree;    // of its layers; empty if it has none
    std::string scratch;       // becomes /tmp
    std::string runtimes;      // Options::runtimes
    std::string endpoint_url;  // AWS_ENDPOINT_URL
    std::string runtime_api;   // "127.0.0.1:port"
    std::string log_group;
    std::string log_stream;
};

struct PlannedLaunch {
    Launch launch;
    std::string
        warning;  // once for each function version: the interpreter is another one than asked for
};

// Error messages are what the function's error says ("Couldn't find valid bootstrap(s): ...").
// Both outlive the task.
Task<Result<PlannedLaunch>> plan_launch(Machine& machine, const Function& function,
                                        const LaunchFacts& facts);

}  // namespace mill::lambda
