// SPDX-License-Identifier: Apache-2.0
#include "sim/machine/sim_processes.h"

#include <algorithm>
#include <utility>

namespace mill::sim {

using machine::ExitStatus;
using machine::Process;
using machine::SpawnRequest;

namespace {

constexpr std::int64_t memory_of_any_process = 32 * 1024 * 1024;

}  // namespace

// Lives as long as its handle or somebody who awaits its end.
class ProcessState : public std::enable_shared_from_this<ProcessState> {
  public:
    ProcessState(Machine& machine, Core& core, Side side, SpawnRequest request)
        : machine_(machine),
          core_(core),
          side_(side),
          on_output_(std::move(request.on_output)),
          ended_(machine.executor) {
        context_environment_ = std::move(request.environment);
    }

    void start(std::shared_ptr<Script> script) {
        const Duration delay =
            core_.delays.delay(std::chrono::milliseconds(1), std::chrono::milliseconds(100));
        core_.after(side_, JobKind::process, delay,
                    [weak = weak_from_this(), script = std::move(script)] {
                        const auto self = weak.lock();
                        if (self && !self->status_) self->scope_.spawn(run(*self, script));
                    });
    }
    void end(ExitStatus status, bool silently) {
        if (status_) return;
        status.peak_memory_bytes = memory_of_any_process;
        status_ = status;
        if (silently) on_output_ = nullptr;
        if (!silently) ended_.notify_all();
    }
    // Not from within the script.
    void kill(ExitStatus status, bool silently) {
        if (status_) return;
        scope_.clear();
        end(status, silently);
    }
    void forget_output() { on_output_ = nullptr; }
    void drain_output() {
        const std::string text = std::exchange(output_, {});
        if (!text.empty() && on_output_) on_output_(text);
    }
    static Task<ExitStatus> exited(std::shared_ptr<ProcessState> self) {
        while (!self->status_) co_await self->ended_.wait();
        co_return *self->status_;
    }

  private:
    static Task<void> run(ProcessState& self, std::shared_ptr<Script> script) {
        ScriptContext context{.machine = self.machine_, .environment = self.context_environment_};
        for (const auto& [name, value] : context.environment) {
            if (name == "AWS_LAMBDA_RUNTIME_API") context.runtime_api = value;
        }
        context.print = [weak = self.weak_from_this()](std::string_view text) {
            if (const auto alive = weak.lock()) alive->print(text);
        };
        const ExitStatus status = co_await (*script)(std::move(context));
        self.end(status, false);
    }
    void print(std::string_view text) {
        const bool scheduled = !output_.empty();
        output_ += text;
        if (scheduled || text.empty()) return;
        core_.post(side_, JobKind::process, [weak = weak_from_this()] {
            if (const auto alive = weak.lock()) alive->drain_output();
        });
    }

    Machine& machine_;
    Core& core_;
    Side side_;
    std::vector<std::pair<std::string, std::string>> context_environment_;
    std::function<void(BytesView)> on_output_;
    std::string output_;
    std::optional<ExitStatus> status_;
    machine::Signal ended_;
    Scope scope_;
};

namespace {

class SimProcess final : public Process {
  public:
    explicit SimProcess(std::shared_ptr<ProcessState> state) : state_(std::move(state)) {}
    ~SimProcess() override {
        state_->forget_output();
        kill();
    }
    Task<ExitStatus> exited() override { return ProcessState::exited(state_); }
    void kill() override { state_->kill({.signal = 9}, false); }
    void drain_output() override { state_->drain_output(); }
    std::int64_t memory_bytes() const override { return memory_of_any_process; }

  private:
    std::shared_ptr<ProcessState> state_;
};

bool names(const SpawnRequest& request, const std::string& key) {
    const auto contains = [&key](const std::string& text) {
        return text.find(key) != std::string::npos;
    };
    return std::ranges::any_of(request.argv, contains) ||
           std::ranges::any_of(request.sandbox.mounts, contains, &machine::Sandbox::Mount::from) ||
           std::ranges::any_of(request.environment, contains,
                               [](const auto& entry) { return entry.second; });
}

}  // namespace

void ProcessTable::end_all(ExitStatus status, bool silently) {
    for (const auto& weak : std::exchange(running, {})) {
        if (const auto process = weak.lock()) process->kill(status, silently);
    }
}

Result<std::unique_ptr<Process>> SimProcesses::spawn(SpawnRequest request) {
    const auto found = std::ranges::find_if(
        table_->scripts, [&](const auto& registered) { return names(request, registered.key); });
    if (found == table_->scripts.end()) {
        const std::string program = request.argv.empty() ? "(nothing)" : request.argv.front();
        return fail("process.spawn", program + ": no script is registered for it");
    }
    auto state = std::make_shared<ProcessState>(*machine_, core_, side_, std::move(request));
    std::erase_if(table_->running, [](const auto& weak) { return weak.expired(); });
    table_->running.push_back(state);
    state->start(found->script);
    return std::make_unique<SimProcess>(std::move(state));
}

Task<Result<machine::Program>> SimProcesses::find_interpreter(std::string name, std::string) {
    co_await machine::offload(machine_->executor, [] {});  // as long as that may take
    if (name != "python3") co_return fail("process.no_program", name + ": not on this machine");
    co_return machine::Program{"/usr/bin/python3", "3.13"};
}

}  // namespace mill::sim
