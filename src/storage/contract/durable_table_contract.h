// SPDX-License-Identifier: Apache-2.0
// What a Table promises that outlives its process. A client commits transfers between two keys and
// a counter; whatever happens, all three are from the same commit, and from none older than the
// last acknowledged. Include in one test file of an engine, and instantiate DurableTableContract
// with its Subject.
#pragma once

#include <tuple>

#include "storage/contract/rig.h"

namespace mill::storage::contract {

class DurableTableContract : public testing::TestWithParam<Subject> {
  protected:
    static constexpr int commits_per_run = 25;
    static constexpr std::uint64_t ordered_failures_within = 25;  // calls

    // Commit n puts n at three keys and a value as long as n says, and erases the entry of commit
    // n-2.
    struct Model {
        int begun = 0;         // newest
        int acknowledged = 0;  // newest
        std::vector<bool> failed = {false};
    };
    struct Run {
        Rig& rig;
        Model& model;
        int running = 0;
    };

    static std::string entry_key(int n) { return "entry/" + std::to_string(n); }
    static Bytes entry_value(int n) {
        return Bytes(static_cast<std::size_t>(n * 137 % 5000), static_cast<char>('a' + n % 26));
    }

    static Table::Commit numbered(int n) {
        const Bytes text = std::to_string(n);
        return {.puts = {{"left", text},
                         {"middle/" + Bytes(200, 'm'), text},
                         {"right", text},
                         {entry_key(n), entry_value(n)}},
                .erases = {entry_key(n - 2)}};
    }

    static Task<void> commit_one(Run& run, int n) {
        const auto result = co_await run.rig.table().commit(numbered(n));
        if (result) {
            EXPECT_FALSE(run.rig.power().is_off()) << "acknowledged without power";
            EXPECT_FALSE(run.model.failed[static_cast<std::size_t>(n)]);
            run.model.acknowledged = std::max(run.model.acknowledged, n);
        } else if (!run.rig.power().is_off() && result.error().code != "storage.stopped") {
            run.model.failed[static_cast<std::size_t>(n)] = true;
        }
        --run.running;
    }

    // A few commits are begun at a time.
    static Task<void> client(Run& run) {
        for (int i = 0; i < commits_per_run; ++i) {
            run.model.failed.push_back(false);
            ++run.running;
            run.rig.tasks().spawn(commit_one(run, ++run.model.begun));
            if (run.rig.sim().random(3) == 0) {
                co_await machine::sleep_until(
                    run.rig.sim().machine().timers,
                    run.rig.sim().machine().clock.now() + std::chrono::milliseconds(3));
            }
        }
        --run.running;
    }

    static void work(Rig& rig, Model& model, bool stop_at_failure = false) {
        Run run{rig, model, 1};
        rig.tasks().spawn(client(run));
        rig.sim().run_until([&] {
            const bool stop =
                stop_at_failure && std::ranges::find(model.failed, true) != model.failed.end();
            return run.running == 0 || rig.power().is_off() || stop;
        });
        if (rig.power().is_off()) rig.sim().random(2) == 0 ? rig.lose_power() : rig.kill();
        if (stop_at_failure) rig.lose_power();
        ASSERT_TRUE(run.running == 0 || rig.tasks().size() == 0);
    }

    static void verify(Rig& rig, Model& model) {
        const auto entries = rig.table().scan("");
        ASSERT_TRUE(succeeded(entries));
        const int n =
            entries->empty() ? 0 : std::stoi(rig.table().get("left").value().value_or("-1"));
        EXPECT_GE(n, model.acknowledged) << "an acknowledged commit is lost";
        ASSERT_LT(static_cast<std::size_t>(n), model.failed.size());
        EXPECT_FALSE(model.failed[static_cast<std::size_t>(n)]) << "commit " << n << " had failed";
        if (n > 0) {
            Table::Commit newest = numbered(n);
            for (const Table::Entry& put : newest.puts)
                EXPECT_EQ(rig.table().get(put.key).value(), put.value) << put.key;
            EXPECT_EQ(rig.table().get(newest.erases[0]).value(), std::nullopt);
        }
        model.acknowledged = n;
        for (int later = n + 1; later <= model.begun; ++later)
            model.failed[static_cast<std::size_t>(later)] = true;
    }

    static void use_up_failures(Rig& rig) {
        rig.sim().run_for(std::chrono::seconds(1));
        machine::Files& files = rig.files();
        for (std::uint64_t i = 0; i < 2 * ordered_failures_within; ++i) {
            if (auto file = files.open("/scratch", machine::Open::create);
                file && (*file)->write_at(0, "x")) {
                std::ignore = (*file)->sync();
                std::ignore = (*file)->truncate(0);
            }
            std::ignore = files.sync_directory("/");
        }
    }
};

TEST_P(DurableTableContract, RestartKeepsEverything) {
    Rig rig(GetParam());
    rig.open();
    Model model;
    work(rig, model);
    EXPECT_EQ(model.acknowledged, commits_per_run);
    rig.restart();
    verify(rig, model);
    EXPECT_EQ(model.acknowledged, commits_per_run);
}

TEST_P(DurableTableContract, PowerLossAtAnyOperationKeepsWhatWasAcknowledged) {
    for (sim::Seed seed = 0; seed < 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rig rig(GetParam(), seed);
        Model model;
        for (int round = 0; round < 4; ++round) {
            rig.power().cut_after(1 + rig.sim().random(round == 0 ? 60 : 100));
            while (!rig.try_open()) {  // while it recovers, too
                ASSERT_TRUE(rig.power().is_off());
                rig.lose_power();
            }
            work(rig, model);
            rig.kill();
            rig.power().switch_on();
            rig.open();
            verify(rig, model);  // what readers have seen now must stay as well
            rig.lose_power();
            rig.open();
            verify(rig, model);
            if (HasFailure()) return;
            rig.kill();
        }
    }
}

TEST_P(DurableTableContract, FailedOperationsFailTheirCommitsOnly) {
    const char* operations[] = {"write", "sync", "truncate", "sync_directory"};
    for (sim::Seed seed = 0; seed < 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rig rig(GetParam(), seed);
        rig.open();
        Model model;
        for (std::uint64_t left = rig.sim().random(3) + 1; left > 0; --left) {
            rig.sim().inject_file_error(operations[rig.sim().random(4)],
                                        rig.sim().random(ordered_failures_within), "io");
        }
        work(rig, model);
        use_up_failures(rig);
        if (rig.sim().random(2) == 0) {  // it goes on by itself
            work(rig, model);
            EXPECT_EQ(model.acknowledged, model.begun);
            verify(rig, model);
        }
        rig.sim().random(2) == 0 ? rig.kill() : rig.lose_power();
        rig.open();
        verify(rig, model);
        if (HasFailure()) return;
    }
}

TEST_P(DurableTableContract, ReportedFailureHoldsAgainstPowerLoss) {
    for (sim::Seed seed = 0; seed < 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rig rig(GetParam(), seed);
        rig.open();
        Model model;
        rig.sim().inject_file_error(rig.sim().random(2) == 0 ? "write" : "sync",
                                    rig.sim().random(20), "io.no_space");
        work(rig, model, true);
        use_up_failures(rig);
        rig.open();
        verify(rig, model);
        if (HasFailure()) return;
    }
}

// Of a table that was opened since its newest commit: before that, damage may look like a commit
// that tore.
TEST_P(DurableTableContract, DamageIsNamedOrHarmless) {
    int named = 0;
    for (sim::Seed seed = 0; seed < 100; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Rig rig(GetParam(), seed);
        rig.open();
        Model model;
        work(rig, model);
        rig.restart();
        verify(rig, model);
        rig.kill();
        SCOPED_TRACE(flip_a_bit(rig));
        if (const auto opened = rig.try_open(); !opened) {
            EXPECT_THAT(opened.error().message, testing::HasSubstr(data_directory));
            ++named;
            continue;
        }
        verify(rig, model);
        if (HasFailure()) return;
    }
    EXPECT_GT(named, 10);
}

}  // namespace mill::storage::contract
