// SPDX-License-Identifier: Apache-2.0
#include "services/iam/iam_fixture.h"

namespace mill::iam {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

using Roles = IamTest;

TEST_F(Roles, AreMadeAndToldAfterARestart) {
    ok("CreateRole",
       fmt::format(R"({{"RoleName":"r","Path":"/app/","Description":"d","MaxSessionDuration":7200,)"
                   R"("Tags":[{{"Key":"k","Value":"v"}}],"AssumeRolePolicyDocument":{}}})",
                   quoted(trust)));
    reopen();
    const auto answer = ok("GetRole", R"({"RoleName":"r"})");
    const wire::Value& role = *answer.find("Role");
    EXPECT_EQ(wire::text_of(role, "Arn"), "arn:aws:iam::000000000000:role/app/r");
    EXPECT_THAT(wire::text_of(role, "RoleId"), StartsWith("AROA"));
    EXPECT_EQ(wire::text_of(role, "RoleId").size(), 21u);
    EXPECT_THAT(wire::text_of(role, "AssumeRolePolicyDocument"),
                StartsWith("%7B%22Version%22%3A%222012-10-17%22"));
    EXPECT_EQ(wire::write_json(*role.find("Tags")), R"([{"Key":"k","Value":"v"}])");
    EXPECT_EQ(*role.find("MaxSessionDuration")->integer(), 7200);
    EXPECT_TRUE(role.find("RoleLastUsed"));
    const std::string again =
        fmt::format(R"({{"RoleName":"r","AssumeRolePolicyDocument":{}}})", quoted(trust));
    EXPECT_EQ(error("CreateRole", again), "EntityAlreadyExists: Role with name r already exists.");
    EXPECT_EQ(error("GetRole", R"({"RoleName":"none"})"),
              "NoSuchEntity: The role with name none cannot be found.");
}

TEST_F(Roles, RefuseATrustPolicyThatIsNone) {
    const auto trusting = [&](std::string_view policy) {
        return error(
            "CreateRole",
            fmt::format(R"({{"RoleName":"r","AssumeRolePolicyDocument":{}}})", quoted(policy)));
    };
    EXPECT_EQ(trusting("{"), "MalformedPolicyDocument: This policy contains invalid Json");
    EXPECT_EQ(trusting(R"({"Statement":[]})"), "MalformedPolicyDocument: Syntax errors in policy.");
    EXPECT_EQ(trusting(R"({"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]})"),
              "MalformedPolicyDocument: Missing required field Principal");
    EXPECT_EQ(
        trusting(R"({"Statement":[{"Effect":"Allow","Action":"s3:Get","Principal":"*"}]})"),
        "MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions.");
    EXPECT_EQ(trusting(R"({"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",)"
                       R"("Principal":"*","Resource":"*"}]})"),
              "MalformedPolicyDocument: Has prohibited field Resource");
}

TEST_F(Roles, HaveInlinePolicies) {
    make_role("r");
    const std::string put =
        fmt::format(R"({{"RoleName":"r","PolicyName":"p","PolicyDocument":{}}})", quoted(document));
    ok("PutRolePolicy", put);
    const auto got = ok("GetRolePolicy", R"({"RoleName":"r","PolicyName":"p"})");
    EXPECT_THAT(wire::text_of(got, "PolicyDocument"), HasSubstr("%22s3%3A%2A%22"));
    EXPECT_EQ(text("ListRolePolicies", R"({"RoleName":"r"})"),
              R"({"PolicyNames":["p"],"IsTruncated":false})");
    EXPECT_EQ(error("DeleteRole", R"({"RoleName":"r"})"),
              "DeleteConflict: Cannot delete entity, must delete policies first.");
    ok("DeleteRolePolicy", R"({"RoleName":"r","PolicyName":"p"})");
    EXPECT_EQ(error("GetRolePolicy", R"({"RoleName":"r","PolicyName":"p"})"),
              "NoSuchEntity: The role policy with name p cannot be found.");
    ok("DeleteRole", R"({"RoleName":"r"})");
    EXPECT_THAT(error("DeleteRole", R"({"RoleName":"r"})"), StartsWith("NoSuchEntity"));
}

TEST_F(Roles, RefuseInlinePoliciesThatAreNoneOrTooLong) {
    make_role("r");
    const auto putting = [&](std::string_view policy) {
        return error("PutRolePolicy",
                     fmt::format(R"({{"RoleName":"r","PolicyName":"p","PolicyDocument":{}}})",
                                 quoted(policy)));
    };
    EXPECT_THAT(putting(R"({"Statement":{"Effect":"Allow","Action":"s3:*"}})"),
                HasSubstr("must contain resources"));
    EXPECT_THAT(putting(R"({"Statement":{"Effect":"Allow","Resource":"*"}})"),
                HasSubstr("must contain actions"));
    EXPECT_THAT(putting(R"({"Statement":{"Effect":"Allow","Action":"s3","Resource":"*"}})"),
                HasSubstr("prefaced by a vendor"));
    EXPECT_THAT(putting(R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"b"}})"),
                HasSubstr(R"(Resource b must be in ARN format or "*")"));
    EXPECT_THAT(putting(R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*",)"
                        R"("Principal":"*"}})"),
                HasSubstr("should not specify a principal"));
    EXPECT_THAT(putting(R"({"Statement":{"Effect":"Maybe","Action":"s3:*","Resource":"*"}})"),
                HasSubstr("Invalid effect: Maybe"));
    EXPECT_EQ(putting(R"({"Statement":{"Effect":"Allow","Action":["a:b","ssm:GetParameter"],)"
                      R"("Resource":["arn:aws:ssm:us-east-1:1:parameter/x"]}})"),
              "no error");
    const std::string long_one =
        R"({"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"arn:)" +
        std::string(10'240, 'x') + R"("}})";
    EXPECT_EQ(putting(long_one),
              "LimitExceeded: Maximum policy size of 10240 bytes exceeded for role r");
}

TEST_F(Roles, HaveAttachedPolicies) {
    make_role("r");
    const std::string own = make_policy("p");
    const std::string aws = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    const auto of = [](const std::string& arn) {
        return fmt::format(R"({{"RoleName":"r","PolicyArn":"{}"}})", arn);
    };
    ok("AttachRolePolicy", of(own));
    ok("AttachRolePolicy", of(own));
    ok("AttachRolePolicy", of(aws));
    EXPECT_EQ(text("ListAttachedRolePolicies", R"({"RoleName":"r"})"),
              fmt::format(R"({{"AttachedPolicies":[{{"PolicyName":"p","PolicyArn":"{}"}},)"
                          R"({{"PolicyName":"AWSLambdaBasicExecutionRole","PolicyArn":"{}"}}],)"
                          R"("IsTruncated":false}})",
                          own, aws));
    const std::string which = fmt::format(R"({{"PolicyArn":"{}"}})", own);
    EXPECT_EQ(*ok("GetPolicy", which).find("Policy")->find("AttachmentCount")->integer(), 1);
    const auto users = ok("ListEntitiesForPolicy", which);
    EXPECT_EQ(wire::text_of(users.find("PolicyRoles")->items()->front(), "RoleName"), "r");
    EXPECT_EQ(error("DeletePolicy", which),
              "DeleteConflict: Cannot delete a policy attached to entities.");
    EXPECT_EQ(error("DeleteRole", R"({"RoleName":"r"})"),
              "DeleteConflict: Cannot delete entity, must detach all policies first.");
    ok("DetachRolePolicy", of(own));
    EXPECT_THAT(error("DetachRolePolicy", of(own)), StartsWith("NoSuchEntity"));
    ok("DeletePolicy", which);
    EXPECT_THAT(error("AttachRolePolicy", of(own)),
                HasSubstr("does not exist or is not attachable"));
    EXPECT_THAT(error("AttachRolePolicy", of("arn:aws:s3:::bucket-of-mine")),
                StartsWith("InvalidInput"));
}

TEST_F(Roles, AreListedInPagesByPath) {
    for (const char* name : {"a", "b", "c", "d"}) make_role(name);
    ok("CreateRole",
       fmt::format(R"({{"RoleName":"aa","Path":"/app/","AssumeRolePolicyDocument":{}}})",
                   quoted(trust)));
    const auto first = ok("ListRoles", R"({"MaxItems":2})");
    ASSERT_THAT(*first.find("Roles")->items(), SizeIs(2));
    EXPECT_TRUE(*first.find("IsTruncated")->boolean());
    const auto rest = ok("ListRoles", fmt::format(R"({{"MaxItems":3,"Marker":"{}"}})",
                                                  wire::text_of(first, "Marker")));
    ASSERT_THAT(*rest.find("Roles")->items(), SizeIs(3));
    EXPECT_FALSE(*rest.find("IsTruncated")->boolean());
    EXPECT_EQ(wire::text_of(rest.find("Roles")->items()->front(), "RoleName"), "b");
    EXPECT_THAT(*ok("ListRoles", R"({"PathPrefix":"/app/"})").find("Roles")->items(), SizeIs(1));
    EXPECT_THAT(error("ListRoles", R"({"Marker":"%"})"), HasSubstr("Invalid Marker"));
}

TEST_F(Roles, AreUpdatedAndTagged) {
    make_role("r");
    ok("UpdateRole", R"({"RoleName":"r","Description":"new","MaxSessionDuration":3600})");
    ok("UpdateAssumeRolePolicy",
       fmt::format(R"({{"RoleName":"r","PolicyDocument":{}}})",
                   quoted(R"({"Statement":{"Effect":"Deny","Principal":"*",)"
                          R"("Action":"sts:AssumeRole"}})")));
    ok("TagRole", R"({"RoleName":"r","Tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]})");
    ok("UntagRole", R"({"RoleName":"r","TagKeys":["a"]})");
    EXPECT_EQ(text("ListRoleTags", R"({"RoleName":"r"})"),
              R"({"Tags":[{"Key":"b","Value":"2"}],"IsTruncated":false})");
    const std::string bound = make_policy("bound");
    ok("PutRolePermissionsBoundary",
       fmt::format(R"({{"RoleName":"r","PermissionsBoundary":"{}"}})", bound));
    const auto answer = ok("GetRole", R"({"RoleName":"r"})");
    const wire::Value& role = *answer.find("Role");
    EXPECT_EQ(wire::text_of(role, "Description"), "new");
    EXPECT_THAT(wire::text_of(role, "AssumeRolePolicyDocument"), HasSubstr("Deny"));
    EXPECT_EQ(wire::text_of(*role.find("PermissionsBoundary"), "PermissionsBoundaryArn"), bound);
    EXPECT_THAT(error("DeletePolicy", fmt::format(R"({{"PolicyArn":"{}"}})", bound)),
                StartsWith("DeleteConflict"));
    ok("DeleteRolePermissionsBoundary", R"({"RoleName":"r"})");
    ok("DeletePolicy", fmt::format(R"({{"PolicyArn":"{}"}})", bound));
}

TEST_F(Roles, AreInInstanceProfiles) {
    make_role("r");
    ok("CreateInstanceProfile", R"({"InstanceProfileName":"p"})");
    const std::string both = R"({"InstanceProfileName":"p","RoleName":"r"})";
    ok("AddRoleToInstanceProfile", both);
    EXPECT_THAT(error("AddRoleToInstanceProfile", both), StartsWith("LimitExceeded"));
    const auto profile = ok("GetInstanceProfile", R"({"InstanceProfileName":"p"})");
    EXPECT_THAT(*profile.find("InstanceProfile")->find("Roles")->items(), SizeIs(1));
    const auto of_role = ok("ListInstanceProfilesForRole", R"({"RoleName":"r"})");
    EXPECT_THAT(*of_role.find("InstanceProfiles")->items(), SizeIs(1));
    EXPECT_THAT(error("DeleteRole", R"({"RoleName":"r"})"), StartsWith("DeleteConflict"));
    EXPECT_THAT(error("DeleteInstanceProfile", R"({"InstanceProfileName":"p"})"),
                StartsWith("DeleteConflict"));
    ok("RemoveRoleFromInstanceProfile", both);
    ok("DeleteRole", R"({"RoleName":"r"})");
    ok("DeleteInstanceProfile", R"({"InstanceProfileName":"p"})");
}

}  // namespace
}  // namespace mill::iam
