// SPDX-License-Identifier: Apache-2.0
#include "tests/crash/clients.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

#include "tests/crash/verdict.h"

namespace mill::crash {
namespace {

constexpr std::size_t call_bytes_max = 3 * 1024 * 1024;
constexpr std::size_t call_records_max = 40;
constexpr std::size_t key_bytes_max = 64;
constexpr auto poll_pause = std::chrono::milliseconds(2);
constexpr int polls_max = 10'000;
constexpr auto reader_pause = std::chrono::milliseconds(3);

double fraction(Random& random) { return std::uniform_real_distribution<double>(0, 1)(random); }

}  // namespace

// As many of a few bytes as of any other order of magnitude; few are large.
std::size_t Writer::next_size(std::size_t most) {
    const std::size_t kind = random_() % 16;
    const std::size_t cap = std::min(most, kind < 3 ? most : kind < 8 ? 32'768UL : 512UL);
    const auto size = static_cast<std::size_t>(
        std::exp(fraction(random_) * std::log(static_cast<double>(cap) + 0.99)));
    return kind == 0 && random_() % 4 == 0 ? cap : std::max<std::size_t>(size, 1);
}

Put Writer::next_put(const std::string& stream, std::size_t most) {
    const std::size_t bytes = next_size(most);
    return {.stream = stream,
            .key = fmt::format("{}-{}-{}", name_, puts_.size(), bytes),
            .bytes = bytes};
}

std::vector<Put> Writer::next_call() {
    const std::string& stream = streams_[random_() % streams_.size()];
    const std::size_t records = random_() % 2 == 0 ? 1 : 1 + random_() % call_records_max;
    std::vector<Put> call;
    std::size_t left = call_bytes_max;
    while (call.size() < records && left > key_bytes_max) {
        Put put = next_put(stream, std::min(left, bytes_max_) - key_bytes_max);
        // Names follow the count of puts, so that they are never used twice.
        put.key = fmt::format("{}-{}-{}", name_, puts_.size() + call.size(), put.bytes);
        left -= std::min(left, put.bytes + key_bytes_max);
        call.push_back(std::move(put));
    }
    return call;
}

void Writer::run(std::uint16_t port, Journal& journal) {
    Connection server(port);
    while (true) {
        std::vector<Put> call = next_call();
        const std::uint64_t began = journal.tick();
        for (Put& put : call) put.began = began;
        const auto answers =
            call.size() == 1 ? put_record(server, call.front()) : put_records(server, call);
        if (answers) note(call, *answers, journal);
        std::move(call.begin(), call.end(), std::back_inserter(puts_));
        if (!answers || !refusals_.empty()) return;
    }
}

void Writer::note(std::vector<Put>& call, const std::vector<PutAnswer>& answers, Journal& journal) {
    std::string lines;
    const std::uint64_t now = journal.tick();
    for (std::size_t i = 0; i < call.size(); ++i) {
        if (!answers[i].error.empty()) {
            refusals_.push_back(call[i].key + ": " + answers[i].error);
            continue;
        }
        call[i].acknowledged = now;
        call[i].shard = answers[i].shard;
        call[i].number = answers[i].number;
        lines += fmt::format("{} {} {} {}\n", call[i].stream, call[i].shard, call[i].number,
                             call[i].key);
    }
    journal.write(lines);
}

void Reader::run(std::uint16_t port) {
    Connection server(port);
    while (true) {
        Place& place = places_[random_() % places_.size()];
        const std::string& after = place.seen.empty() ? place.after : place.seen.back().number;
        auto page = read_page(server, place.stream, place.shard, after);
        if (!page) return;
        std::move(page->begin(), page->end(), std::back_inserter(place.seen));
        std::this_thread::sleep_for(reader_pause);
    }
}

void StreamMaker::run(std::uint16_t port, Journal& journal) {
    Connection server(port);
    while (refusals_.empty() && step(server, streams_[random_() % streams_.size()], journal)) {
    }
}

// False: the server is gone.
bool StreamMaker::step(Connection& server, Stream& stream, Journal& journal) {
    if (stream.belief == Belief::absent) return make(server, stream);
    if (stream.belief == Belief::present)
        return random_() % 3 == 0 ? remove(server, stream) : put(server, stream, journal);
    const auto status = stream_status(server, stream.name);
    if (!status) return false;
    if (status->empty()) {
        stream.belief = Belief::absent;
        ++deleted_;
    }
    std::this_thread::sleep_for(poll_pause);
    return true;
}

bool StreamMaker::make(Connection& server, Stream& stream) {
    ++stream.life;
    stream.puts.clear();
    stream.kept.clear();
    stream.belief = Belief::unknown;
    const auto answer = create_stream(server, stream.name, 1);
    if (!answer) return false;
    if (*answer != "200") refusals_.push_back(stream.name + ": create: " + *answer);
    stream.belief = Belief::present;
    ++made_;
    return true;
}

bool StreamMaker::put(Connection& server, Stream& stream, Journal& journal) {
    const auto status = stream_status(server, stream.name);
    if (!status) return false;
    if (*status == "CREATING") {
        std::this_thread::sleep_for(poll_pause);
        return true;
    }
    const Put put{.stream = stream.name,
                  .key = fmt::format("{}-{}-{}-10", stream.name, stream.life, ++number_),
                  .bytes = 10};
    stream.puts.insert(put.key);
    const auto answers = put_record(server, put);
    if (!answers) return false;
    if (!answers->front().error.empty()) {
        refusals_.push_back(put.key + ": " + answers->front().error);
        return true;
    }
    journal.write(fmt::format("{} {} {} {}\n", stream.name, answers->front().shard,
                              answers->front().number, put.key));
    stream.kept.insert(put.key);
    return true;
}

bool StreamMaker::remove(Connection& server, Stream& stream) {
    stream.belief = Belief::unknown;
    // Whether it has to go even if nobody answers is not known; if it stays, it stays whole.
    const auto answer = delete_stream(server, stream.name);
    if (!answer) return false;
    if (*answer != "200") refusals_.push_back(stream.name + ": delete: " + *answer);
    stream.kept.clear();
    stream.puts.clear();
    stream.belief = Belief::going;
    return true;
}

std::string StreamMaker::at_rest(Connection& server, const Stream& stream) {
    for (int n = 0; n < polls_max; ++n) {
        const auto status = stream_status(server, stream.name);
        if (!status) give_up("the server went away");
        if (status->empty() || *status == "ACTIVE") return *status;
        std::this_thread::sleep_for(poll_pause);
    }
    give_up(stream.name + " comes to no rest");
}

std::vector<std::string> StreamMaker::judge(std::uint16_t port) {
    std::vector<std::string> violations = std::exchange(refusals_, {});
    Connection server(port);
    for (Stream& stream : streams_) {
        const bool is_there = !at_rest(server, stream).empty();
        if (stream.belief == Belief::present && !is_there)
            violations.push_back(stream.name + " was acknowledged as made and is not there");
        if ((stream.belief == Belief::absent || stream.belief == Belief::going) && is_there)
            violations.push_back(stream.name + " was acknowledged as deleted and is there");
        if (is_there) judge_records(server, stream, violations);
        stream.belief = is_there ? Belief::present : Belief::absent;
    }
    return violations;
}

void StreamMaker::judge_records(Connection& server, Stream& stream,
                                std::vector<std::string>& violations) {
    std::set<std::string> found;
    for (const std::string& shard : shard_ids(server, stream.name)) {
        for (const Found& record : read_shard(server, stream.name, shard, "")) {
            if (!found.insert(record.key).second || !record.is_whole ||
                !stream.puts.contains(record.key))
                violations.push_back(stream.name + ": " + record.key + " is not its own");
        }
    }
    for (const std::string& key : stream.kept) {
        if (!found.contains(key))
            violations.push_back(stream.name + ": " + key + " was acknowledged and is lost");
    }
}

}  // namespace mill::crash
