// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/backup_while_writing.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "app/backup.h"

namespace mill::sim {
namespace {

using Moment = WritingHistory::Moment;

constexpr std::uint64_t puts_per_writer = 15;
constexpr int passing_streams = 3;
constexpr int markers = 3;
constexpr int marks_max = 5;  // of one marker beside one backup
constexpr std::size_t violations_max = 10;
constexpr const char* mark_prefix = "mark-";

// From one disk to another, as a user would carry it.
Result<void> carry(machine::Files& from, machine::Files& to, const std::string& path) {
    MILL_CHECK(to.make_directories(path));
    MILL_TRY(const auto entries, from.list(path));
    for (const machine::DirectoryEntry& entry : entries) {
        const std::string below = path + "/" + entry.name;
        if (entry.is_directory) {
            MILL_CHECK(carry(from, to, below));
            continue;
        }
        MILL_TRY(const Bytes bytes, machine::read_file(from, below));
        MILL_CHECK(machine::write_file_durably(to, below, bytes));
    }
    return {};
}

Task<Result<std::vector<std::string>>> read_marks(Client& client) {
    std::vector<std::string> names;
    wire::Value input = wire::Value::map();
    for (;;) {
        MILL_CO_TRY(const wire::Value answer,
                    co_await client.call("logs", "Logs_20140328.DescribeLogGroups", input));
        const wire::Value* groups = answer.find("logGroups");
        if (groups && groups->items()) {
            for (const wire::Value& group : *groups->items()) {
                std::string name = wire::text_of(group, "logGroupName");
                if (name.starts_with(mark_prefix)) names.push_back(std::move(name));
            }
        }
        input["nextToken"] = wire::text_of(answer, "nextToken");
        if (wire::text_of(answer, "nextToken").empty()) co_return names;
    }
}

// What a server tells that has just been started.
Task<Result<RestoredState>> read_all(World& world, std::string mapping) {
    RestoredState state;
    const std::string prefix = "lambda/checkpoint/" + mapping + "/";
    MILL_CO_TRY(const auto rows, world.table()->scan(prefix));
    for (const auto& row : rows) {
        std::uint64_t position = 0;
        std::from_chars(row.value.data(), row.value.data() + row.value.size(), position);
        state.checkpoints.push_back({row.key.substr(prefix.size()), position, 0});
    }
    // Streams that were on their way come to rest.
    Machine& m = world.machine().outside();
    co_await machine::sleep_until(m.timers, m.clock.now() + std::chrono::seconds(10));
    MILL_CO_TRY(state.marks, co_await read_marks(world.client()));
    MILL_CO_TRY(const auto names, co_await world.client().stream_names());
    for (const std::string& name : names) {
        MILL_CO_TRY(state.records[name], co_await world.client().records(name));
    }
    for (RestoredState::Checkpoint& checkpoint : state.checkpoints) {
        checkpoint.records = static_cast<std::uint64_t>(std::ranges::count(
            state.records[Pipeline::stream_name], checkpoint.shard_id, &StoredRecord::shard_id));
    }
    // The pipeline judges its records itself.
    state.records.erase(Pipeline::stream_name);
    co_return state;
}

}  // namespace

Task<Result<void>> BackupWhileWriting::set_up() {
    MILL_CO_CHECK(co_await pipeline_.set_up());
    for (std::uint64_t n = 1 + random(2); n > 0; --n) {
        streams_.push_back("written-" + std::to_string(n));
        const auto shards = static_cast<std::int64_t>(1 + random(3));
        MILL_CO_CHECK(co_await world_.client().create_stream(streams_.back(), shards));
    }
    co_return Result<void>{};
}

void BackupWhileWriting::start() {
    pipeline_.start();
    clients_left_ = static_cast<int>(2 + random(3));
    for (int writer = clients_left_; writer > 0; --writer) scope_.spawn(write(writer));
    ++clients_left_;
    scope_.spawn(come_and_go());
    scope_.spawn(back_up());
}

Task<void> BackupWhileWriting::sleep(std::uint64_t ms_max) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers,
                                m.clock.now() + std::chrono::milliseconds(random(ms_max)));
}

Task<Result<void>> BackupWhileWriting::put(std::string stream) {
    const std::size_t index = history_.puts.size();
    const std::string key = "k" + std::to_string(index);
    const Bytes data = key + Bytes(random(random(8) == 0 ? 60'000 : 300), '.');
    history_.puts.push_back({.stream = stream, .key = key, .data = data, .began = history_.tick()});
    MILL_CO_TRY(const PutAnswer answer, co_await world_.client().put(stream, key, data));
    WritingHistory::Put& noted = history_.puts[index];
    noted.acknowledged = history_.tick();
    noted.shard_id = answer.shard_id;
    noted.sequence_number = answer.sequence_number;
    co_return Result<void>{};
}

// Refusals are no_acked_loss's matter.
Task<void> BackupWhileWriting::write(int) {
    for (std::uint64_t puts = 0; puts < puts_per_writer; ++puts) {
        const auto done = co_await put(streams_[random(streams_.size())]);
        co_await sleep(done ? 200 : 600);
    }
    --clients_left_;
}

Task<void> BackupWhileWriting::come_and_go() {
    for (int n = 0; n < passing_streams; ++n) {
        const std::string name = "passing-" + std::to_string(n);
        if (co_await world_.client().create_stream(name, 1)) {
            for (std::uint64_t puts = 1 + random(4); puts > 0; --puts) {
                if (!co_await put(name)) break;
            }
        }
        co_await sleep(600);
        history_.deletions[name] = history_.tick();
        if (const auto deleted = co_await world_.client().delete_stream(name); !deleted)
            co_await sleep(600);
    }
    --clients_left_;
}

Task<Result<void>> BackupWhileWriting::mark() {
    const std::size_t index = history_.marks.size();
    const std::string name = mark_prefix + std::to_string(index);
    history_.marks.push_back({.name = name, .began = history_.tick()});
    wire::Value input = wire::Value::map();
    input["logGroupName"] = name;
    MILL_CO_CHECK(
        co_await world_.client().call("logs", "Logs_20140328.CreateLogGroup", std::move(input)));
    history_.marks[index].acknowledged = history_.tick();
    co_return Result<void>{};
}

Task<void> BackupWhileWriting::put_and_mark(std::size_t backup) {
    for (int n = 0; n < marks_max && backups_[backup].ended == 0; ++n) {
        if (!co_await put(streams_[random(streams_.size())])) break;
        if (!co_await mark()) break;
    }
}

Task<void> BackupWhileWriting::back_up() {
    for (;;) {
        co_await sleep(1200);
        const Conditions before = world_.conditions();
        const auto made = co_await back_up_once();
        const Conditions& after = world_.conditions();
        if (made || made.error().code.starts_with("net")) continue;
        if (after.disk_faults == 0 && after.starts == before.starts && after.clock_steps == 0)
            violations_.push_back("a backup was refused: " + made.error().message);
    }
}

Task<Result<void>> BackupWhileWriting::back_up_once() {
    const std::size_t index = backups_.size();
    backups_.push_back(
        {.directory = fmt::format("/var/backups/{}", index), .began = history_.tick(), .ended = 0});
    const std::string directory = backups_.back().directory;
    for (int n = 0; n < markers; ++n) scope_.spawn(put_and_mark(index));
    MILL_CO_CHECK(co_await world_.client().back_up(directory, World::root_key()));
    backups_[index].ended = history_.tick();
    co_return Result<void>{};
}

// In a world of its own, whose power fails as soon as it is done.
Result<RestoredState> BackupWhileWriting::restore(const BackupTaken& backup) {
    World other(backup.began);
    SimMachine& sim = other.machine();
    Machine& machine = sim.machine();
    MILL_CHECK(carry(world_.machine().outside().files, machine.files, backup.directory));
    MILL_CHECK(app::restore(machine, backup.directory, World::data_directory()));
    other.power_loss();
    MILL_CHECK(other.start());
    return sim.await(read_all(other, pipeline_.mapping()));
}

void BackupWhileWriting::judge_all() {
    machine::Files& files = world_.machine().outside().files;
    for (BackupTaken& backup : backups_) {
        const bool is_whole = files.exists(backup.directory + "/backup.json");
        if (!is_whole && backup.ended != 0)
            violations_.push_back(backup.directory + ": was made, and is gone");
        if (!is_whole) continue;
        if (backup.ended == 0) backup.ended = history_.tick();  // its answer got lost
        const auto restored = restore(backup);
        if (!restored) {
            violations_.push_back(backup.directory + ": " + restored.error().code + ": " +
                                  restored.error().message);
            continue;
        }
        for (std::string& violation : backup_violations(history_, backup, *restored))
            violations_.push_back(std::move(violation));
    }
}

Task<Result<void>> BackupWhileWriting::finish() {
    scope_.clear();
    MILL_CO_CHECK(co_await back_up_once());
    world_.crash();
    BackupTaken offline{.directory = "/var/backups/offline", .began = history_.tick(), .ended = 0};
    MILL_CO_CHECK(app::back_up_closed(world_.machine().outside(), World::data_directory(),
                                      offline.directory));
    offline.ended = history_.tick();
    backups_.push_back(offline);
    judge_all();
    co_return Result<void>{};
}

std::vector<std::string> BackupWhileWriting::violations() {
    violations_.resize(std::min(violations_.size(), violations_max));
    return violations_;
}

}  // namespace mill::sim
