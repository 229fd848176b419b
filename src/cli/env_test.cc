// SPDX-License-Identifier: Apache-2.0
#include "cli/env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/session_fixture.h"

namespace mill::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Env, PrintsLinesForTheShell) {
    TestSession test;
    EXPECT_EQ(env(test.session, {}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("export AWS_ENDPOINT_URL='http://127.0.0.1:4566'\n"));
    for (const char* line :
         {"export AWS_REGION=us-east-1\n", "export AWS_DEFAULT_REGION=us-east-1\n",
          "export AWS_ACCESS_KEY_ID=test\n", "export AWS_SECRET_ACCESS_KEY=test\n",
          "export AWS_EC2_METADATA_DISABLED=true\n",
          "export AWS_DISABLE_HOST_PREFIX_INJECTION=true\n",
          "unset AWS_PROFILE AWS_SESSION_TOKEN\n"}) {
        EXPECT_THAT(test.out, HasSubstr(line));
    }
    EXPECT_THAT(test.out, HasSubstr("endpoint_url = http://127.0.0.1:4566"));
    EXPECT_THAT(test.out, Not(HasSubstr("aws()")));
}

TEST(Env, TakesTheEndpointAsUrlOrAddressButNotFromAnEarlierEnv) {
    TestSession test;
    test.variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9";
    EXPECT_EQ(env(test.session, {"--endpoint", "http://127.0.0.1:5000/"}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("AWS_ENDPOINT_URL='http://127.0.0.1:5000'"));
    EXPECT_EQ(env(test.session, {"--listen", "[::1]:5001"}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("AWS_ENDPOINT_URL='http://[::1]:5001'"));
    EXPECT_EQ(env(test.session, {}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("AWS_ENDPOINT_URL='http://127.0.0.1:4566'"));
    EXPECT_EQ(env(test.session, {"--endpoint", "https://x:1"}), exit_usage);
    EXPECT_EQ(env(test.session, {"more"}), exit_usage);
}

TEST(Env, OldAwsCliGetsAFunction) {
    TestSession test;
    test.aws_version = "aws-cli/2.9.19 Python/3.11.2 Linux/6.1\n";
    EXPECT_EQ(env(test.session, {}), exit_ok);
    EXPECT_THAT(test.out, HasSubstr("aws() {"));
    TestSession without;
    without.aws_version.clear();
    EXPECT_EQ(env(without.session, {}), exit_ok);
    EXPECT_THAT(without.out, Not(HasSubstr("aws() {")));
}

TEST(Env, KnowsWhichCliReadsTheVariable) {
    EXPECT_TRUE(ignores_endpoint_variable("aws-cli/2.12.9 Python/3"));
    EXPECT_TRUE(ignores_endpoint_variable("aws-cli/1.28.0 Python/3"));
    EXPECT_FALSE(ignores_endpoint_variable("aws-cli/2.13.0 Python/3"));
    EXPECT_TRUE(ignores_endpoint_variable("aws-cli/1.45.11 Python/3")) << "not for SQS";
    EXPECT_FALSE(ignores_endpoint_variable("command not found"));
}

}  // namespace
}  // namespace mill::cli
