// SPDX-License-Identifier: Apache-2.0
// For the tests of this room: a session whose terminal, environment and programs are plain data.
#pragma once

#include <map>
#include <string>

#include "cli/session.h"
#include "sim/machine/sim_machine.h"

namespace mill::cli {

struct TestSession {
    sim::SimMachine world{1};
    std::string out;
    std::string err;
    std::string stdin_text;
    std::vector<std::string> answers;  // lines typed at the terminal
    std::map<std::string, std::string> variables;
    std::string aws_version = "aws-cli/2.30.0 Python/3.11.2";
    Session session{.machine = world.machine(),
                    .out = [this](std::string_view text) { out += text; },
                    .err = [this](std::string_view text) { err += text; },
                    .variable =
                        [this](const std::string& name) {
                            const auto found = variables.find(name);
                            return found == variables.end() ? std::string() : found->second;
                        },
                    .read_line = [this]() -> std::optional<std::string> {
                        if (answers.empty()) return std::nullopt;
                        std::string answer = answers.front();
                        answers.erase(answers.begin());
                        return answer;
                    },
                    .read_secret = [this] { return session.read_line(); },
                    .read_all = [this] { return stdin_text; },
                    .run = [this](const Command&) -> Result<CommandResult> {
                        if (aws_version.empty()) return fail("process.spawn", "no aws");
                        return CommandResult{0, aws_version};
                    },
                    .start = [](const Command&) -> Result<std::unique_ptr<Background>> {
                        return fail("process.spawn", "none here");
                    },
                    .on_terminate = [](const std::function<void()>&) {},
                    .watch = [](const std::vector<std::string>&,
                                machine::Signal&) -> Result<std::unique_ptr<Watch>> {
                        return fail("io", "nothing to watch here");
                    },
                    .program = "/usr/bin/millrace",
                    .sdk = {}};
};

}  // namespace mill::cli
