// SPDX-License-Identifier: Apache-2.0
#include "posix/processes.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <set>

#include "machine/signal.h"
#include "posix/interpreters.h"
#include "posix/launcher.h"

namespace mill::posix {
namespace {

using machine::ExitStatus;
using machine::SpawnRequest;

std::vector<pid_t> children_of(pid_t pid) {
    const std::string id = std::to_string(pid);
    std::ifstream file("/proc/" + id + "/task/" + id + "/children");
    std::vector<pid_t> children;
    for (pid_t child = 0; file >> child;) children.push_back(child);
    return children;
}

std::int64_t high_water_bytes(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string word; file >> word;) {
        std::int64_t kib = 0;
        if (word == "VmHWM:" && file >> kib) return kib * 1024;
    }
    return 0;
}

// A descriptor whose events are a member function's.
template <class Owner>
class Watched final : public Reactor::Watcher {
  public:
    Watched(Reactor& reactor, Descriptor fd, Owner& owner, void (Owner::*tell)())
        : reactor_(reactor), fd_(std::move(fd)), owner_(owner), tell_(tell) {}
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched() { close(); }
    bool start() {
        is_watched_ = reactor_.watch(fd_.get(), EPOLLIN, *this);
        return is_watched_;
    }
    void stop() {
        if (std::exchange(is_watched_, false)) reactor_.forget(fd_.get(), *this);
    }
    void close() {
        stop();
        fd_.reset();
    }
    int get() const { return fd_.get(); }
    bool is_open() const { return bool(fd_); }
    void on_ready(std::uint32_t) override { (owner_.*tell_)(); }

  private:
    Reactor& reactor_;
    Descriptor fd_;
    Owner& owner_;
    void (Owner::*tell_)();
    bool is_watched_ = false;
};

struct Child;
using Children = std::set<std::shared_ptr<Child>>;

// Kept by HostProcesses until the process is reaped, longer than the Process that a caller holds.
struct Child : std::enable_shared_from_this<Child> {
    Child(Reactor& reactor, machine::Executor& executor, Children& running, Launched launched,
          SpawnRequest& request)
        : pid(launched.pid),
          depth(launched.depth),
          children(running),
          output(reactor, std::move(launched.output), *this, &Child::read_output),
          pidfd(reactor, std::move(launched.pidfd), *this, &Child::reap),
          report(std::move(launched.report)),
          on_output(std::move(request.on_output)),
          ended(executor) {}

    ~Child() {
        if (status) return;
        kill();
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    Result<void> start() {
        if (!output.start() || !pidfd.start()) {
            return fail("process.spawn", "no more descriptors can be watched");
        }
        children.insert(shared_from_this());
        return {};
    }

    void read_output() {
        const auto self = shared_from_this();  // on_output may destroy what holds it
        if (!take_output(1)) output.stop();
    }

    // At most `rounds` buffers full; false at the end of the output.
    bool take_output(int rounds) {
        char buffer[64 * 1024];
        while (rounds-- > 0 && output.is_open()) {
            const ssize_t got = ::read(output.get(), buffer, sizeof buffer);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return errno == EAGAIN;
            if (got == 0) return false;
            if (on_output && !forsaken) on_output(BytesView(buffer, static_cast<std::size_t>(got)));
        }
        return output.is_open();
    }

    // The sandbox's first process takes everything in it along; without a sandbox the process group
    // does.
    void kill() {
        if (status) return;
        sample_memory();
        if (depth == 2) {
            for (pid_t init : children_of(pid)) ::kill(init, SIGKILL);
        }
        ::kill(-pid, SIGKILL);
        killed = true;
    }

    void reap() {
        const auto self = shared_from_this();
        int wait_status = 0;
        while (::waitpid(pid, &wait_status, 0) < 0 && errno == EINTR) {
        }
        ::kill(-pid, SIGKILL);  // what it left behind where there is no sandbox
        ExitStatus result = exit_of(wait_status);
        result.peak_memory_bytes = std::max(result.peak_memory_bytes, peak);
        status = result;
        take_output(drain_rounds_max);
        output.close();
        pidfd.close();
        ended.notify_all();
        children.erase(self);
    }

    ExitStatus exit_of(int wait_status) {
        Report said;
        if (::read(report.get(), &said, sizeof said) == sizeof said) {
            const int real = static_cast<int>(said.wait_status);
            return {.code = WIFEXITED(real) ? WEXITSTATUS(real) : 0,
                    .signal = WIFSIGNALED(real) ? WTERMSIG(real) : 0,
                    .peak_memory_bytes = said.peak_memory_bytes};
        }
        // No report: it was killed with its sandbox, or the sandbox could not be made (the output
        // says why).
        if (WIFSIGNALED(wait_status)) return {.signal = WTERMSIG(wait_status)};
        if (killed || WEXITSTATUS(wait_status) == 128 + SIGKILL) return {.signal = SIGKILL};
        return {.code = WEXITSTATUS(wait_status)};
    }

    // Reading /proc takes longer than a short invocation, so one after the other shares a sample;
    // but the first invocation, which comes right after the start, has its own.
    std::int64_t sample_memory() {
        const auto now = std::chrono::steady_clock::now();
        if (early_samples == 0 && now < sample_next) return peak;
        if (early_samples > 0) --early_samples;
        sample_next = now + sample_interval;
        std::vector<pid_t> generation = {pid};
        for (int i = 0; i < depth; ++i) generation = descend(generation);
        std::int64_t sum = 0;
        for (int seen = 0; !generation.empty() && seen < processes_seen_max;) {
            for (pid_t one : generation) sum += high_water_bytes(one);
            seen += static_cast<int>(generation.size());
            generation = descend(generation);
        }
        return peak = std::max(peak, sum);
    }
    static std::vector<pid_t> descend(const std::vector<pid_t>& generation) {
        std::vector<pid_t> next;
        for (pid_t one : generation) {
            for (pid_t child : children_of(one)) next.push_back(child);
        }
        return next;
    }

    static constexpr int drain_rounds_max = 1024;  // 64 MiB
    static constexpr int processes_seen_max = 256;
    static constexpr auto sample_interval = std::chrono::milliseconds(100);
    pid_t pid;
    int depth;
    Children& children;
    Watched<Child> output;
    Watched<Child> pidfd;
    Descriptor report;
    std::function<void(BytesView)> on_output;
    machine::Signal ended;
    std::optional<ExitStatus> status;
    std::int64_t peak = 0;
    std::chrono::steady_clock::time_point sample_next;
    int early_samples = 2;
    bool killed = false;
    bool forsaken = false;  // nobody wants the output any more
};

Task<ExitStatus> wait_for(std::shared_ptr<Child> child) {
    while (!child->status) co_await child->ended.wait();
    co_return *child->status;
}

class HostProcess final : public machine::Process {
  public:
    explicit HostProcess(std::shared_ptr<Child> child) : child_(std::move(child)) {}
    ~HostProcess() override {
        child_->forsaken = true;
        child_->kill();
    }
    Task<ExitStatus> exited() override { return wait_for(child_); }
    void kill() override { child_->kill(); }
    void drain_output() override {
        const auto child = child_;  // on_output may destroy this Process
        child->take_output(Child::drain_rounds_max);
    }
    std::int64_t memory_bytes() const override {
        return child_->status ? child_->status->peak_memory_bytes : child_->sample_memory();
    }

  private:
    std::shared_ptr<Child> child_;
};

class HostProcesses final : public machine::Processes {
  public:
    HostProcesses(Reactor& reactor, machine::Executor& executor, Launcher& launcher,
                  std::string python)
        : reactor_(reactor),
          executor_(executor),
          launcher_(launcher),
          interpreters_(std::make_shared<Interpreters>(std::move(python))) {}

    Result<std::unique_ptr<machine::Process>> spawn(SpawnRequest request) override {
        MILL_TRY(Launched launched, launcher_.launch(request));
        auto child =
            std::make_shared<Child>(reactor_, executor_, children_, std::move(launched), request);
        MILL_CHECK(child->start());
        return std::make_unique<HostProcess>(std::move(child));
    }
    Task<Result<machine::Program>> find_interpreter(std::string name,
                                                    std::string version) override {
        auto found = std::make_shared<Result<machine::Program>>();
        co_await machine::offload(
            executor_,
            [found, interpreters = interpreters_, name = std::move(name),
             version = std::move(version)] { *found = interpreters->find(name, version); });
        co_return std::move(*found);
    }
    std::string isolation() const override {
        const auto level = launcher_.level();
        return level ? describe(*level) : level.error().message;
    }

  private:
    Reactor& reactor_;
    machine::Executor& executor_;
    Launcher& launcher_;
    std::shared_ptr<Interpreters> interpreters_;  // outlives who waits for it
    Children children_;                           // those that run
};

}  // namespace

std::unique_ptr<machine::Processes> make_processes(Reactor& reactor, machine::Executor& executor,
                                                   Launcher& launcher, std::string python) {
    return std::make_unique<HostProcesses>(reactor, executor, launcher, std::move(python));
}

}  // namespace mill::posix
