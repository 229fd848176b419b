// SPDX-License-Identifier: Apache-2.0
#include "services/iam/iam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "sim/machine/sim_machine.h"

namespace mill::iam {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

class IamTest : public ::testing::Test {
  protected:
    static ports::ResourceRequest request(std::string_view properties) {
        return {.type = "AWS::IAM::Role",
                .logical_id = "ProducerRole",
                .stack_name = "stack",
                .generated_name = "stack-ProducerRole-AbCdEf123456",
                .properties = *wire::parse_json(properties)};
    }
    Result<ports::Resource> create(std::string_view properties) {
        return world.await(iam->create(request(properties)));
    }

    static constexpr std::string_view policy =
        R"({"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}})";
    static constexpr std::string_view named =
        R"({"RoleName":"mine","Path":"/app/","AssumeRolePolicyDocument":{"Statement":[]}})";
    sim::SimMachine world{3};
    storage::Engine engine = memory::make_engine(world.machine());
    std::unique_ptr<Iam> iam = *Iam::open(world.machine(), engine);
};

TEST_F(IamTest, MakesARoleUnderTheGeneratedName) {
    auto made = create(policy);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "stack-ProducerRole-AbCdEf123456");
    EXPECT_EQ(wire::text_of(made->attributes, "Arn"),
              "arn:aws:iam::000000000000:role/stack-ProducerRole-AbCdEf123456");
    EXPECT_THAT(wire::text_of(made->attributes, "RoleId"), StartsWith("AROA"));
    EXPECT_EQ(wire::text_of(made->attributes, "RoleId").size(), 21u);
    EXPECT_THAT(iam->types(), ElementsAre("AWS::IAM::Role"));
}

TEST_F(IamTest, KeepsTheRoleInTheTable) {
    ASSERT_TRUE(create(named));
    iam = *Iam::open(world.machine(), engine);
    auto role = iam->find_role("000000000000", "mine");
    ASSERT_TRUE(role && *role);
    EXPECT_EQ((*role)->arn, "arn:aws:iam::000000000000:role/app/mine");
    EXPECT_TRUE((*role)->assume_role_policy.find("Statement"));
}

TEST_F(IamTest, RefusesASecondRoleOfTheName) {
    ASSERT_TRUE(create(named));
    auto again = create(named);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error(),
              (Error{"EntityAlreadyExists", "Role with name mine already exists.", 409}));
}

TEST_F(IamTest, WantsAnAssumeRolePolicyAndAValidName) {
    EXPECT_FALSE(create("{}"));
    EXPECT_EQ(create(R"({"AssumeRolePolicyDocument":{}})").error().code, "MalformedPolicyDocument");
    EXPECT_EQ(create(R"({"AssumeRolePolicyDocument":"{"})").error().code,
              "MalformedPolicyDocument");
    EXPECT_FALSE(create(R"({"RoleName":"a b","AssumeRolePolicyDocument":{"Statement":[]}})"));
    EXPECT_FALSE(create(R"({"Path":"app","AssumeRolePolicyDocument":{"Statement":[]}})"));
}

TEST_F(IamTest, ShortensAGeneratedNameButNotItsEnd) {
    auto long_request = request(policy);
    long_request.generated_name = std::string(80, 'a') + "-AbCdEf123456";
    auto made = world.await(iam->create(long_request));
    ASSERT_TRUE(made);
    EXPECT_EQ(made->physical_id.size(), 64u);
    EXPECT_TRUE(made->physical_id.ends_with("-AbCdEf123456"));
}

TEST_F(IamTest, UpdatesInPlaceButNotTheName) {
    ASSERT_TRUE(create(named));
    const std::string_view described =
        R"({"RoleName":"mine","Path":"/app/","Description":"d","AssumeRolePolicyDocument":{"Statement":[]}})";
    auto updated = world.await(iam->update(request(described), "mine", *wire::parse_json(named)));
    ASSERT_TRUE(updated);
    EXPECT_EQ(wire::text_of((*iam->find_role("000000000000", "mine"))->properties, "Description"),
              "d");
    auto renamed = world.await(iam->update(request(policy), "mine", *wire::parse_json(named)));
    ASSERT_FALSE(renamed);
    EXPECT_EQ(renamed.error().code, "resource.replace");
}

TEST_F(IamTest, RemovesARoleTwiceWithoutComplaint) {
    ASSERT_TRUE(create(named));
    EXPECT_TRUE(world.await(iam->remove(request(named), "mine")));
    EXPECT_TRUE(world.await(iam->remove(request(named), "mine")));
    EXPECT_FALSE(*iam->find_role("000000000000", "mine"));
}

}  // namespace
}  // namespace mill::iam
