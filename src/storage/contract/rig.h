// SPDX-License-Identifier: Apache-2.0
// What the contract suites run on: an engine on a simulated machine that can be restarted and lose
// power. An engine's test includes the suites that concern it and instantiates them with its
// Subject.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/machine/sim_machine.h"
#include "storage/contract/power_switch.h"
#include "storage/stream_log.h"

namespace mill::storage::contract {

// The engine under test. `open` may leave logs or table empty: then only the other suite applies.
struct Subject {
    std::string name;
    std::function<Result<Engine>(Machine&)> open;
};

inline constexpr const char* data_directory = "/data";

class Rig {
  public:
    explicit Rig(Subject subject, sim::Seed seed = 1)
        : subject_(std::move(subject)), sim_(seed), power_(sim_.machine().files) {
        machine::Files& files = sim_.machine().files;
        MILL_ASSERT(files.make_directories(data_directory) && files.sync_directory("/"));
    }

    Result<void> try_open() {
        MILL_TRY(engine_, subject_.open(machine_));
        return {};
    }
    void open() {
        const auto opened = try_open();
        ASSERT_TRUE(opened) << opened.error().code << ": " << opened.error().message;
    }
    // The program ends without a goodbye; files stay as they were written.
    void kill() {
        sim_.kill_software();
        forget();
    }
    // As kill, and the disk keeps only what was synced.
    void lose_power() {
        sim_.power_loss();
        forget();
        power_.switch_on();
    }
    void restart() {
        kill();
        open();
    }

    StreamLog& log(const std::string& name) {
        auto opened = engine_.logs->open_log(name);
        MILL_ASSERT(opened);
        return **opened;
    }
    LogStore& logs() { return *engine_.logs; }
    Table& table() { return *engine_.table; }
    sim::SimMachine& sim() { return sim_; }
    PowerSwitch& power() { return power_; }
    machine::Files& files() { return sim_.machine().files; }
    // Tasks of the server's side; they end with it.
    Scope& tasks() { return tasks_; }
    template <class T>
    T await(Task<T> task) {
        return sim_.await(std::move(task));
    }

  private:
    void forget() {
        tasks_.clear();
        engine_ = {};
    }

    Subject subject_;
    sim::SimMachine sim_;
    PowerSwitch power_;
    Machine machine_{sim_.machine().clock,
                     sim_.machine().timers,
                     sim_.machine().executor,
                     sim_.machine().entropy,
                     power_,
                     sim_.machine().network,
                     sim_.machine().processes,
                     Log()};
    Engine engine_;
    Scope tasks_;
};

inline void PrintTo(const Subject& subject, std::ostream* out) { *out << subject.name; }
inline std::string subject_name(const testing::TestParamInfo<Subject>& info) {
    return info.param.name;
}

// For EXPECT_TRUE(succeeded(result)).
template <class T>
testing::AssertionResult succeeded(const Result<T>& result) {
    if (result) return testing::AssertionSuccess();
    return testing::AssertionFailure() << result.error().code << ": " << result.error().message;
}
template <class T>
std::string code_of(const Result<T>& result) {
    return result ? "" : result.error().code;
}

// Flips one bit of one file of the data directory, deep in it as the seed picks, while the software
// is down. Returns a description of the place.
inline std::string flip_a_bit(Rig& rig) {
    machine::Files& files = rig.files();
    std::vector<std::string> paths;
    for (std::vector<std::string> todo = {data_directory}; !todo.empty();) {
        const std::string directory = todo.back();
        todo.pop_back();
        const auto entries = files.list(directory);
        MILL_ASSERT(entries);
        for (const auto& entry : *entries)
            (entry.is_directory ? todo : paths).push_back(directory + "/" + entry.name);
    }
    const std::string path = paths[rig.sim().random(paths.size())];
    auto file = files.open(path, machine::Open::write);
    const std::uint64_t size = (*file)->size().value();
    if (size == 0) return path + " is empty";
    const std::uint64_t at = rig.sim().random(size);
    char byte = 0;
    MILL_ASSERT((*file)->read_at(at, &byte, 1));
    byte = static_cast<char>(byte ^ 1 << rig.sim().random(8));
    MILL_ASSERT((*file)->write_at(at, BytesView(&byte, 1)) && (*file)->sync());
    return path + " byte " + std::to_string(at);
}

}  // namespace mill::storage::contract
