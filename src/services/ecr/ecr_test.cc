// SPDX-License-Identifier: Apache-2.0
#include "services/ecr/ecr.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "sim/machine/sim_machine.h"

namespace mill::ecr {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class EcrTest : public testing::Test {
  protected:
    Result<wire::Value> call(std::string_view name, std::string_view json) {
        for (const wire::Operation* operation : operations()) {
            if (operation->name != name) continue;
            const auto output =
                sim_.await(operation->invoke(ecr_.get(), caller_, *wire::parse_json(json)));
            if (!output) return std::unexpected(output.error());
            std::string text;
            wire::encode(*output->structure, output->object.get(), *wire::json_writer(text));
            return wire::parse_json(text);
        }
        ADD_FAILURE() << "no operation " << name;
        std::abort();
    }
    wire::Value ok(std::string_view name, std::string_view json) {
        auto answer = call(name, json);
        EXPECT_TRUE(answer) << name << " " << json << ": " << answer.error().code << ": "
                            << answer.error().message;
        return answer ? *answer : wire::Value();
    }
    std::string error(std::string_view name, std::string_view json) {
        const auto answer = call(name, json);
        return answer ? "no error" : answer.error().code + ": " + answer.error().message;
    }
    static std::string of(const std::string& name, const std::string& more = "") {
        return R"({"repositoryName":")" + name + "\"" + more + "}";
    }
    static ports::ResourceRequest request(std::string_view properties) {
        return {.type = "AWS::ECR::Repository",
                .generated_name = "Stack-Repo-ABC",
                .properties = *wire::parse_json(properties)};
    }

    sim::SimMachine sim_{13};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    Caller caller_;
    std::unique_ptr<Ecr> ecr_ = *Ecr::open(sim_.machine(), engine_);
};

constexpr std::string_view arn = "arn:aws:ecr:us-east-1:000000000000:repository/a/b";

TEST_F(EcrTest, RepositoriesAreMadeToldAndDeleted) {
    ok("CreateRepository", of("a/b", R"(,"imageTagMutability":"IMMUTABLE",)"
                                     R"("imageScanningConfiguration":{"scanOnPush":true},)"
                                     R"("tags":[{"Key":"k","Value":"v"}])"));
    EXPECT_THAT(error("CreateRepository", of("a/b")),
                StartsWith("RepositoryAlreadyExistsException"));
    ecr_ = *Ecr::open(sim_.machine(), engine_);
    const auto told = ok("DescribeRepositories", R"({"repositoryNames":["a/b"]})");
    const wire::Value& repository = told.find("repositories")->items()->front();
    EXPECT_EQ(wire::text_of(repository, "repositoryArn"), arn);
    EXPECT_EQ(wire::text_of(repository, "repositoryUri"),
              "000000000000.dkr.ecr.us-east-1.amazonaws.com/a/b");
    EXPECT_EQ(wire::text_of(repository, "imageTagMutability"), "IMMUTABLE");
    ok("PutImageTagMutability", of("a/b", R"(,"imageTagMutability":"MUTABLE")"));
    ok("PutImageScanningConfiguration", of("a/b", R"(,"imageScanningConfiguration":{})"));
    EXPECT_THAT(error("PutImageTagMutability",
                      of("a/b", R"(,"imageTagMutability":"MUTABLE_WITH_EXCLUSION")")),
                HasSubstr("Millrace does not support"));
    ok("DeleteRepository", of("a/b"));
    EXPECT_EQ(error("DeleteRepository", of("a/b")),
              "RepositoryNotFoundException: The repository with name 'a/b' does not exist in the "
              "registry with id '000000000000'");
}

TEST_F(EcrTest, RepositoriesAreListedInPages) {
    for (const char* name : {"aa", "bb", "cc"}) ok("CreateRepository", of(name));
    const auto first = ok("DescribeRepositories", R"({"maxResults":2})");
    EXPECT_THAT(*first.find("repositories")->items(), SizeIs(2));
    const auto rest = ok("DescribeRepositories",
                         fmt::format(R"({{"nextToken":"{}"}})", wire::text_of(first, "nextToken")));
    EXPECT_THAT(*rest.find("repositories")->items(), SizeIs(1));
    EXPECT_THAT(error("DescribeRepositories", R"({"nextToken":"%"})"),
                StartsWith("InvalidParameterException"));
}

TEST_F(EcrTest, PoliciesAndTagsAreKept) {
    ok("CreateRepository", of("a/b"));
    EXPECT_THAT(error("GetRepositoryPolicy", of("a/b")),
                StartsWith("RepositoryPolicyNotFoundException"));
    EXPECT_THAT(error("GetLifecyclePolicy", of("a/b")),
                StartsWith("LifecyclePolicyNotFoundException"));
    EXPECT_THAT(error("SetRepositoryPolicy", of("a/b", R"(,"policyText":"{")")),
                HasSubstr("Invalid JSON provided"));
    ok("SetRepositoryPolicy", of("a/b", R"(,"policyText":"{}")"));
    EXPECT_EQ(wire::text_of(ok("GetRepositoryPolicy", of("a/b")), "policyText"), "{}");
    ok("DeleteRepositoryPolicy", of("a/b"));
    EXPECT_THAT(error("DeleteRepositoryPolicy", of("a/b")),
                StartsWith("RepositoryPolicyNotFoundException"));
    const std::string lifecycle = R"({\"rules\":[)" + std::string(100, ' ') + "]}";
    ok("PutLifecyclePolicy", of("a/b", R"(,"lifecyclePolicyText":")" + lifecycle + "\""));
    EXPECT_THAT(wire::text_of(ok("GetLifecyclePolicy", of("a/b")), "lifecyclePolicyText"),
                StartsWith(R"({"rules":)"));
    ok("DeleteLifecyclePolicy", of("a/b"));
    const std::string which = fmt::format(R"({{"resourceArn":"{}")", arn);
    ok("TagResource", which + R"(,"tags":[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]})");
    ok("UntagResource", which + R"(,"tagKeys":["a"]})");
    EXPECT_EQ(wire::write_json(ok("ListTagsForResource", which + "}")),
              R"({"tags":[{"Key":"b","Value":"2"}]})");
    const auto with_key = [&](std::size_t length) {
        std::string key;
        while (key.size() < 2 * length) key += "\u00fc";  // two bytes
        return which + R"(,"tags":[{"Key":")" + key + R"(","Value":""}]})";
    };
    ok("TagResource", with_key(128));
    EXPECT_THAT(error("TagResource", with_key(129)), StartsWith("InvalidTagParameterException"));
    EXPECT_THAT(error("ListTagsForResource", R"({"resourceArn":"x"})"),
                StartsWith("InvalidParameterException"));
}

TEST_F(EcrTest, ATokenIsGivenForDockerLogin) {
    const auto answer = ok("GetAuthorizationToken", "{}");
    const wire::Value& data = answer.find("authorizationData")->items()->front();
    EXPECT_THAT(*base64_decode(wire::text_of(data, "authorizationToken")), StartsWith("AWS:"));
}

TEST_F(EcrTest, RepositoriesAreResourcesOfStacks) {
    const std::string first =
        R"({"ImageTagMutability":"IMMUTABLE","ImageScanningConfiguration":)"
        R"({"ScanOnPush":true},"LifecyclePolicy":{"LifecyclePolicyText":"{}"},)"
        R"("RepositoryPolicyText":{"Statement":[]}})";
    const auto made = sim_.await(ecr_->create(request(first)));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "stack-repo-abc");
    EXPECT_EQ(wire::text_of(ok("GetRepositoryPolicy", of("stack-repo-abc")), "policyText"),
              R"({"Statement":[]})");
    ASSERT_TRUE(
        sim_.await(ecr_->update(request("{}"), "stack-repo-abc", *wire::parse_json(first))));
    EXPECT_THAT(error("GetRepositoryPolicy", of("stack-repo-abc")),
                StartsWith("RepositoryPolicyNotFoundException"));
    EXPECT_EQ(sim_.await(ecr_->update(request(R"({"RepositoryName":"other"})"), "stack-repo-abc",
                                      *wire::parse_json("{}")))
                  .error()
                  .code,
              "resource.replace");
    EXPECT_TRUE(sim_.await(ecr_->remove(request("{}"), "stack-repo-abc")));
    EXPECT_TRUE(sim_.await(ecr_->remove(request("{}"), "stack-repo-abc")));
}

}  // namespace
}  // namespace mill::ecr
