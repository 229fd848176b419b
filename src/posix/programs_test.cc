// SPDX-License-Identifier: Apache-2.0
#include "posix/programs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "posix/test_support.h"

namespace mill::posix {
namespace {

TEST(Programs, RunInTheirDirectoryWithTheAddedEnvironment) {
    TemporaryDirectory directory;
    const auto result = run_program({{"sh", "-c", "pwd; echo $ADDED; echo oops >&2; exit 4"},
                                     directory.path(),
                                     {{"ADDED", "a b"}}});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->output, directory.path() + "\na b\noops\n");
    EXPECT_EQ(result->exit_code, 4);
    EXPECT_EQ(run_program({{"no-such-program"}, {}, {}}).error().code, "process.spawn");
}

TEST(Programs, BackgroundLinesComeOneByOne) {
    auto program =
        BackgroundProgram::start({{"sh", "-c", "echo one; echo two; exec sleep 1000"}, {}, {}});
    ASSERT_TRUE(program) << program.error().message;
    EXPECT_EQ((*program)->read_line(), "one");
    EXPECT_EQ((*program)->read_line(), "two");
    EXPECT_GT((*program)->pid(), 0);
    (*program)->terminate();
    EXPECT_EQ((*program)->read_line().error().code, "process.ended");
}

TEST(Programs, BackgroundMayWriteToOurStderr) {
    testing::internal::CaptureStderr();
    auto program = BackgroundProgram::start(
        {.argv = {"sh", "-c", "echo seen >&3; echo kept >&2; echo done"}, .gets_errors = true});
    ASSERT_TRUE(program) << program.error().message;
    EXPECT_EQ((*program)->read_line(), "done");
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "seen\n");
}

TEST(Programs, EndedBackgroundTellsItsErrors) {
    auto program = BackgroundProgram::start({{"sh", "-c", "echo port in use >&2; exit 1"}, {}, {}});
    ASSERT_TRUE(program);
    EXPECT_EQ((*program)->read_line().error().message, "port in use");
}

}  // namespace
}  // namespace mill::posix
