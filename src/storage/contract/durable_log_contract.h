// SPDX-License-Identifier: Apache-2.0
// What a LogStore promises that outlives its process: acknowledged means kept, failed means gone,
// damage is named. Clients append and trim while the power goes, or operations fail; a model of
// what they were told is then compared with what is there. Include in one test file of an engine,
// and instantiate DurableLogContract with its Subject.
#pragma once

#include <map>
#include <tuple>

#include "storage/contract/rig.h"
#include "storage/record_batch.h"

namespace mill::storage::contract {

// What was told about one log.
struct LogModel {
    enum class Fate { unknown, kept, gone };
    struct Appended {
        Fate fate = Fate::unknown;
        std::optional<Offset> offset;  // once acknowledged
        std::uint32_t records = 0;
    };
    std::string name;
    std::vector<Appended> appends;  // in the order of their calls; a payload begins with its index
    Offset trim_requested = 0;
    Offset trimmed = 0;  // acknowledged
};

class DurableLogContract : public testing::TestWithParam<Subject> {
  protected:
    static constexpr int clients_per_log = 2;
    static constexpr int calls_per_client = 12;

    static constexpr std::uint64_t ordered_failures_within = 15;  // calls

    struct Run {
        Rig& rig;
        std::vector<LogModel>& logs;
        int running = 0;
    };

    static std::vector<LogModel> three_logs() {
        return {{.name = "a"}, {.name = "b"}, {.name = "c"}};
    }

    static Batch numbered_batch(Rig& rig, LogModel& model) {
        BatchBuilder builder;
        const auto records = static_cast<std::uint32_t>(rig.sim().random(3) + 1);
        // Mostly small, now and then many sectors.
        const std::size_t bytes =
            rig.sim().random(4) == 0 ? rig.sim().random(9000) : rig.sim().random(200);
        const auto arrival = from_epoch_ms(static_cast<std::int64_t>(model.appends.size()) * 10);
        for (std::uint32_t i = 0; i < records; ++i) {
            builder.add(arrival, std::to_string(model.appends.size()),
                        Bytes(bytes, static_cast<char>('a' + i)));
        }
        model.appends.push_back({.records = records});
        return builder.take();
    }

    static Task<void> append_one(Run& run, LogModel& model) {
        const std::size_t index = model.appends.size();
        const auto result = co_await run.rig.log(model.name).append(numbered_batch(run.rig, model));
        if (result) {
            EXPECT_FALSE(run.rig.power().is_off()) << "acknowledged without power";
            model.appends[index].fate = LogModel::Fate::kept;
            model.appends[index].offset = *result;
        } else if (!run.rig.power().is_off() && result.error().code != "storage.stopped") {
            model.appends[index].fate = LogModel::Fate::gone;
        }
    }

    static Task<bool> append_one_and_return(Run& run, LogModel& model) {
        co_await append_one(run, model);
        co_return model.appends.back().fate == LogModel::Fate::kept;
    }

    static Task<void> trim_some(Run& run, LogModel& model) {
        const Bounds bounds = run.rig.log(model.name).bounds();
        const Offset before = bounds.first + run.rig.sim().random(bounds.next - bounds.first + 1);
        model.trim_requested = std::max(model.trim_requested, before);
        const auto result = co_await run.rig.log(model.name).trim(before);
        if (result) model.trimmed = std::max(model.trimmed, run.rig.log(model.name).bounds().first);
    }

    static Task<void> client(Run& run, LogModel& model) {
        for (int call = 0; call < calls_per_client; ++call) {
            if (run.rig.sim().random(6) == 0) {
                co_await trim_some(run, model);
            } else {
                co_await append_one(run, model);
            }
        }
        --run.running;
    }

    static bool any_failed(const std::vector<LogModel>& logs) {
        for (const LogModel& model : logs) {
            for (const auto& append : model.appends) {
                if (append.fate == LogModel::Fate::gone) return true;
            }
        }
        return false;
    }

    // Lets clients work until they have finished or the switch has stopped everything; that was a
    // power loss, or only the end of the program.
    static void work(Rig& rig, std::vector<LogModel>& logs, bool stop_at_failure = false) {
        Run run{rig, logs};
        for (LogModel& model : logs) {
            for (int i = 0; i < clients_per_log; ++i) {
                ++run.running;
                rig.tasks().spawn(client(run, model));
            }
        }
        rig.sim().run_until([&] {
            return run.running == 0 || rig.power().is_off() ||
                   (stop_at_failure && any_failed(logs));
        });
        if (rig.power().is_off()) rig.sim().random(2) == 0 ? rig.lose_power() : rig.kill();
        if (stop_at_failure) rig.lose_power();
        ASSERT_TRUE(run.running == 0 || rig.tasks().size() == 0);
    }

    // Compares, and from then on holds the engine to what it showed.
    static void verify(Rig& rig, std::vector<LogModel>& logs) {
        for (LogModel& model : logs) {
            SCOPED_TRACE("log " + model.name);
            verify(rig, model);
            if (testing::Test::HasFatalFailure()) return;
        }
    }

    static void verify(Rig& rig, LogModel& model) {
        StreamLog& log = rig.log(model.name);
        const Bounds bounds = log.bounds();
        EXPECT_GE(bounds.first, model.trimmed);
        std::map<std::size_t, Offset> found;
        Offset expected = bounds.first;
        std::size_t least_index = 0;  // appends of one log lie in the order of their calls
        while (expected < bounds.next) {
            auto batches = rig.await(log.read(expected, {.records = 7}));
            ASSERT_TRUE(succeeded(batches));
            ASSERT_FALSE(batches->empty()) << "nothing at " << expected;
            for (const StoredBatch& stored : *batches) {
                ASSERT_EQ(stored.base, expected);
                expected = stored.end();
                const std::size_t index = index_of(stored);
                ASSERT_LT(index, model.appends.size());
                EXPECT_EQ(stored.records, model.appends[index].records);
                EXPECT_NE(model.appends[index].fate, LogModel::Fate::gone)
                    << "append " << index << " had failed";
                EXPECT_GE(index, least_index) << "out of order";
                least_index = index + 1;
                found[index] = stored.base;
            }
        }
        settle(model, bounds, found);
    }

    // True if reading says "storage.corrupt" somewhere; else all must be right.
    static bool verify_or_named(Rig& rig, std::vector<LogModel>& logs) {
        for (LogModel& model : logs) {
            StreamLog& log = rig.log(model.name);
            Offset at = log.bounds().first;
            while (true) {  // at the end, too: what followed may be lost
                const auto batches = rig.await(log.read(at, {.records = ~0u, .bytes = ~0ull}));
                if (!batches) {
                    EXPECT_EQ(batches.error().code, "storage.corrupt");
                    EXPECT_THAT(batches.error().message, testing::HasSubstr(data_directory));
                    return true;
                }
                if (batches->empty() || batches->front().base != at) break;
                at = batches->back().end();
            }
        }
        verify(rig, logs);
        return false;
    }

    // Meets the failures that were ordered and have not come yet.
    static void use_up_failures(Rig& rig) {
        rig.sim().run_for(std::chrono::seconds(1));
        machine::Files& files = rig.files();
        for (std::uint64_t i = 0; i < 2 * ordered_failures_within; ++i) {
            if (auto file = files.open("/scratch", machine::Open::create);
                file && (*file)->write_at(0, "x")) {
                std::ignore = (*file)->sync();
            }
            std::ignore = files.rename("/scratch", "/scratch.old");
            std::ignore = files.sync_directory("/");
        }
    }

    static std::size_t index_of(const StoredBatch& stored) {
        RecordCursor cursor(*stored.payload);
        const auto record = cursor.next();
        return record ? std::stoul(std::string(record->partition_key)) : ~std::size_t();
    }

    static void settle(LogModel& model, Bounds bounds, const std::map<std::size_t, Offset>& found) {
        for (std::size_t index = 0; index < model.appends.size(); ++index) {
            LogModel::Appended& append = model.appends[index];
            const auto place = found.find(index);
            if (append.fate == LogModel::Fate::kept && place == found.end()) {
                EXPECT_LE(*append.offset + append.records, bounds.first)
                    << "append " << index << " is lost";
                EXPECT_LE(*append.offset + append.records, model.trim_requested)
                    << "append " << index << " is lost";
            }
            if (place == found.end()) {
                if (append.fate == LogModel::Fate::unknown) append.fate = LogModel::Fate::gone;
                continue;
            }
            if (append.offset)
                EXPECT_EQ(place->second, *append.offset) << "append " << index << " has moved";
            append.fate = LogModel::Fate::kept;
            append.offset = place->second;
        }
        model.trimmed = std::max(model.trimmed, bounds.first);
    }
};

TEST_P(DurableLogContract, RestartKeepsEverything) {
    Rig rig(GetParam());
    rig.open();
    auto logs = three_logs();
    work(rig, logs);
    const WallTime last = rig.log("a").last_arrival();
    const Bounds bounds = rig.log("a").bounds();
    rig.restart();
    verify(rig, logs);
    EXPECT_EQ(rig.log("a").last_arrival(), last);
    EXPECT_EQ(rig.log("a").bounds(), bounds);
    EXPECT_THAT(rig.logs().log_names(), testing::ElementsAre("a", "b", "c"));
}

TEST_P(DurableLogContract, TrimmedAndDroppedStayGone) {
    Rig rig(GetParam());
    rig.open();
    auto logs = three_logs();
    work(rig, logs);
    const Offset next = rig.log("a").bounds().next;
    const WallTime last = rig.log("a").last_arrival();
    EXPECT_TRUE(succeeded(rig.await(rig.log("a").trim(next))));
    EXPECT_TRUE(succeeded(rig.await(rig.logs().drop_log("b"))));
    for (int i = 0; i < 3; ++i) {
        rig.lose_power();
        rig.open();
        EXPECT_EQ(rig.log("a").bounds(), (Bounds{next, next}));
        EXPECT_EQ(rig.log("a").last_arrival(), last);
        EXPECT_THAT(rig.logs().log_names(), testing::ElementsAre("a", "c"));
        std::vector<LogModel> c = {logs[2]};
        work(rig, c);
        logs[2] = c[0];
    }
    EXPECT_EQ(rig.log("b").bounds(), (Bounds{0, 0}));
}

TEST_P(DurableLogContract, PowerLossAtAnyOperationKeepsWhatWasAcknowledged) {
    for (sim::Seed seed = 0; seed < 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rig rig(GetParam(), seed);
        auto logs = three_logs();
        for (int round = 0; round < 4; ++round) {
            rig.power().cut_after(1 + rig.sim().random(60));
            while (!rig.try_open()) {  // while it recovers, too
                ASSERT_TRUE(rig.power().is_off());
                rig.lose_power();
            }
            work(rig, logs);
            rig.kill();
            rig.power().switch_on();
            rig.open();
            verify(rig, logs);  // what readers have seen now must stay as well
            rig.lose_power();
            rig.open();
            verify(rig, logs);
            if (HasFailure()) return;
            rig.kill();
        }
    }
}

TEST_P(DurableLogContract, FailedOperationsFailTheirAppendsOnly) {
    const char* operations[] = {"write", "sync", "open", "rename", "sync_directory"};
    for (sim::Seed seed = 0; seed < 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rig rig(GetParam(), seed);
        rig.open();
        auto logs = three_logs();
        for (std::uint64_t left = rig.sim().random(3) + 1; left > 0; --left) {
            rig.sim().inject_file_error(operations[rig.sim().random(5)],
                                        rig.sim().random(ordered_failures_within), "io");
        }
        work(rig, logs);
        use_up_failures(rig);
        if (rig.sim().random(2) == 0) {  // it goes on by itself
            Run run{rig, logs};
            for (LogModel& model : logs) EXPECT_TRUE(rig.await(append_one_and_return(run, model)));
            verify(rig, logs);
        }
        rig.sim().random(2) == 0 ? rig.kill() : rig.lose_power();
        rig.open();
        verify(rig, logs);
        if (HasFailure()) return;
    }
}

TEST_P(DurableLogContract, ReportedFailureHoldsAgainstPowerLoss) {
    for (sim::Seed seed = 0; seed < 150; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rig rig(GetParam(), seed);
        rig.open();
        auto logs = three_logs();
        rig.sim().inject_file_error(rig.sim().random(2) == 0 ? "write" : "sync",
                                    rig.sim().random(10), "io.no_space");
        work(rig, logs, true);
        use_up_failures(rig);
        rig.open();
        verify(rig, logs);
        if (HasFailure()) return;
    }
}

TEST_P(DurableLogContract, DamageIsNamedOrHarmless) {
    int named = 0;
    for (sim::Seed seed = 0; seed < 400; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rig rig(GetParam(), seed);
        rig.open();
        auto logs = three_logs();
        work(rig, logs);
        // The newest commit alone has no witness that it was ever complete: these appends are not
        // counted on.
        Run run{rig, logs};
        std::vector<LogModel> before = logs;
        rig.await(append_one_and_return(run, logs[0]));
        before[0].appends.push_back({.records = logs[0].appends.back().records});
        rig.kill();
        SCOPED_TRACE(flip_a_bit(rig));
        if (const auto opened = rig.try_open(); !opened) {
            EXPECT_TRUE(opened.error().code == "storage.corrupt" ||
                        opened.error().code == "storage.newer_format");
            EXPECT_THAT(opened.error().message, testing::HasSubstr(data_directory));
            ++named;
            continue;
        }
        named += verify_or_named(rig, before);
        if (HasFailure()) return;
    }
    // Most flips meet bytes that nobody needs: zeros ahead, trimmed batches, an index that is made
    // again.
    EXPECT_GT(named, 20);
}

}  // namespace mill::storage::contract
