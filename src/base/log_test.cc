// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/result.h"

namespace mill {
namespace {

using testing::ElementsAre;

struct LogTest : testing::Test {
    std::vector<std::string> lines;
    Log log{LogLevel::info, [this](LogLevel, const std::string& line) { lines.push_back(line); }};
};

TEST_F(LogTest, WritesOneLineOfPairs) {
    log.info("started", {{"port", "4566"}, {"dir", "/tmp/a b"}, {"empty", ""}});
    EXPECT_THAT(lines,
                ElementsAre("level=info event=started port=4566 dir=\"/tmp/a b\" empty=\"\""));
}

TEST_F(LogTest, DropsWhatIsBelowItsThreshold) {
    log.debug("quiet");
    log.error("loud");
    EXPECT_THAT(lines, ElementsAre("level=error event=loud"));
    Log().error("nowhere");  // must not crash
}

TEST_F(LogTest, LetsNoValueForgeALineOrATerminalSequence) {
    log.warning("odd", {{"name", "a\nlevel=error \"x\"\\\r\x1b[31m"}});
    EXPECT_THAT(
        lines, ElementsAre(
                   "level=warning event=odd name=\"a\\nlevel=error \\\"x\\\"\\\\\\x0d\\x1b[31m\""));
}

Result<int> half(int number) {
    if (number % 2 != 0) return fail("odd", "an odd number");
    return number / 2;
}
Result<int> quarter(int number) {
    MILL_TRY(const int once, half(number));
    MILL_CHECK(half(once));
    return *half(once);
}

TEST(Result, ErrorsReturnFromTheCaller) {
    EXPECT_EQ(quarter(8), 2);
    EXPECT_EQ(quarter(6).error(), (Error{"odd", "an odd number"}));
    EXPECT_EQ(quarter(3).error().code, "odd");
}

}  // namespace
}  // namespace mill
