// SPDX-License-Identifier: Apache-2.0
#include "app/program/make_session.h"

#include <cstdio>
#include <iostream>
#include <iterator>
#include <utility>

#include "app/program/layout.h"
#include "posix/file_watch.h"
#include "posix/host.h"
#include "posix/programs.h"

namespace mill::app {
namespace {

class BackgroundAdapter final : public cli::Background {
  public:
    explicit BackgroundAdapter(std::unique_ptr<posix::BackgroundProgram> program)
        : program_(std::move(program)) {}
    Result<std::string> read_line() override { return program_->read_line(); }
    int pid() const override { return program_->pid(); }
    void terminate() override { program_->terminate(); }
    void release() override { program_->release(); }

  private:
    std::unique_ptr<posix::BackgroundProgram> program_;
};

posix::Program program_of(const cli::Command& command) {
    return {command.argv, command.directory, command.environment, command.gets_errors};
}

Result<cli::CommandResult> run(const cli::Command& command) {
    MILL_TRY(auto captured, posix::run_program(program_of(command)));
    return cli::CommandResult{captured.exit_code, std::move(captured.output)};
}

Result<std::unique_ptr<cli::Background>> start(const cli::Command& command) {
    MILL_TRY(auto program, posix::BackgroundProgram::start(program_of(command)));
    return std::make_unique<BackgroundAdapter>(std::move(program));
}

// Whole lines reach pipes at once: another program may be waiting for them.
void write_to(std::FILE* file, std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
}

class WatchAdapter final : public cli::Watch {
  public:
    explicit WatchAdapter(std::unique_ptr<posix::FileWatch> watch) : watch_(std::move(watch)) {}
    std::vector<std::string> take_changed() override { return watch_->take_changed(); }

  private:
    std::unique_ptr<posix::FileWatch> watch_;
};

std::optional<std::string> read_line() {
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
}

std::optional<std::string> read_secret() {
    const posix::HiddenInput hidden;
    return read_line();
}

std::string read_all() {
    return std::string(std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>());
}

// https://no-color.org
bool wants_colour() {
    return posix::is_terminal(1) && posix::environment_variable("NO_COLOR").value_or("").empty();
}

}  // namespace

cli::Session make_session(posix::PosixMachine& posix) {
    return {
        .machine = posix.machine(),
        .out = [](std::string_view text) { write_to(stdout, text); },
        .err = [](std::string_view text) { write_to(stderr, text); },
        .variable =
            [](const std::string& name) { return posix::environment_variable(name).value_or(""); },
        .read_line = &read_line,
        .read_secret = &read_secret,
        .read_all = &read_all,
        .run = &run,
        .start = &start,
        .on_terminate =
            [&posix](std::function<void()> handler) { posix.on_terminate(std::move(handler)); },
        .watch = [&posix](const std::vector<std::string>& paths,
                          machine::Signal& changed) -> Result<std::unique_ptr<cli::Watch>> {
            MILL_TRY(auto watch, posix.watch_files(paths, changed));
            return std::make_unique<WatchAdapter>(std::move(watch));
        },
        .program = posix::executable_path(),
        .sdk = sdk_directory(),
        .colour = wants_colour(),
        .columns = posix::terminal_columns(),
        .is_asked = posix::is_terminal(0)};
}

}  // namespace mill::app
