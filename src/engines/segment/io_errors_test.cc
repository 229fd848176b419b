// SPDX-License-Identifier: Apache-2.0
// An error at the n-th call of every kind, for every n, over a scripted workload: appends fail or
// hold, reads go on, a segment whose write or sync failed is written no more, and all goes on by
// itself when the error is over. What was shown after a restart stays through a power loss.
#include <set>

#include "engines/segment/segment.h"
#include "storage/contract/rig.h"
#include "storage/record_batch.h"

namespace mill::storage::contract {
namespace {

// Rolls, indexes, cleaning and recycling all happen within the script.
constexpr segment::Options options{
    .segment_bytes = 8 * 1024, .cache_bytes = 0, .index_cache_bytes = 0, .clean_kept_percent = 50};
constexpr const char* changing[] = {"write",  "sync",           "truncate", "rename",
                                    "remove", "sync_directory", "open",     "size"};
constexpr const char* all[] = {"write",          "sync", "truncate", "rename", "remove",
                               "sync_directory", "open", "read",     "size"};
constexpr int appends = 60;

// Never full within the script, so that room is made ahead of commits.
segment::Options with_large_segments() {
    segment::Options large = options;
    large.segment_bytes = 4 * 1024 * 1024;
    return large;
}

Subject subject(segment::Options with) {
    return {.name = "segment", .open = [with](Machine& machine) -> Result<Engine> {
                MILL_TRY(auto logs,
                         segment::open_store(machine, std::string(data_directory) + "/log", with));
                return Engine{.logs = std::move(logs)};
            }};
}

bool concerns_reads(const std::string& operation) {
    return operation == "open" || operation == "read" || operation == "size";
}

class Script {
  public:
    explicit Script(sim::Seed seed = 1, segment::Options with = options)
        : rig(subject(with), seed) {
        rig.open();
    }

    // `reads_hold`: what fails is no reading.
    void run(bool reads_hold) {
        for (int i = 0; i < appends; ++i) {
            append(i % 4 == 3 ? "trimmed" : i % 2 ? "a" : "b");
            if (i % 5 == 4) read_something(reads_hold);
            if (i % 12 == 11) trim();
            if (i == 30) std::ignore = rig.await(rig.logs().drop_log("dropped"));
            rig.sim().run_for(std::chrono::milliseconds(40));
        }
    }

    // The error is over: every log takes more, without a restart.
    void expect_going_on() {
        for (const char* name : {"a", "b", "trimmed"}) {
            append(name);
            EXPECT_TRUE(last_succeeded_) << name << " does not go on: " << last_error_;
        }
    }

    // Everything acknowledged is there, nothing that failed is; what was seen once stays.
    void verify() {
        for (const char* name : {"a", "b", "trimmed"}) {
            SCOPED_TRACE(name);
            const Bounds bounds = rig.log(name).bounds();
            std::map<Offset, Bytes> seen;
            for (Offset at = bounds.first; at < bounds.next;) {
                const auto batches = rig.await(rig.log(name).read(at, {}));
                ASSERT_TRUE(succeeded(batches));
                ASSERT_FALSE(batches->empty());
                for (const StoredBatch& batch : *batches) seen[batch.base] = *batch.payload;
                at = batches->back().end();
            }
            for (const auto& [base, payload] : kept_[name]) {
                if (base < bounds.first) {
                    EXPECT_LT(base, trim_asked_) << base << " is lost";
                } else {
                    EXPECT_EQ(seen[base], payload) << base << " is lost";
                }
            }
            for (const auto& [base, payload] : seen)
                EXPECT_FALSE(failed_.contains(payload)) << base << " had failed";
            kept_[name] = std::move(seen);
        }
    }

    void verify_after_restarts() {
        verify();
        rig.kill();
        rig.open();
        verify();
        rig.lose_power();
        rig.open();
        verify();
    }

    void expect_no_failed_file_written() {
        for (const std::string& path : rig.sim().written_after_failure())
            EXPECT_FALSE(path.ends_with(".segment") || path.ends_with(".free")) << path;
    }

    Rig rig;

  private:
    void append(const std::string& name) {
        BatchBuilder builder;
        builder.add(from_epoch_ms(count_), std::to_string(count_),
                    Bytes(count_ % 7 == 0 ? 2500 : 600, 'd'));
        ++count_;
        Batch batch = builder.take();
        const Bytes payload = batch.payload;
        const auto base = rig.await(rig.log(name).append(std::move(batch)));
        last_succeeded_ = base.has_value();
        if (base) {
            kept_[name][*base] = payload;
            return;
        }
        last_error_ = base.error().code + ": " + base.error().message;
        EXPECT_TRUE(base.error().code.starts_with("io") || base.error().code == "storage.stopped")
            << last_error_;
        if (base.error().code != "storage.stopped") failed_.insert(payload);
    }

    void read_something(bool reads_hold) {
        for (const char* name : {"a", "b"}) {
            if (kept_[name].empty()) continue;
            auto place = kept_[name].begin();
            std::advance(place, rig.sim().random(kept_[name].size()));
            const auto batches = rig.await(rig.log(name).read(place->first, {.records = 1}));
            if (reads_hold) EXPECT_TRUE(succeeded(batches));
            if (batches) EXPECT_EQ(*batches->front().payload, place->second);
        }
    }

    void trim() {
        const Offset next = rig.log("trimmed").bounds().next;
        trim_asked_ = std::max(trim_asked_, next > 2 ? next - 2 : 0);
        std::ignore = rig.await(rig.log("trimmed").trim(trim_asked_));
    }

    int count_ = 0;
    bool last_succeeded_ = false;
    std::string last_error_;
    Offset trim_asked_ = 0;
    std::map<std::string, std::map<Offset, Bytes>> kept_;
    std::set<Bytes> failed_;
};

std::map<std::string, std::uint64_t> calls_of_a_good_run() {
    Script script;
    std::map<std::string, std::uint64_t> before;
    for (const std::string operation : all)
        before[operation] = script.rig.sim().file_calls(operation);
    script.run(true);
    script.verify_after_restarts();
    std::map<std::string, std::uint64_t> calls;
    for (const std::string operation : all)
        calls[operation] = script.rig.sim().file_calls(operation) - before[operation];
    return calls;
}

TEST(SegmentIoErrors, OneAtAnyCall) {
    const auto calls = calls_of_a_good_run();
    EXPECT_GT(calls.at("sync"), 60u);
    EXPECT_GT(calls.at("rename"), 10u);
    EXPECT_GT(calls.at("remove"), 1u);
    for (const std::string operation : all) {
        for (const char* code : {"io", "io.no_space"}) {
            for (std::uint64_t n = 0; n < calls.at(operation); ++n) {
                SCOPED_TRACE(operation + " " + std::to_string(n) + " " + code);
                Script script(1 + n);
                script.rig.sim().inject_file_error(operation, n, code);
                script.run(!concerns_reads(operation));
                script.rig.sim().heal_disk();
                script.expect_going_on();
                script.expect_no_failed_file_written();
                script.verify_after_restarts();
                if (testing::Test::HasFailure()) return;
            }
        }
    }
}

TEST(SegmentIoErrors, OneWhileRoomIsMadeAhead) {
    for (const std::string operation : {"write", "sync", "open"}) {
        for (std::uint64_t n = 0; n < 70; ++n) {
            SCOPED_TRACE(operation + " " + std::to_string(n));
            Script script(1 + n, with_large_segments());
            script.rig.sim().inject_file_error(operation, n, "io");
            script.run(!concerns_reads(operation));
            script.rig.sim().heal_disk();
            script.expect_going_on();
            script.expect_no_failed_file_written();
            script.verify_after_restarts();
            if (testing::Test::HasFailure()) return;
        }
    }
}

TEST(SegmentIoErrors, LastingFromAnyCallOn) {
    for (const std::string operation : changing) {
        for (std::uint64_t n = 0; n < 60; ++n) {
            SCOPED_TRACE(operation + " from " + std::to_string(n));
            Script script(1 + n);
            script.rig.sim().fail_disk(operation, n, n % 2 ? "io" : "io.no_space");
            script.run(!concerns_reads(operation));
            if (n % 3 == 0) {  // it ends while it fails, and finds a disk that is well
                script.rig.sim().heal_disk();
                script.rig.kill();
                script.rig.open();
            }
            script.rig.sim().heal_disk();
            script.expect_going_on();
            script.expect_no_failed_file_written();
            script.verify_after_restarts();
            if (testing::Test::HasFailure()) return;
        }
    }
}

TEST(SegmentIoErrors, FullDiskAtAnyFill) {
    int refused = 0;
    for (std::uint64_t room = 0; room < 900'000; room += room < 70'000 ? 1000 : 13'000) {
        SCOPED_TRACE("room " + std::to_string(room));
        Script script(1 + room);
        script.rig.sim().fill_disk(room);
        script.run(true);
        script.rig.sim().heal_disk();
        script.expect_going_on();
        script.expect_no_failed_file_written();
        script.verify_after_restarts();
        refused += script.rig.log("a").bounds().next < appends / 2;
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(refused, 50);
}

// A start that meets an error fails, or goes on; the next one finds everything.
TEST(SegmentIoErrors, WhileOpening) {
    const auto open_again = [](Script& script, const std::string& operation, std::uint64_t n) {
        script.rig.sim().inject_file_error(operation, n, "io");
        const auto opened = script.rig.try_open();
        if (!opened) EXPECT_EQ(opened.error().code, "io");
        script.rig.sim().run_for(std::chrono::seconds(2));
        script.rig.sim().heal_disk();
        if (opened) script.verify();
        script.rig.kill();
        script.rig.open();
        script.verify_after_restarts();
        return !opened;
    };
    for (const std::string operation :
         {"write", "sync", "truncate", "rename", "remove", "open", "sync_directory", "read", "size",
          "list", "make_directories"}) {
        int refused = 0;
        for (std::uint64_t n = 0; n < 40; ++n) {
            SCOPED_TRACE(operation + " " + std::to_string(n));
            Script script(1 + n);
            script.run(true);
            n % 2 ? script.rig.kill() : script.rig.lose_power();
            refused += open_again(script, operation, n);
            if (testing::Test::HasFailure()) return;
        }
        if (operation != "rename" && operation != "truncate" && operation != "remove")
            EXPECT_GT(refused, 0) << operation;
    }
}

// What a restart shows is durable, even if the sync of it had failed before.
TEST(SegmentIoErrors, WhatFailedAndIsFoundByARestartStays) {
    int found = 0;
    for (sim::Seed seed = 0; seed < 40; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Script script(seed);
        script.run(true);
        script.rig.sim().fail_disk("sync", 0, "io");
        const Offset before = script.rig.log("a").bounds().next;
        BatchBuilder builder;
        builder.add(from_epoch_ms(9000), "late", Bytes(700, 'l'));
        EXPECT_EQ(code_of(script.rig.await(script.rig.log("a").append(builder.take()))),
                  "storage.stopped");
        script.rig.sim().heal_disk();
        script.rig.kill();
        script.rig.open();
        found += script.rig.log("a").bounds().next > before;
        script.verify_after_restarts();
        if (testing::Test::HasFailure()) return;
    }
    EXPECT_GT(found, 3);
}

}  // namespace
}  // namespace mill::storage::contract
