// SPDX-License-Identifier: Apache-2.0
#include "storage/appending.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/machine/sim_machine.h"

namespace mill::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct AppendingTest : testing::Test {
    static Task<void> follow(Appending appending, std::vector<std::string>& seen) {
        const auto placed = co_await appending.placed();
        seen.push_back(placed ? "placed at " + std::to_string(*placed) : placed.error().code);
        const auto durable = co_await appending.durable();
        seen.push_back(durable ? "durable" : durable.error().code);
    }
    void run() { world.run_for(std::chrono::milliseconds(1)); }

    sim::SimMachine world{1};
    Appending appending{world.machine().executor};
    std::vector<std::string> seen;
    Scope tasks;
};

TEST_F(AppendingTest, IsPlacedFirstAndDurableLater) {
    tasks.spawn(follow(appending, seen));
    appending.place(7);
    EXPECT_THAT(seen, IsEmpty()) << "nobody is resumed inside the call";
    run();
    EXPECT_THAT(seen, ElementsAre("placed at 7"));
    appending.finish(7);
    run();
    EXPECT_THAT(seen, ElementsAre("placed at 7", "durable"));
}

TEST_F(AppendingTest, ThatIsDurableBeforeAnybodyAskedHasBeenPlacedToo) {
    appending.finish(3);
    tasks.spawn(follow(appending, seen));
    EXPECT_THAT(seen, ElementsAre("placed at 3", "durable"));
}

TEST_F(AppendingTest, MayFailBeforeItIsPlacedAndAfter) {
    tasks.spawn(follow(appending, seen));
    appending.finish(fail("io", "broken"));
    run();
    EXPECT_THAT(seen, ElementsAre("io", "io"));
    seen.clear();
    const Appending other(world.machine().executor);
    tasks.spawn(follow(other, seen));
    other.place(4);
    run();
    other.finish(fail("io", "broken"));
    run();
    EXPECT_THAT(seen, ElementsAre("placed at 4", "io"));
}

TEST_F(AppendingTest, ResumesNobodyWhoIsGone) {
    tasks.spawn(follow(appending, seen));
    appending.place(1);
    tasks.clear();
    run();
    appending.finish(1);
    run();
    EXPECT_THAT(seen, IsEmpty());
}

}  // namespace
}  // namespace mill::storage
