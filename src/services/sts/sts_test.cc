// SPDX-License-Identifier: Apache-2.0
#include "services/sts/sts.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "sim/machine/sim_machine.h"

namespace mill::sts {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;
using testing::StartsWith;

struct FakeIdentities final : ports::Identities {
    Result<ports::Identity> identity_of(const Caller& caller) const override {
        return ports::Identity{.account = caller.account, .arn = "arn:root", .id = caller.account};
    }
    Result<std::optional<ports::RoleIdentity>> role(const std::string& arn) const override {
        if (arn != "arn:aws:iam::111111111111:role/app/r")
            return std::optional<ports::RoleIdentity>();
        return std::optional<ports::RoleIdentity>({"AROAX", "r", 7200});
    }
};

class StsTest : public testing::Test {
  protected:
    StsTest() { reopen(); }
    void reopen() { sts_ = *Sts::open(sim_.machine(), engine_, identities_); }
    Result<wire::Value> call(std::string_view name, std::string_view json) {
        for (const wire::Operation* operation : operations()) {
            if (operation->name != name) continue;
            const auto output =
                sim_.await(operation->invoke(sts_.get(), caller_, *wire::parse_json(json)));
            if (!output) return std::unexpected(output.error());
            std::string text;
            wire::encode(*output->structure, output->object.get(), *wire::json_writer(text));
            return wire::parse_json(text);
        }
        ADD_FAILURE() << "no operation " << name;
        std::abort();
    }
    std::string who() {
        const auto answer = call("GetCallerIdentity", "{}");
        return answer ? wire::text_of(*answer, "Arn") : answer.error().code;
    }

    sim::SimMachine sim_{5};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    FakeIdentities identities_;
    Caller caller_;
    std::unique_ptr<Sts> sts_;
};

constexpr std::string_view assume =
    R"({"RoleArn":"arn:aws:iam::111111111111:role/app/r","RoleSessionName":"me","DurationSeconds":900})";

TEST_F(StsTest, CredentialsOfARoleTellWhoseTheyAreUntilTheyExpire) {
    EXPECT_EQ(who(), "arn:root");
    const auto answer = call("AssumeRole", assume);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(wire::text_of(*answer->find("AssumedRoleUser"), "AssumedRoleId"), "AROAX:me");
    caller_.access_key = wire::text_of(*answer->find("Credentials"), "AccessKeyId");
    EXPECT_THAT(caller_.access_key, MatchesRegex("ASIA[A-Z2-7]{16}"));
    EXPECT_THAT(wire::text_of(*answer->find("Credentials"), "SecretAccessKey"), SizeIs(40));
    reopen();
    EXPECT_EQ(who(), "arn:aws:sts::111111111111:assumed-role/r/me");
    sim_.run_for(std::chrono::seconds(901));
    const auto refused = call("GetCallerIdentity", "{}");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "ExpiredToken");
    EXPECT_EQ(refused.error().status, 403);
}

TEST_F(StsTest, SessionsThatAreOverDoNotPileUp) {
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(call("AssumeRole", assume));
        sim_.run_for(std::chrono::hours(1));
    }
    EXPECT_LE(engine_.table->scan("sts/")->size(), 6u);
}

TEST_F(StsTest, ASessionTokenStandsForTheCaller) {
    const auto answer = call("GetSessionToken", "{}");
    ASSERT_TRUE(answer) << answer.error().message;
    caller_.access_key = wire::text_of(*answer->find("Credentials"), "AccessKeyId");
    EXPECT_EQ(who(), "arn:root");
    EXPECT_THAT(call("GetSessionToken", R"({"TokenCode":"123456"})").error().message,
                HasSubstr("Millrace does not support TokenCode"));
}

TEST_F(StsTest, RefusesRolesThatAreNotThereAndSessionsThatAreTooLong) {
    const auto error = [&](std::string_view json) {
        const auto answer = call("AssumeRole", json);
        return answer ? "none" : answer.error().code + ": " + answer.error().message;
    };
    EXPECT_EQ(error(R"({"RoleArn":"arn:aws:iam::000000000000:role/x","RoleSessionName":"me"})"),
              "AccessDenied: User: arn:root is not authorized to perform: sts:AssumeRole on "
              "resource: arn:aws:iam::000000000000:role/x");
    EXPECT_THAT(error(R"({"RoleArn":"arn:aws:iam::111111111111:role/app/r",)"
                      R"("RoleSessionName":"me","DurationSeconds":7201})"),
                HasSubstr("exceeds the MaxSessionDuration"));
    EXPECT_THAT(error(R"({"RoleArn":"arn:aws:s3:::bucket-of-mine","RoleSessionName":"me"})"),
                StartsWith("ValidationError"));
    EXPECT_THAT(error(R"({"RoleArn":"arn:aws:iam::111111111111:role/app/r",)"
                      R"("RoleSessionName":"me","Policy":"{"})"),
                StartsWith("MalformedPolicyDocument"));
}

}  // namespace
}  // namespace mill::sts
