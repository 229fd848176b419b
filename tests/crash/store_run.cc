// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/store_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <thread>
#include <utility>

#include "tests/crash/verdict.h"

namespace mill::crash {
namespace {

constexpr int writers = 4;
constexpr int streams = 2;  // of four shards each
constexpr int shards_per_stream = 4;
constexpr int consumed_shards = 2;
constexpr std::size_t record_bytes_max = 1024 * 1024;
constexpr std::size_t consumed_bytes_max = 2048;
constexpr double work_ms_max = 120;
constexpr double short_work_ms_max = 20;
constexpr int cycles_between_drains = 10;
constexpr std::size_t stream_bytes_max = 300'000'000;  // then it is deleted, and another one made
constexpr int cycles_between_streams = 12;

double now_ms() {
    return Milliseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Each body in a thread of its own, and `meanwhile` in this one. Throws the first failure.
void run_all(const std::vector<std::function<void()>>& bodies,
             const std::function<void()>& meanwhile) {
    std::vector<std::string> failures(bodies.size());
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < bodies.size(); ++i) {
        threads.emplace_back([&, i] {
            try {
                bodies[i]();
            } catch (const std::exception& failure) {
                failures[i] = failure.what();
            }
        });
    }
    meanwhile();
    threads.clear();
    for (const std::string& failure : failures) {
        if (!failure.empty()) give_up(failure);
    }
}

}  // namespace

void Figures::add(const Figures& other) {
    kills += other.kills;
    kills_at_start += other.kills_at_start;
    kills_at_end += other.kills_at_end;
    records += other.records;
    bytes += other.bytes;
    in_doubt += other.in_doubt;
    in_doubt_kept += other.in_doubt_kept;
    delivered += other.delivered;
    repeated += other.repeated;
    streams_made += other.streams_made;
    streams_deleted += other.streams_deleted;
    ready_ms_sum += other.ready_ms_sum;
    ready_ms_max = std::max(ready_ms_max, other.ready_ms_max);
}

std::string text_of(const Figures& f) {
    return fmt::format(
        "{} kills while clients worked, {} more at start, {} more at the end; {} records ({} MB) "
        "acknowledged and there, {} in doubt of which {} there; {} delivered, {} again; {} streams "
        "made and {} deleted meanwhile; ready after {:.0f} ms, at most {:.0f} ms",
        f.kills, f.kills_at_start, f.kills_at_end, f.records, f.bytes / 1'000'000, f.in_doubt,
        f.in_doubt_kept, f.delivered, f.repeated, f.streams_made, f.streams_deleted,
        f.ready_ms_sum / std::max(f.kills, 1), f.ready_ms_max);
}

StoreRun::StoreRun(Plan plan)
    : plan_(std::move(plan)),
      random_(plan_.seed),
      data_(plan_.directory + "/data"),
      journal_((std::filesystem::create_directories(plan_.directory), plan_.directory) +
               "/journal"),
      server_(plan_.millrace, plan_.directory + "/log"),
      pipeline_(plan_.consumer),
      maker_(random_()) {}

Figures StoreRun::run() {
    set_up();
    while (number_ < plan_.cycles) cycle();
    for (Stream& stream : streams_) read_all_again(stream);
    read_all_again(consumed_);
    require(pipeline_.drain(consumed_.shards));
    server_.ask_to_end();
    if (const int status = server_.wait(); status != 0)
        give_up(fmt::format("asked to end, it ends with status {}", status));
    figures_.delivered = pipeline_.delivered();
    figures_.repeated = pipeline_.repeated();
    figures_.streams_made += maker_.made();
    figures_.streams_deleted += maker_.deleted();
    std::filesystem::remove_all(plan_.directory);
    return figures_;
}

void StoreRun::require(const std::vector<std::string>& violations) {
    if (violations.empty()) return;
    std::string text = fmt::format("cycle {} of seed {}:", number_, plan_.seed);
    for (std::size_t i = 0; i < std::min<std::size_t>(violations.size(), 10); ++i)
        text += "\n  " + violations[i];
    give_up(fmt::format("{}\n  ({} violations; {})", text, violations.size(), plan_.directory));
}

void StoreRun::pause(double ms_max) {
    const double part = static_cast<double>(random(1'000'000)) / 1'000'000;
    std::this_thread::sleep_for(Milliseconds(part * ms_max));
}

StoreRun::Stream StoreRun::make_stream(std::string name, int shards) {
    Connection server(port_);
    if (const auto answer = create_stream(server, name, shards); !answer || *answer != "200")
        give_up("CreateStream: " + answer.value_or("the server went away"));
    await_active(server, name);
    Stream stream{.name = std::move(name)};
    for (std::string& id : shard_ids(server, stream.name)) stream.shards[std::move(id)];
    ++figures_.streams_made;
    return stream;
}

// The store's very first starts do not come to their end.
void StoreRun::set_up() {
    kill_at_start(static_cast<int>(1 + random(3)));
    restart();
    figures_.ready_ms_sum = 0;
    figures_.ready_ms_max = 0;
    for (int i = 0; i < streams; ++i)
        streams_.push_back(
            make_stream(fmt::format("stream-{}", ++streams_made_), shards_per_stream));
    consumed_ = make_stream(Pipeline::stream, consumed_shards);
    Connection server(port_);
    pipeline_.set_up(server);
}

// Leaves the machine to others: benchmarks.
void StoreRun::wait_while_paused() const {
    while (!plan_.pause_file.empty() && std::filesystem::exists(plan_.pause_file))
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
}

void StoreRun::cycle() {
    wait_while_paused();
    ++number_;
    Work work = next_work();
    const bool ends_by_itself = random(10) == 0;
    let_work(work, ends_by_itself);
    if (random(3) == 0) kill_at_start(static_cast<int>(1 + random(3)));
    restart();
    judge(work, ends_by_itself);
    if (number_ % cycles_between_drains == 0) require(pipeline_.drain(consumed_.shards));
    if (number_ % cycles_between_streams == 0 || streams_.front().bytes > stream_bytes_max)
        replace_oldest();
}

StoreRun::Work StoreRun::next_work() {
    Work work;
    std::vector<std::string> names;
    for (const Stream& stream : streams_) names.push_back(stream.name);
    for (int i = 0; i < writers; ++i)
        work.writers.emplace_back(fmt::format("c{}w{}", number_, i), names, record_bytes_max,
                                  random_());
    work.writers.emplace_back(fmt::format("c{}p", number_), std::vector{consumed_.name},
                              consumed_bytes_max, random_());
    if (random(4) != 0) return work;
    std::vector<Reader::Place> places;
    for (const Stream& stream : streams_) {
        for (const auto& [shard, records] : stream.shards)
            places.push_back({.stream = stream.name,
                              .shard = shard,
                              .after = records.empty() ? "" : records.back().number});
    }
    work.readers.emplace_back(std::move(places), random_());
    return work;
}

// A server that ended before it was killed has crashed, unless it was asked to end.
void StoreRun::kill(bool may_have_ended) {
    const auto status = server_.kill();
    if (!status || (may_have_ended && *status == 0)) return;
    give_up(
        fmt::format("cycle {} of seed {}: the server ended by itself with status {}; see {}/log",
                    number_, plan_.seed, *status, plan_.directory));
}

void StoreRun::let_work(Work& work, bool ends_by_itself) {
    std::vector<std::function<void()>> bodies;
    for (Writer& writer : work.writers)
        bodies.emplace_back([this, &writer] { writer.run(port_, journal_); });
    if (!ends_by_itself) {
        for (Reader& reader : work.readers)
            bodies.emplace_back([this, &reader] { reader.run(port_); });
        bodies.emplace_back([this] { maker_.run(port_, journal_); });
    }
    run_all(bodies, [this, ends_by_itself] {
        pause(random(2) == 0 ? short_work_ms_max : work_ms_max);
        if (ends_by_itself) {
            server_.ask_to_end();
            pause(short_work_ms_max);
            ++figures_.kills_at_end;
        }
        kill(ends_by_itself);
        ++figures_.kills;
    });
}

void StoreRun::kill_at_start(int times) {
    for (; times > 0; --times) {
        server_.launch(data_);
        pause(start_ms_ * 1.2);
        kill(false);
        ++figures_.kills_at_start;
    }
}

void StoreRun::restart() {
    const double began = now_ms();
    server_.launch(data_);
    port_ = server_.wait_until_ready();
    if (port_ == 0)
        give_up(fmt::format("cycle {} of seed {}: the server does not start; see {}/log", number_,
                            plan_.seed, plan_.directory));
    const double took = now_ms() - began;
    start_ms_ = 0.8 * start_ms_ + 0.2 * std::min(took, 200.0);
    figures_.ready_ms_sum += took;
    figures_.ready_ms_max = std::max(figures_.ready_ms_max, took);
}

void StoreRun::judge(const Work& work, bool refusals_are_fine) {
    for (const Writer& writer : work.writers) {
        if (!refusals_are_fine) require(writer.refusals());
    }
    Connection server(port_);
    for (Stream& stream : streams_) judge_stream(server, stream, work);
    judge_stream(server, consumed_, work);
    require(pipeline_.judge(consumed_.shards));
    require(maker_.judge(port_));
}

void StoreRun::judge_stream(Connection& server, Stream& stream, const Work& work) {
    Puts puts;
    for (const Writer& writer : work.writers) {
        for (const Put& put : writer.puts()) {
            if (put.stream == stream.name) puts.emplace(put.key, &put);
        }
    }
    for (auto& [shard, known] : stream.shards) {
        Shard seen;
        for (const Reader& reader : work.readers) {
            for (const Reader::Place& place : reader.places()) {
                if (place.stream == stream.name && place.shard == shard) seen = place.seen;
            }
        }
        Shard fresh =
            read_shard(server, stream.name, shard, known.empty() ? "" : known.back().number);
        require(mill::crash::judge(stream.name + "/" + shard, shard, fresh, puts, seen));
        for (Found& found : fresh) {
            const Put& put = *puts.at(found.key);
            (put.acknowledged != 0 ? figures_.records : figures_.in_doubt_kept) += 1;
            figures_.in_doubt += put.acknowledged == 0 ? 1 : 0;
            figures_.bytes += put.bytes;
            stream.bytes += put.bytes;
            puts.erase(found.key);  // in another shard it would be one too many
            known.push_back(std::move(found));
        }
    }
    for (const auto& [key, put] : puts) figures_.in_doubt += put->acknowledged == 0 ? 1 : 0;
}

void StoreRun::read_all_again(Stream& stream) {
    Connection server(port_);
    for (const auto& [shard, known] : stream.shards)
        require(judge_again(stream.name + "/" + shard, known,
                            read_shard(server, stream.name, shard, "")));
}

void StoreRun::replace_oldest() {
    read_all_again(streams_.front());
    Connection server(port_);
    if (const auto answer = delete_stream(server, streams_.front().name);
        !answer || *answer != "200")
        give_up("DeleteStream: " + answer.value_or("the server went away"));
    ++figures_.streams_deleted;
    streams_.erase(streams_.begin());
    streams_.push_back(make_stream(fmt::format("stream-{}", ++streams_made_), shards_per_stream));
}

}  // namespace mill::crash
