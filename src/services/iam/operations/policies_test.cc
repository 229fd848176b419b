// SPDX-License-Identifier: Apache-2.0
#include "services/iam/iam_fixture.h"

namespace mill::iam {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

using Policies = IamTest;

TEST_F(Policies, HaveFiveVersionsAtMost) {
    const std::string arn = make_policy("p");
    const std::string which = fmt::format(R"({{"PolicyArn":"{}"}})", arn);
    const auto version = [&](std::string_view id) {
        return fmt::format(R"({{"PolicyArn":"{}","VersionId":"{}"}})", arn, id);
    };
    const std::string add =
        fmt::format(R"({{"PolicyArn":"{}","PolicyDocument":{}}})", arn, quoted(document));
    for (int i = 0; i < 4; ++i) ok("CreatePolicyVersion", add);
    EXPECT_THAT(error("CreatePolicyVersion", add), StartsWith("LimitExceeded"));
    EXPECT_THAT(error("DeletePolicyVersion", version("v1")), StartsWith("DeleteConflict"));
    ok("SetDefaultPolicyVersion", version("v3"));
    ok("DeletePolicyVersion", version("v1"));
    EXPECT_EQ(wire::text_of(*ok("CreatePolicyVersion", add).find("PolicyVersion"), "VersionId"),
              "v6");
    reopen();
    EXPECT_EQ(wire::text_of(*ok("GetPolicy", which).find("Policy"), "DefaultVersionId"), "v3");
    const auto third = ok("GetPolicyVersion", version("v3"));
    EXPECT_TRUE(*third.find("PolicyVersion")->find("IsDefaultVersion")->boolean());
    EXPECT_THAT(wire::text_of(*third.find("PolicyVersion"), "Document"), StartsWith("%7B"));
    const auto first =
        ok("ListPolicyVersions", fmt::format(R"({{"PolicyArn":"{}","MaxItems":2}})", arn));
    EXPECT_EQ(wire::text_of(first.find("Versions")->items()->front(), "VersionId"), "v6");
    const auto rest = ok("ListPolicyVersions", fmt::format(R"({{"PolicyArn":"{}","Marker":"{}"}})",
                                                           arn, wire::text_of(first, "Marker")));
    EXPECT_THAT(*rest.find("Versions")->items(), SizeIs(3));
    EXPECT_THAT(error("DeletePolicy", which), HasSubstr("more than one version"));
    EXPECT_THAT(error("GetPolicyVersion", version("v9")), StartsWith("NoSuchEntity"));
}

TEST_F(Policies, OfAwsAreTakenAsTheyAre) {
    const std::string arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaRole";
    const auto answer = ok("GetPolicy", fmt::format(R"({{"PolicyArn":"{}"}})", arn));
    const wire::Value& policy = *answer.find("Policy");
    EXPECT_EQ(wire::text_of(policy, "PolicyName"), "AWSLambdaRole");
    EXPECT_EQ(wire::text_of(policy, "Path"), "/service-role/");
    EXPECT_THAT(
        error("GetPolicyVersion", fmt::format(R"({{"PolicyArn":"{}","VersionId":"v1"}})", arn)),
        HasSubstr("does not have the documents of AWS's own policies"));
    EXPECT_THAT(error("DeletePolicy", fmt::format(R"({{"PolicyArn":"{}"}})", arn)),
                StartsWith("NoSuchEntity"));
}

TEST_F(Policies, AreListedAndHaveNamesOfTheirOwn) {
    make_policy("a");
    make_policy("b");
    const std::string again =
        fmt::format(R"({{"PolicyName":"a","Path":"/x/","PolicyDocument":{}}})", quoted(document));
    EXPECT_EQ(error("CreatePolicy", again),
              "EntityAlreadyExists: A policy called a already exists. Duplicate names are not "
              "allowed.");
    EXPECT_THAT(*ok("ListPolicies", R"({"Scope":"Local"})").find("Policies")->items(), SizeIs(2));
    EXPECT_THAT(*ok("ListPolicies", R"({"OnlyAttached":true})").find("Policies")->items(),
                SizeIs(0));
    EXPECT_THAT(*ok("ListPolicies", R"({"Scope":"AWS"})").find("Policies")->items(), SizeIs(0));
    EXPECT_THAT(error("CreatePolicy", R"({"PolicyName":"x","PolicyDocument":"[]"})"),
                StartsWith("MalformedPolicyDocument"));
}

}  // namespace
}  // namespace mill::iam
