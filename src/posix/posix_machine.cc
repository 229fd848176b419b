// SPDX-License-Identifier: Apache-2.0
#include "posix/posix_machine.h"

#include <signal.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cstdio>

#include "posix/executor.h"
#include "posix/files.h"
#include "posix/launcher.h"
#include "posix/network.h"
#include "posix/processes.h"

namespace mill::posix {
namespace {

Log standard_error_log(LogLevel threshold) {
    return Log(threshold, [](LogLevel, const std::string& line) {
        std::fprintf(stderr, "%s\n",
                     line.c_str());  // one call: lines of several threads do not mix
    });
}

}  // namespace

struct PosixMachine::State {
    explicit State(MachineOptions options)
        : log(standard_error_log(options.log_level)),
          launcher(options.sandbox, log),
          network(make_network(reactor, log)),
          processes(make_processes(reactor, *executor, launcher, std::move(options.python))),
          machine{*clock, *timers, *executor, *entropy, *files, *network, *processes, log} {}

    void wait_for_signal() {
        signals.async_wait([this](const boost::system::error_code& error, int) {
            if (error) return;
            wait_for_signal();
            on_terminate();
        });
    }

    Reactor reactor{1};
    boost::asio::executor_work_guard<Reactor::executor_type> work{reactor.get_executor()};
    boost::asio::signal_set signals{reactor};
    std::function<void()> on_terminate;
    Log log;
    Launcher launcher;
    std::unique_ptr<machine::Clock> clock = make_clock();
    std::unique_ptr<machine::Timers> timers = make_timers(reactor);
    std::unique_ptr<machine::Executor> executor = make_executor(reactor);
    std::unique_ptr<machine::Entropy> entropy = make_entropy();
    std::unique_ptr<machine::Files> files = make_files();
    std::unique_ptr<machine::Network> network;
    std::unique_ptr<machine::Processes> processes;
    Machine machine;
};

PosixMachine::PosixMachine(MachineOptions options)
    : state_(std::make_unique<State>(std::move(options))) {
    ::signal(SIGPIPE, SIG_IGN);
}

PosixMachine::~PosixMachine() = default;

Machine& PosixMachine::machine() { return state_->machine; }

void PosixMachine::run() {
    state_->reactor.restart();
    state_->reactor.run();
}

void PosixMachine::stop() { state_->reactor.stop(); }

namespace {

Task<void> then_stop(Task<void> task, PosixMachine& machine) {
    co_await std::move(task);
    machine.stop();
}

}  // namespace

void PosixMachine::run_until_done(Task<void> task) {
    Scope scope;
    state_->reactor.restart();
    scope.spawn(then_stop(std::move(task), *this));
    state_->reactor.run();
}

void PosixMachine::on_terminate(std::function<void()> handler) {
    const bool first = !state_->on_terminate;
    state_->on_terminate = std::move(handler);
    if (!first) return;
    state_->signals.add(SIGTERM);
    state_->signals.add(SIGINT);
    state_->wait_for_signal();
}

void PosixMachine::begin_sandbox_check() { state_->launcher.begin(); }

Result<void> PosixMachine::check_sandbox() {
    MILL_CHECK(state_->launcher.level());
    return {};
}

}  // namespace mill::posix
