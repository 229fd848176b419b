// SPDX-License-Identifier: Apache-2.0
#include "services/iam/iam_fixture.h"

namespace mill::iam {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

using Users = IamTest;

TEST_F(Users, HaveKeysThatTellWhoAsks) {
    ok("CreateUser", R"({"UserName":"u"})");
    const auto made = ok("CreateAccessKey", R"({"UserName":"u"})");
    const wire::Value& key = *made.find("AccessKey");
    EXPECT_THAT(wire::text_of(key, "AccessKeyId"), StartsWith("AKIA"));
    EXPECT_EQ(wire::text_of(key, "SecretAccessKey").size(), 40u);
    ok("CreateAccessKey", R"({"UserName":"u"})");
    EXPECT_EQ(error("CreateAccessKey", R"({"UserName":"u"})"),
              "LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2");
    caller_.access_key = wire::text_of(key, "AccessKeyId");
    reopen();
    EXPECT_EQ(wire::text_of(*ok("GetUser", "{}").find("User"), "UserName"), "u");
    EXPECT_THAT(*ok("ListAccessKeys", "{}").find("AccessKeyMetadata")->items(), SizeIs(2));
    const std::string which = R"({"AccessKeyId":")" + caller_.access_key + "\"";
    ok("UpdateAccessKey", which + R"(,"Status":"Inactive"})");
    EXPECT_EQ(wire::text_of(ok("GetAccessKeyLastUsed", which + "}"), "UserName"), "u");
    EXPECT_THAT(error("DeleteUser", R"({"UserName":"u"})"), HasSubstr("must delete access keys"));
    EXPECT_THAT(error("DeleteAccessKey", which + R"(,"UserName":"other"})"),
                StartsWith("NoSuchEntity"));
    ok("DeleteAccessKey", which + "}");
    const auto root = ok("GetUser", "{}");
    EXPECT_EQ(wire::text_of(*root.find("User"), "Arn"), "arn:aws:iam::000000000000:root");
    EXPECT_THAT(error("CreateAccessKey", "{}"), StartsWith("ValidationError"));
}

TEST_F(Users, AreInGroups) {
    ok("CreateUser", R"({"UserName":"u"})");
    ok("CreateGroup", R"({"GroupName":"g"})");
    const std::string both = R"({"UserName":"u","GroupName":"g"})";
    ok("AddUserToGroup", both);
    ok("AddUserToGroup", both);
    reopen();
    const auto group = ok("GetGroup", R"({"GroupName":"g"})");
    EXPECT_THAT(*group.find("Users")->items(), SizeIs(1));
    EXPECT_THAT(*ok("ListGroupsForUser", R"({"UserName":"u"})").find("Groups")->items(), SizeIs(1));
    EXPECT_THAT(error("DeleteGroup", R"({"GroupName":"g"})"), StartsWith("DeleteConflict"));
    EXPECT_THAT(error("DeleteUser", R"({"UserName":"u"})"), StartsWith("DeleteConflict"));
    ok("RemoveUserFromGroup", both);
    ok("DeleteGroup", R"({"GroupName":"g"})");
    ok("DeleteUser", R"({"UserName":"u"})");
}

TEST_F(Users, KeepWhatTheyHaveUnderAnotherName) {
    ok("CreateUser", R"({"UserName":"u"})");
    ok("CreateGroup", R"({"GroupName":"g"})");
    ok("AddUserToGroup", R"({"UserName":"u","GroupName":"g"})");
    ok("CreateAccessKey", R"({"UserName":"u"})");
    const std::string policy = make_policy("p");
    ok("AttachUserPolicy", fmt::format(R"({{"UserName":"u","PolicyArn":"{}"}})", policy));
    ok("UpdateUser", R"({"UserName":"u","NewUserName":"v","NewPath":"/x/"})");
    ok("UpdateGroup", R"({"GroupName":"g","NewGroupName":"h"})");
    EXPECT_THAT(error("GetUser", R"({"UserName":"u"})"), StartsWith("NoSuchEntity"));
    EXPECT_EQ(wire::text_of(*ok("GetUser", R"({"UserName":"v"})").find("User"), "Arn"),
              "arn:aws:iam::000000000000:user/x/v");
    const auto group = ok("GetGroup", R"({"GroupName":"h"})");
    EXPECT_EQ(wire::text_of(group.find("Users")->items()->front(), "UserName"), "v");
    const auto groups = ok("ListGroupsForUser", R"({"UserName":"v"})");
    EXPECT_EQ(wire::text_of(groups.find("Groups")->items()->front(), "GroupName"), "h");
    EXPECT_THAT(*ok("ListAccessKeys", R"({"UserName":"v"})").find("AccessKeyMetadata")->items(),
                SizeIs(1));
    const auto users = ok("ListEntitiesForPolicy", fmt::format(R"({{"PolicyArn":"{}"}})", policy));
    EXPECT_EQ(wire::text_of(users.find("PolicyUsers")->items()->front(), "UserName"), "v");
}

TEST_F(Users, AndGroupsHavePoliciesLikeRoles) {
    ok("CreateUser", R"({"UserName":"u"})");
    ok("CreateGroup", R"({"GroupName":"g"})");
    for (const auto& [title, name] : {std::pair("User", "u"), std::pair("Group", "g")}) {
        const std::string which = fmt::format(R"({{"{}Name":"{}")", title, name);
        ok(fmt::format("Put{}Policy", title),
           fmt::format(R"({},"PolicyName":"p","PolicyDocument":{}}})", which, quoted(document)));
        EXPECT_EQ(text(fmt::format("List{}Policies", title), which + "}"),
                  R"({"PolicyNames":["p"],"IsTruncated":false})");
        EXPECT_THAT(error(fmt::format("Delete{}", title), which + "}"),
                    StartsWith("DeleteConflict"));
        ok(fmt::format("Delete{}Policy", title), which + R"(,"PolicyName":"p"})");
        ok(fmt::format("Delete{}", title), which + "}");
    }
}

}  // namespace
}  // namespace mill::iam
