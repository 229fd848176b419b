// SPDX-License-Identifier: Apache-2.0
#include "posix/posix_machine.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/assert.h"
#include "posix/executor.h"
#include "posix/file_watch.h"
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

// SIGTERM and SIGINT as events. They are blocked meanwhile, for this thread and those it starts;
// the workers block all signals, and children are started with none blocked.
class TerminationSignals final : public Reactor::Watcher {
  public:
    explicit TerminationSignals(Reactor& reactor) : reactor_(reactor) {}
    TerminationSignals(const TerminationSignals&) = delete;
    TerminationSignals& operator=(const TerminationSignals&) = delete;
    ~TerminationSignals() {
        if (!fd_) return;
        reactor_.forget(fd_.get(), *this);
        ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }

    void set_handler(std::function<void()> handler) {
        handler_ = std::move(handler);
        if (fd_) return;
        sigset_t wanted;
        sigemptyset(&wanted);
        sigaddset(&wanted, SIGTERM);
        sigaddset(&wanted, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &wanted, &before_);
        fd_ = Descriptor(::signalfd(-1, &wanted, SFD_NONBLOCK | SFD_CLOEXEC));
        MILL_ASSERT(fd_ && reactor_.watch(fd_.get(), EPOLLIN, *this));
    }

    void on_ready(std::uint32_t) override {
        signalfd_siginfo info;
        if (::read(fd_.get(), &info, sizeof info) != sizeof info) return;
        has_come_ = true;
        handler_();
    }

    // Whether the descriptor can be written to: as long as no signal has come, only waiting tells.
    bool wait_writable(int descriptor) {
        pollfd wanted[] = {{descriptor, POLLOUT, 0}, {fd_.get(), POLLIN, 0}};
        while (::poll(wanted, std::size(wanted), has_come_ ? 0 : -1) < 0 && errno == EINTR) {
        }
        return (wanted[0].revents & POLLOUT) != 0;
    }

  private:
    Reactor& reactor_;
    Descriptor fd_;
    sigset_t before_;
    bool has_come_ = false;
    std::function<void()> handler_;
};

}  // namespace

struct PosixMachine::State {
    explicit State(MachineOptions options)
        : log(standard_error_log(options.log_level)),
          launcher(options.sandbox, log),
          files(make_files(options.sync_files)),
          network(make_network(reactor, *executor, log)),
          processes(make_processes(reactor, *executor, launcher, std::move(options.python))),
          machine{*clock, *timers, *executor, *entropy, *files, *network, *processes, log} {}

    Reactor reactor;
    TerminationSignals signals{reactor};
    Log log;
    Launcher launcher;
    std::unique_ptr<machine::Clock> clock = make_clock();
    std::unique_ptr<machine::Timers> timers = make_timers(reactor);
    std::unique_ptr<machine::Entropy> entropy = make_entropy();
    std::unique_ptr<machine::Files> files;
    // After the files: its end waits for offloaded work, which uses them.
    std::unique_ptr<machine::Executor> executor = make_executor(reactor);
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
    state_->signals.set_handler(std::move(handler));
}

void PosixMachine::write_line(int descriptor, std::string_view text) {
    std::string line(text.substr(0, text.find_last_not_of('\n') + 1));
    line += '\n';
    for (BytesView rest = line; !rest.empty() && state_->signals.wait_writable(descriptor);) {
        // As much as a pipe takes without waiting for its reader if it takes anything.
        const BytesView piece = rest.substr(0, PIPE_BUF);
        const ssize_t written = ::write(descriptor, piece.data(), piece.size());
        if (written >= 0) {
            rest.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR && errno != EAGAIN) {
            return;
        }
    }
}

Result<std::unique_ptr<FileWatch>> PosixMachine::watch_files(const std::vector<std::string>& paths,
                                                             machine::Signal& changed) {
    return FileWatch::open(state_->reactor, paths, changed);
}

void PosixMachine::begin_sandbox_check() { state_->launcher.begin(); }

void PosixMachine::run_until_sandbox_is_tried() {
    struct Ended final : Reactor::Watcher {
        explicit Ended(Reactor& r) : reactor(r) {}
        void on_ready(std::uint32_t) override { reactor.stop(); }
        Reactor& reactor;
    };
    Reactor& reactor = state_->reactor;
    Ended ended(reactor);
    const Descriptor trial = state_->launcher.first_try();
    if (!trial || !reactor.watch(trial.get(), EPOLLIN, ended)) return;
    Reactor::Alarm patience(reactor);
    patience.set(state_->clock->now() + sandbox_patience, [&reactor] { reactor.stop(); });
    run();
    reactor.forget(trial.get(), ended);
}

Result<void> PosixMachine::check_sandbox() {
    MILL_CHECK(state_->launcher.level());
    return {};
}

}  // namespace mill::posix
