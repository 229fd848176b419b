// SPDX-License-Identifier: Apache-2.0
#include "sim/world/workloads/no_acked_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace mill::sim {
namespace {

constexpr std::size_t record_bytes_max = 1024 * 1024;  // data and partition key
constexpr std::uint64_t puts_per_writer = 15;
constexpr std::size_t violations_max = 10;

std::string place_of(const std::string& stream, const std::string& shard,
                     const std::string& number) {
    return stream + " " + shard + " " + number;
}

// Kinesis orders numbers by their value; they have no leading zeros.
bool is_less(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// Fine refusals: nobody knows what became of the request, or the server could not.
bool is_expected(const std::string& code) {
    return code.starts_with("net.") || code == "net" || code == "InternalFailure";
}

}  // namespace

Bytes ledger_data(const std::string& key, std::size_t bytes) {
    std::uint32_t state = 2166136261;
    for (const char c : key) state = (state ^ static_cast<unsigned char>(c)) * 16777619;
    Bytes data(bytes, '\0');
    for (char& byte : data) {
        state = state * 1664525 + 1013904223;
        byte = static_cast<char>(state >> 24);
    }
    return data;
}

// The checker.
// ---------------------------------------------------------------------------------------------------------------------

namespace {

class LedgerChecker {
  public:
    explicit LedgerChecker(const Ledger& ledger) : ledger_(ledger) {
        for (const Ledger::Put& put : ledger.puts) puts_[put.key] = &put;
    }

    std::vector<std::string> violations() {
        check_what_is_left();
        check_acknowledged();
        check_seen();
        check_order();
        return std::move(violations_);
    }

  private:
    void broken(std::string what) {
        if (violations_.size() < violations_max) violations_.push_back(std::move(what));
    }

    void check_what_is_left() {
        std::string shard;
        std::string before;
        for (const auto& [stream, record] : ledger_.left) {
            const std::string here = stream + " " + record.shard_id;
            if (here == shard && !is_less(before, record.sequence_number))
                broken(
                    fmt::format("{}: {} is read after {}", here, record.sequence_number, before));
            shard = here;
            before = record.sequence_number;
            left_[place_of(stream, record.shard_id, record.sequence_number)] = record.partition_key;
            if (!keys_.insert(record.partition_key).second)
                broken(record.partition_key + ": stored twice");
            const auto put = puts_.find(record.partition_key);
            if (put == puts_.end() || put->second->stream != stream) {
                broken(record.partition_key + ": nobody has put it into " + stream);
            } else if (record.data != ledger_data(record.partition_key, put->second->bytes)) {
                broken(record.partition_key + ": its bytes have changed");
            }
        }
    }

    void check_acknowledged() {
        for (const Ledger::Put& put : ledger_.puts) {
            if (put.acknowledged == 0) continue;
            const auto found = left_.find(place_of(put.stream, put.shard_id, put.sequence_number));
            if (found == left_.end() || found->second != put.key)
                broken(fmt::format("{}: acknowledged in {} {} as {}, and lost", put.key, put.stream,
                                   put.shard_id, put.sequence_number));
        }
    }

    void check_seen() {
        for (const auto& [place, key] : ledger_.seen) {
            const auto found = left_.find(place);
            if (found == left_.end() || found->second != key)
                broken(key + ": was read as " + place + ", and is gone");
        }
    }

    // One that began after another was acknowledged lies behind it.
    void check_order() {
        std::map<std::string, std::vector<const Ledger::Put*>> shards;
        for (const Ledger::Put& put : ledger_.puts) {
            if (put.acknowledged != 0) shards[put.stream + " " + put.shard_id].push_back(&put);
        }
        for (auto& [shard, puts] : shards) {
            std::ranges::sort(puts, is_less, &Ledger::Put::sequence_number);
            check_order(shard, puts);
        }
    }
    void check_order(const std::string& shard, const std::vector<const Ledger::Put*>& puts) {
        std::uint64_t latest_begin = 0;  // of those with smaller numbers
        for (const Ledger::Put* put : puts) {
            if (put->acknowledged < latest_begin)
                broken(fmt::format("{}: {} lies behind one that began after it was acknowledged",
                                   shard, put->key));
            latest_begin = std::max(latest_begin, put->began);
        }
    }

    const Ledger& ledger_;
    std::map<std::string, const Ledger::Put*> puts_;
    std::map<std::string, std::string> left_;
    std::set<std::string> keys_;
    std::vector<std::string> violations_;
};

}  // namespace

std::vector<std::string> ledger_violations(const Ledger& ledger) {
    return LedgerChecker(ledger).violations();
}

// The clients.
// ---------------------------------------------------------------------------------------------------------------------

Task<Result<void>> NoAckedLoss::set_up() {
    const std::uint64_t streams = 1 + random(3);
    for (std::uint64_t n = 0; n < streams; ++n) {
        streams_.push_back("ledger-" + std::to_string(n));
        const auto shards = static_cast<std::int64_t>(1 + random(4));
        MILL_CO_CHECK(co_await world_.client().create_stream(streams_.back(), shards));
        MILL_CO_TRY(shards_[streams_.back()], co_await world_.client().shard_ids(streams_.back()));
    }
    co_return Result<void>{};
}

void NoAckedLoss::start() {
    writers_left_ = static_cast<int>(2 + random(4));
    for (int writer = writers_left_; writer > 0; --writer) scope_.spawn(write(writer));
    scope_.spawn(read());
}

Task<void> NoAckedLoss::sleep(std::uint64_t ms_max) {
    Machine& m = world_.machine().outside();
    return machine::sleep_until(m.timers,
                                m.clock.now() + std::chrono::milliseconds(random(ms_max)));
}

std::size_t NoAckedLoss::begin(int writer, const std::string& stream, std::size_t bytes_max) {
    const std::string key = fmt::format("w{}-{}", writer, ++number_);
    ledger_.puts.push_back({.stream = stream,
                            .key = key,
                            .bytes = std::min(bytes_max, record_bytes_max - key.size()),
                            .began = ledger_.tick()});
    return ledger_.puts.size() - 1;
}

void NoAckedLoss::acknowledge(std::size_t put, const PutAnswer& answer) {
    Ledger::Put& noted = ledger_.puts[put];
    noted.acknowledged = ledger_.tick();
    noted.shard_id = answer.shard_id;
    noted.sequence_number = answer.sequence_number;
}

void NoAckedLoss::note_refusal(const std::string& what, const Error& error) {
    if (is_expected(error.code)) return;
    refusals_.push_back(what + " was refused with " + error.code + ": " + error.message);
}

Task<void> NoAckedLoss::write(int writer) {
    for (std::uint64_t puts = 0; puts < puts_per_writer; ++puts) {
        if (random(3) == 0) {
            co_await put_some(writer);
        } else {
            co_await put_one(writer);
        }
        co_await sleep(400);
    }
    --writers_left_;
}

Task<void> NoAckedLoss::put_one(int writer) {
    const std::uint64_t size = random(50);
    const std::size_t bytes = size == 0   ? record_bytes_max
                              : size == 1 ? 1
                              : size < 5  ? 1 + random(64 * 1024)
                                          : 1 + random(300);
    const std::string stream = any_stream();
    const std::size_t put = begin(writer, stream, bytes);
    const std::string key = ledger_.puts[put].key;
    const auto answer =
        co_await world_.client().put(stream, key, ledger_data(key, ledger_.puts[put].bytes));
    if (answer) acknowledge(put, *answer);
    if (!answer) note_refusal("PutRecord", answer.error());
}

Task<void> NoAckedLoss::put_some(int writer) {
    const std::string stream = any_stream();
    std::vector<std::size_t> puts;
    std::vector<KeyedRecord> records;
    for (std::uint64_t left = 1 + random(random(10) == 0 ? 100 : 10); left > 0; --left) {
        puts.push_back(begin(writer, stream, 1 + random(random(10) == 0 ? 20'000 : 300)));
        const Ledger::Put& put = ledger_.puts[puts.back()];
        records.push_back({.partition_key = put.key, .data = ledger_data(put.key, put.bytes)});
    }
    const auto answer = co_await world_.client().put_all(stream, std::move(records));
    if (!answer) {
        note_refusal("PutRecords", answer.error());
        co_return;
    }
    for (std::size_t n = 0; n < puts.size() && n < answer->size(); ++n) {
        if ((*answer)[n]) acknowledge(puts[n], *(*answer)[n]);
    }
}

// Reading goes on while writing fails.
Task<void> NoAckedLoss::read() {
    for (;;) {
        co_await sleep(1000);
        const std::string stream = any_stream();
        const auto& shards = shards_[stream];
        const std::string shard = shards[random(shards.size())];
        const Conditions before = world_.conditions();
        const auto records = co_await world_.client().shard_records(stream, shard);
        const Conditions& after = world_.conditions();
        if (records) {
            for (const StoredRecord& record : *records)
                ledger_.seen[place_of(stream, shard, record.sequence_number)] =
                    record.partition_key;
        } else if (!is_expected(records.error().code)) {
            note_refusal("reading", records.error());
        } else if (records.error().code == "InternalFailure" && !before.reads_fail &&
                   before.read_faults == after.read_faults) {
            refusals_.push_back("reading failed though the disk can read: " +
                                records.error().message);
        }
    }
}

Task<Result<void>> NoAckedLoss::check_writable(std::string stream) {
    for (int n = 0; n < 3; ++n) {
        const std::size_t put = begin(0, stream, 1 + random(300));
        const std::string key = ledger_.puts[put].key;
        MILL_CO_TRY(
            const PutAnswer answer,
            co_await world_.client().put(stream, key, ledger_data(key, ledger_.puts[put].bytes)));
        acknowledge(put, answer);
    }
    co_return Result<void>{};
}

Task<Result<void>> NoAckedLoss::finish() {
    scope_.clear();
    for (const std::string& stream : streams_) {
        MILL_CO_CHECK(co_await check_writable(stream));
        MILL_CO_TRY(auto records, co_await world_.client().records(stream));
        for (StoredRecord& record : records) ledger_.left.push_back({stream, std::move(record)});
    }
    co_return Result<void>{};
}

std::vector<std::string> NoAckedLoss::violations() {
    std::vector<std::string> all = ledger_violations(ledger_);
    all.insert(all.end(), refusals_.begin(), refusals_.end());
    all.resize(std::min(all.size(), violations_max));
    return all;
}

}  // namespace mill::sim
