// SPDX-License-Identifier: Apache-2.0
// Every workload under every nemesis. A failure prints the seed and the command that repeats it.
#include "sim/world/simulate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "sim/world/nemesis.h"
#include "sim/world/workload.h"
#include "sim/world/workloads/ordered_delivery.h"
#include "sim/world/workloads/ordered_delivery_checker.h"

namespace mill::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class EveryWorkload : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryWorkload, KeepsItsPromiseUnderAllNemeses) {
    for (const Seed seed : seeds(20)) {  // ./mill test runs mill_simulate for many more
        const Report report = simulate({.seed = seed, .workload = GetParam()});
        ASSERT_THAT(report.violations, IsEmpty()) << "seed " << seed << "\n" << text_of(report);
    }
}

TEST_P(EveryWorkload, TheSameSeedGivesTheSameTrace) {
    const std::uint64_t first = simulate({.seed = 7, .workload = GetParam()}).trace_hash;
    EXPECT_EQ(first, simulate({.seed = 7, .workload = GetParam()}).trace_hash);
    EXPECT_NE(first, simulate({.seed = 8, .workload = GetParam()}).trace_hash);
}

std::vector<std::string> workload_names() {
    std::vector<std::string> names;
    for (const WorkloadKind& kind : workload_kinds()) names.emplace_back(kind.name);
    return names;
}

INSTANTIATE_TEST_SUITE_P(Simulation, EveryWorkload, ::testing::ValuesIn(workload_names()),
                         [](const auto& instance) { return instance.param; });

// Seeds that have found something.
struct Found {
    Seed seed;
    const char* workload;
    const char* what;
};
constexpr Found found[] = {
    {11, "many_streams", "a deletion of a stack that could not be stored was answered as done"},
    {20, "many_streams", "the same, and the stack stayed on its way for ever"},
    {105, "many_streams", "a stack could not delete its mapping that a crash had left half made"},
    {311, "many_streams", "the same"},
    {329, "many_streams", "the same"},
    {346, "many_streams", "a mapping whose deletion could not be stored was never deleted"},
    {149, "queue_delivery", "messages were delayed by a clock that was set back before a start"},
    {120, "topic_fan_out", "the same"},
    {813, "tumbling_windows", "the head of the table's log tore, and the next log took its salt"},
    {951, "reshard_while_consuming", "the same"},
    {2768, "backup_while_writing", "a backup that kept its claim was not restored"},
    {2848, "poison_record",
     "nothing: a crash ends an invocation that the function has not seen yet"},
    {1757, "poison_record",
     "a disk too full to start an environment counted as the function's failure"},
    {908, "many_streams", "half of a frame over a failed transaction was taken for damage"},
    {467, "queue_consumption",
     "crashes counted as receptions, and messages were given up that no function had seen"},
    {504, "queue_consumption", "the same"},
};

TEST(Simulation, SeedsThatHaveFoundBugs) {
    for (const Found& found_one : found) {
        const Report report = simulate({.seed = found_one.seed, .workload = found_one.workload});
        EXPECT_THAT(report.violations, IsEmpty()) << found_one.what << "\n" << text_of(report);
    }
}

// What the schedules of some seeds say: no kind of misfortune is left out.
TEST(Nemeses, AllOfThemStrike) {
    std::set<std::string_view> struck;
    for (Seed seed = 1; seed <= 30; ++seed) {
        for (const std::string& line : simulate({.seed = seed}).schedule) {
            for (const std::string_view name : nemesis_names()) {
                if (line.find(name) != std::string::npos) struck.insert(name);
            }
        }
    }
    EXPECT_EQ(struck.size(), nemesis_names().size());
}

TEST(Nemeses, OnlyThoseThatAreNamed) {
    for (Seed seed = 1; seed <= 10; ++seed) {
        for (const std::string& line : simulate({.seed = seed, .nemeses = {"kill"}}).schedule)
            EXPECT_THAT(line, HasSubstr("kill"));
    }
}

// The checker is awake: one delivery taken out of a real history, it says so.
TEST(OrderedDelivery, ALostRecordWouldBeSeen) {
    World world(7);
    OrderedDelivery workload(world);
    ASSERT_TRUE(world.start());
    ASSERT_TRUE(world.machine().await(workload.set_up()));
    workload.start();
    while (!workload.is_done()) world.machine().run_for(std::chrono::seconds(1));
    History history = workload.history();
    const auto last = history.puts.back();
    ASSERT_NE(last.acknowledged, 0U);
    for (auto& invocation : history.invocations) {
        std::erase_if(invocation.records, [&](const auto& record) {
            return record.key == last.key && record.number == last.number;
        });
    }
    EXPECT_THAT(ordered_delivery_violations(history), ElementsAre(HasSubstr("never delivered")));
    world.crash();
}

}  // namespace
}  // namespace mill::sim
