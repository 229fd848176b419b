// SPDX-License-Identifier: Apache-2.0
#include "services/iam/iam_fixture.h"

namespace mill::iam {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

using Resources = IamTest;

constexpr std::string_view role_type = "AWS::IAM::Role";
constexpr std::string_view named =
    R"({"RoleName":"mine","Path":"/app/","AssumeRolePolicyDocument":{"Statement":{"Effect":"Allow",)"
    R"("Principal":"*","Action":"sts:AssumeRole"}})";
constexpr std::string_view inline_policy =
    R"({"PolicyName":"p","PolicyDocument":{"Statement":{"Effect":"Allow","Action":"s3:*",)"
    R"("Resource":"*"}}})";

TEST_F(Resources, ARoleGetsTheGeneratedNameShortenedButNotItsEnd) {
    auto long_request =
        request(role_type, fmt::format(R"({{"AssumeRolePolicyDocument":{}}})", trust));
    long_request.generated_name = std::string(80, 'a') + "-AbCdEf123456";
    auto made = sim_.await(iam_->create(long_request));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id.size(), 64u);
    EXPECT_TRUE(made->physical_id.ends_with("-AbCdEf123456"));
    EXPECT_THAT(wire::text_of(made->attributes, "RoleId"), StartsWith("AROA"));
}

TEST_F(Resources, ARoleIsRefusedAsByTheApi) {
    const std::string properties = std::string(named) + "}";
    ASSERT_TRUE(create(role_type, properties));
    EXPECT_EQ(create(role_type, properties).error().code, "EntityAlreadyExists");
    EXPECT_FALSE(create(role_type, "{}"));
    EXPECT_FALSE(create(role_type, R"({"RoleName":"a b","AssumeRolePolicyDocument":{}})"));
    EXPECT_EQ(create(role_type, R"({"AssumeRolePolicyDocument":{}})").error().code,
              "MalformedPolicyDocument");
    EXPECT_THAT(create(role_type, std::string(named) + R"(,"Colour":"red"})").error().message,
                HasSubstr("Colour"));
}

TEST_F(Resources, ARoleHasWhatTheTemplateSaysAndKeepsWhatOthersGave) {
    const std::string first =
        std::string(named) + R"(,"Policies":[)" + std::string(inline_policy) +
        R"(],"ManagedPolicyArns":["arn:aws:iam::aws:policy/A"],"Tags":[{"Key":"a","Value":"b"}]})";
    ASSERT_TRUE(create(role_type, first));
    ok("AttachRolePolicy", R"({"RoleName":"mine","PolicyArn":"arn:aws:iam::aws:policy/Mine"})");
    const std::string second =
        std::string(named) +
        R"(,"Description":"d","ManagedPolicyArns":["arn:aws:iam::aws:policy/B"]})";
    const auto updated = update(role_type, second, "mine", first);
    ASSERT_TRUE(updated) << updated.error().message;
    EXPECT_EQ(text("ListRolePolicies", R"({"RoleName":"mine"})"),
              R"({"PolicyNames":[],"IsTruncated":false})");
    EXPECT_THAT(text("ListAttachedRolePolicies", R"({"RoleName":"mine"})"),
                testing::AllOf(HasSubstr("policy/B"), HasSubstr("policy/Mine"),
                               testing::Not(HasSubstr("policy/A\""))));
    EXPECT_THAT(text("GetRole", R"({"RoleName":"mine"})"), HasSubstr(R"("Description":"d")"));
    EXPECT_EQ(update(role_type, R"({"AssumeRolePolicyDocument":{}})", "mine", second).error().code,
              "resource.replace");
    EXPECT_THAT(remove(role_type, second, "mine").error().message, HasSubstr("must detach all"));
    ok("DetachRolePolicy", R"({"RoleName":"mine","PolicyArn":"arn:aws:iam::aws:policy/Mine"})");
    EXPECT_TRUE(remove(role_type, second, "mine"));
    EXPECT_TRUE(remove(role_type, second, "mine"));
}

TEST_F(Resources, APolicyGoesToItsRoles) {
    make_role("r");
    make_role("s");
    const auto of = [](std::string_view role) {
        return fmt::format(R"({{"PolicyName":"p","PolicyDocument":{},"Roles":["{}"]}})", document,
                           role);
    };
    const auto made = create("AWS::IAM::Policy", of("r"));
    ASSERT_TRUE(made) << made.error().message;
    ASSERT_TRUE(update("AWS::IAM::Policy", of("s"), made->physical_id, of("r")));
    EXPECT_THAT(text("ListRolePolicies", R"({"RoleName":"r"})"), HasSubstr("[]"));
    EXPECT_THAT(text("ListRolePolicies", R"({"RoleName":"s"})"), HasSubstr(R"(["p"])"));
    ok("DeleteRole", R"({"RoleName":"r"})");
    EXPECT_TRUE(remove("AWS::IAM::Policy", of("s"), made->physical_id));
    ok("DeleteRole", R"({"RoleName":"s"})");
    EXPECT_THAT(create("AWS::IAM::Policy", of("none")).error().code, "NoSuchEntity");
}

TEST_F(Resources, AManagedPolicyMakesNewVersionsWithoutEnd) {
    make_role("r");
    const auto of = [](int number) {
        return fmt::format(R"({{"PolicyDocument":{{"Statement":{{"Effect":"Allow","Action":"s3:*",)"
                           R"("Resource":"arn:aws:s3:::b{}"}}}},"Roles":["r"]}})",
                           number);
    };
    const auto made = create("AWS::IAM::ManagedPolicy", of(0));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "arn:aws:iam::000000000000:policy/stack-Thing-AbCdEf123456");
    for (int i = 1; i < 8; ++i)
        ASSERT_TRUE(update("AWS::IAM::ManagedPolicy", of(i), made->physical_id, of(i - 1)));
    const auto answer = ok("GetPolicy", fmt::format(R"({{"PolicyArn":"{}"}})", made->physical_id));
    EXPECT_EQ(wire::text_of(*answer.find("Policy"), "DefaultVersionId"), "v8");
    EXPECT_EQ(*answer.find("Policy")->find("AttachmentCount")->integer(), 1);
    EXPECT_TRUE(remove("AWS::IAM::ManagedPolicy", of(7), made->physical_id));
    EXPECT_TRUE(remove("AWS::IAM::ManagedPolicy", of(7), made->physical_id));
    ok("DeleteRole", R"({"RoleName":"r"})");
}

TEST_F(Resources, UsersGroupsKeysAndProfiles) {
    make_role("r");
    const auto group = create("AWS::IAM::Group", R"({"GroupName":"g"})");
    ASSERT_TRUE(group) << group.error().message;
    const std::string of_user =
        R"({"UserName":"u","Groups":["g"],"Policies":[)" + std::string(inline_policy) + "]}";
    const auto user = create("AWS::IAM::User", of_user);
    ASSERT_TRUE(user) << user.error().message;
    const auto key = create("AWS::IAM::AccessKey", R"({"UserName":"u"})");
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(wire::text_of(key->attributes, "SecretAccessKey").size(), 40u);
    EXPECT_FALSE(create("AWS::IAM::AccessKey", R"({"UserName":"u","Status":"active"})"));
    ASSERT_TRUE(update("AWS::IAM::AccessKey", R"({"UserName":"u","Status":"Inactive"})",
                       key->physical_id, R"({"UserName":"u"})"));
    EXPECT_THAT(text("ListAccessKeys", R"({"UserName":"u"})"), HasSubstr("Inactive"));
    const auto profile = create("AWS::IAM::InstanceProfile", R"({"Roles":["r"]})");
    ASSERT_TRUE(profile) << profile.error().message;
    ok("CreateUser", R"({"UserName":"w"})");
    const std::string addition = R"({"GroupName":"g","Users":["w"]})";
    ASSERT_TRUE(create("AWS::IAM::UserToGroupAddition", addition));
    EXPECT_THAT(*ok("GetGroup", R"({"GroupName":"g"})").find("Users")->items(), SizeIs(2));
    EXPECT_TRUE(remove("AWS::IAM::UserToGroupAddition", addition, "x"));
    EXPECT_TRUE(remove("AWS::IAM::InstanceProfile", R"({"Roles":["r"]})", profile->physical_id));
    EXPECT_FALSE(remove("AWS::IAM::User", of_user, "u")) << "it has a key";
    EXPECT_TRUE(remove("AWS::IAM::AccessKey", R"({"UserName":"u"})", key->physical_id));
    EXPECT_TRUE(remove("AWS::IAM::User", of_user, "u"));
    EXPECT_TRUE(remove("AWS::IAM::Group", R"({"GroupName":"g"})", "g"));
}

TEST_F(Resources, UsersAndGroupsFollowTheirTemplates) {
    for (const char* name : {"g", "h"})
        ASSERT_TRUE(create("AWS::IAM::Group", fmt::format(R"({{"GroupName":"{}"}})", name)));
    const std::string first = R"({"UserName":"u","Groups":["g"],"Tags":[{"Key":"a","Value":"b"}]})";
    const std::string second =
        R"({"UserName":"u","Groups":["h"],"Policies":[)" + std::string(inline_policy) + "]}";
    ASSERT_TRUE(create("AWS::IAM::User", first));
    const auto user = update("AWS::IAM::User", second, "u", first);
    ASSERT_TRUE(user) << user.error().message;
    EXPECT_THAT(wire::text_of(user->attributes, "Arn"), HasSubstr("user/u"));
    EXPECT_THAT(text("ListGroupsForUser", R"({"UserName":"u"})"),
                testing::AllOf(HasSubstr(R"("h")"), testing::Not(HasSubstr(R"("g")"))));
    EXPECT_THAT(text("ListUserPolicies", R"({"UserName":"u"})"), HasSubstr(R"(["p"])"));
    EXPECT_THAT(text("ListUserTags", R"({"UserName":"u"})"), HasSubstr("[]"));
    const std::string attached =
        R"({"GroupName":"g","ManagedPolicyArns":["arn:aws:iam::aws:policy/A"]})";
    ASSERT_TRUE(update("AWS::IAM::Group", attached, "g", R"({"GroupName":"g"})"));
    EXPECT_THAT(text("ListAttachedGroupPolicies", R"({"GroupName":"g"})"), HasSubstr("policy/A"));
    EXPECT_FALSE(update("AWS::IAM::User", R"({"UserName":"u","Groups":["none"]})", "u", second));
    EXPECT_THAT(text("ListUserPolicies", R"({"UserName":"u"})"), HasSubstr(R"(["p"])"))
        << "nothing of a refused update is kept";
}

}  // namespace
}  // namespace mill::iam
