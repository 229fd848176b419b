// SPDX-License-Identifier: Apache-2.0
#include "services/kms/kms.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engines/memory/memory.h"
#include "sim/machine/sim_machine.h"

namespace mill::kms {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class KmsTest : public testing::Test {
  protected:
    Result<wire::Value> call(std::string_view name, std::string_view json) {
        for (const wire::Operation* operation : operations()) {
            if (operation->name != name) continue;
            const auto output =
                sim_.await(operation->invoke(kms_.get(), caller_, *wire::parse_json(json)));
            if (!output) return std::unexpected(output.error());
            std::string text;
            wire::encode(*output->structure, output->object.get(), *wire::json_writer(text));
            return text.empty() ? wire::Value::map() : wire::parse_json(text);
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
    std::string make() {
        const auto made = ok("CreateKey", R"({"Description":"d"})");
        return wire::text_of(*made.find("KeyMetadata"), "KeyId");
    }
    static std::string of(const std::string& key, const std::string& more = "") {
        return R"({"KeyId":")" + key + "\"" + more + "}";
    }
    std::string state(const std::string& key) {
        return wire::text_of(*ok("DescribeKey", of(key)).find("KeyMetadata"), "KeyState");
    }
    // As after a restart of the server: only what the engine keeps is still there.
    void reopen() { kms_ = *Kms::open(sim_.machine(), engine_); }
    static ports::ResourceRequest request(std::string_view type, std::string_view properties) {
        return {.type = std::string(type), .properties = *wire::parse_json(properties)};
    }

    sim::SimMachine sim_{11};
    storage::Engine engine_ = memory::make_engine(sim_.machine());
    Caller caller_;
    std::unique_ptr<Kms> kms_ = *Kms::open(sim_.machine(), engine_);
};

TEST_F(KmsTest, KeysAreFoundByIdArnAndAlias) {
    const std::string key = make();
    ok("CreateAlias", R"({"AliasName":"alias/a","TargetKeyId":")" + key + "\"}");
    reopen();
    const std::string arn = "arn:aws:kms:us-east-1:000000000000:key/" + key;
    for (const std::string& name : {key, arn, std::string("alias/a"),
                                    std::string("arn:aws:kms:us-east-1:000000000000:alias/a")}) {
        const auto told = ok("DescribeKey", of(name));
        EXPECT_EQ(wire::text_of(*told.find("KeyMetadata"), "Arn"), arn) << name;
    }
    EXPECT_EQ(state(key), "Enabled");
    EXPECT_THAT(error("DescribeKey", of("alias/none")), HasSubstr("is not found"));
    EXPECT_EQ(
        error("DescribeKey", of("none")),
        "NotFoundException: Key 'arn:aws:kms:us-east-1:000000000000:key/none' does not exist");
    EXPECT_THAT(error("EnableKey", of("alias/a")), StartsWith("NotFoundException"));
}

TEST_F(KmsTest, KeysAndAliasesAreListedInPages) {
    for (int i = 0; i < 3; ++i) {
        ok("CreateAlias",
           fmt::format(R"({{"AliasName":"alias/a{}","TargetKeyId":"{}"}})", i, make()));
    }
    const auto first = ok("ListKeys", R"({"Limit":2})");
    EXPECT_TRUE(*first.find("Truncated")->boolean());
    const auto rest = ok("ListKeys", R"({"Marker":")" + wire::text_of(first, "NextMarker") + "\"}");
    EXPECT_THAT(*rest.find("Keys")->items(), SizeIs(1));
    const auto aliases = ok("ListAliases", R"({"Limit":2})");
    EXPECT_THAT(*aliases.find("Aliases")->items(), SizeIs(2));
    const auto others =
        ok("ListAliases", R"({"Marker":")" + wire::text_of(aliases, "NextMarker") + "\"}");
    ASSERT_THAT(*others.find("Aliases")->items(), SizeIs(1));
    const std::string key = wire::text_of(others.find("Aliases")->items()->front(), "TargetKeyId");
    EXPECT_THAT(*ok("ListAliases", of(key)).find("Aliases")->items(), SizeIs(1));
    EXPECT_THAT(error("ListKeys", R"({"Marker":"%"})"), StartsWith("InvalidMarkerException"));
}

TEST_F(KmsTest, AliasesMoveAndGo) {
    const std::string first = make(), second = make();
    const auto with = [](const std::string& key) {
        return R"({"AliasName":"alias/a","TargetKeyId":")" + key + "\"}";
    };
    ok("CreateAlias", with(first));
    EXPECT_THAT(error("CreateAlias", with(second)), StartsWith("AlreadyExistsException"));
    ok("UpdateAlias", with(second));
    EXPECT_EQ(wire::text_of(*ok("DescribeKey", of("alias/a")).find("KeyMetadata"), "KeyId"),
              second);
    for (int start = 0; start < 2; ++start, reopen()) {
        EXPECT_THAT(*ok("ListAliases", of(first)).find("Aliases")->items(), SizeIs(0));
        EXPECT_THAT(*ok("ListAliases", of(second)).find("Aliases")->items(), SizeIs(1));
    }
    ok("DeleteAlias", R"({"AliasName":"alias/a"})");
    EXPECT_THAT(*ok("ListAliases", of(second)).find("Aliases")->items(), SizeIs(0));
    EXPECT_THAT(error("DeleteAlias", R"({"AliasName":"alias/a"})"),
                StartsWith("NotFoundException"));
    EXPECT_THAT(error("CreateAlias", R"({"AliasName":"a","TargetKeyId":")" + first + "\"}"),
                StartsWith("InvalidAliasNameException"));
    EXPECT_THAT(
        error("CreateAlias", R"({"AliasName":"alias/aws/s3","TargetKeyId":")" + first + "\"}"),
        HasSubstr("reserved"));
}

TEST_F(KmsTest, AKeyWaitsForItsDeletionAndIsGone) {
    const std::string key = make();
    ok("DisableKey", of(key));
    EXPECT_EQ(state(key), "Disabled");
    ok("EnableKey", of(key));
    EXPECT_THAT(error("ScheduleKeyDeletion", of(key, R"(,"PendingWindowInDays":5)")),
                HasSubstr("between 7 and 30"));
    ok("ScheduleKeyDeletion", of(key, R"(,"PendingWindowInDays":7)"));
    EXPECT_EQ(state(key), "PendingDeletion");
    EXPECT_THAT(error("EnableKey", of(key)), StartsWith("KMSInvalidStateException"));
    ok("CancelKeyDeletion", of(key));
    EXPECT_EQ(state(key), "Disabled");
    EXPECT_THAT(error("CancelKeyDeletion", of(key)), StartsWith("KMSInvalidStateException"));
    ok("CreateAlias", R"({"AliasName":"alias/a","TargetKeyId":")" + key + "\"}");
    ok("ScheduleKeyDeletion", of(key, R"(,"PendingWindowInDays":7)"));
    sim_.run_for(std::chrono::hours(24 * 8));
    EXPECT_THAT(error("DescribeKey", of(key)), StartsWith("NotFoundException"));
    EXPECT_THAT(*ok("ListKeys", "{}").find("Keys")->items(), SizeIs(0));
    reopen();
    make();
    EXPECT_THAT(*engine_.table->scan("kms/"), SizeIs(1)) << "its rows went with the next key";
}

TEST_F(KmsTest, KeysThatAreGoneShortenNoPage) {
    std::vector<std::string> keys = {make(), make(), make()};
    std::ranges::sort(keys);
    ok("ScheduleKeyDeletion", of(keys[0], R"(,"PendingWindowInDays":7)"));
    sim_.run_for(std::chrono::hours(24 * 8));
    const auto first = ok("ListKeys", R"({"Limit":1})");
    EXPECT_TRUE(*first.find("Truncated")->boolean());
    EXPECT_EQ(wire::text_of(first.find("Keys")->items()->front(), "KeyId"), keys[1]);
    const auto rest = ok("ListKeys", R"({"Marker":")" + wire::text_of(first, "NextMarker") + "\"}");
    EXPECT_FALSE(*rest.find("Truncated")->boolean());
    EXPECT_EQ(wire::text_of(rest.find("Keys")->items()->front(), "KeyId"), keys[2]);
}

TEST_F(KmsTest, KeysHavePoliciesTagsAndRotation) {
    const std::string key = make();
    EXPECT_THAT(wire::text_of(ok("GetKeyPolicy", of(key)), "Policy"),
                HasSubstr("arn:aws:iam::000000000000:root"));
    ok("PutKeyPolicy", of(key, R"(,"Policy":"{\"Statement\":[]}")"));
    EXPECT_EQ(wire::text_of(ok("GetKeyPolicy", of(key)), "Policy"), R"({"Statement":[]})");
    EXPECT_THAT(error("PutKeyPolicy", of(key, R"(,"Policy":"{")")),
                StartsWith("MalformedPolicyDocumentException"));
    EXPECT_EQ(wire::write_json(*ok("ListKeyPolicies", of(key)).find("PolicyNames")),
              R"(["default"])");
    ok("TagResource",
       of(key, R"(,"Tags":[{"TagKey":"a","TagValue":"1"},{"TagKey":"b","TagValue":"2"}])"));
    ok("UntagResource", of(key, R"(,"TagKeys":["a"])"));
    EXPECT_EQ(wire::write_json(*ok("ListResourceTags", of(key)).find("Tags")),
              R"([{"TagKey":"b","TagValue":"2"}])");
    EXPECT_FALSE(*ok("GetKeyRotationStatus", of(key)).find("KeyRotationEnabled")->boolean());
    ok("EnableKeyRotation", of(key, R"(,"RotationPeriodInDays":90)"));
    EXPECT_EQ(*ok("GetKeyRotationStatus", of(key)).find("RotationPeriodInDays")->integer(), 90);
    ok("DisableKeyRotation", of(key));
    ok("UpdateKeyDescription", of(key, R"(,"Description":"new")"));
    EXPECT_EQ(wire::text_of(*ok("DescribeKey", of(key)).find("KeyMetadata"), "Description"), "new");
    EXPECT_THAT(error("CreateKey", R"({"KeyUsage":"SIGN_VERIFY"})"), HasSubstr("not compatible"));
    const auto asymmetric = ok("CreateKey", R"({"KeySpec":"RSA_2048"})");
    EXPECT_THAT(
        error("EnableKeyRotation", of(wire::text_of(*asymmetric.find("KeyMetadata"), "KeyId"))),
        testing::AllOf(StartsWith("UnsupportedOperationException: arn:"), HasSubstr("RSA_2048")));
    EXPECT_THAT(error("CreateKey", R"({"MultiRegion":true})"),
                HasSubstr("Millrace does not support MultiRegion"));
}

TEST_F(KmsTest, KeysAndAliasesAreResourcesOfStacks) {
    const std::string first = R"({"Description":"d","EnableKeyRotation":true,"KeyPolicy":)"
                              R"({"Statement":[]},"Tags":[{"Key":"a","Value":"b"}]})";
    const auto key = sim_.await(kms_->create(request("AWS::KMS::Key", first)));
    ASSERT_TRUE(key) << key.error().message;
    const std::string& id = key->physical_id;
    EXPECT_TRUE(*ok("GetKeyRotationStatus", of(id)).find("KeyRotationEnabled")->boolean());
    ASSERT_TRUE(sim_.await(kms_->update(request("AWS::KMS::Key", R"({"Enabled":"false"})"), id,
                                        *wire::parse_json(first))));
    EXPECT_EQ(state(id), "Disabled");
    const std::string alias = R"({"AliasName":"alias/a","TargetKeyId":")" + id + "\"}";
    ASSERT_TRUE(sim_.await(kms_->create(request("AWS::KMS::Alias", alias))));
    EXPECT_TRUE(sim_.await(kms_->remove(request("AWS::KMS::Alias", alias), "alias/a")));
    EXPECT_TRUE(sim_.await(kms_->remove(request("AWS::KMS::Alias", alias), "alias/a")));
    EXPECT_TRUE(sim_.await(kms_->remove(request("AWS::KMS::Key", first), id)));
    EXPECT_EQ(state(id), "PendingDeletion");
    EXPECT_TRUE(sim_.await(kms_->remove(request("AWS::KMS::Key", first), id)));
}

TEST_F(KmsTest, AKeyOfAStackIsWholeOrNotThere) {
    const auto refused = sim_.await(kms_->create(
        request("AWS::KMS::Key", R"({"KeySpec":"RSA_2048","EnableKeyRotation":true})")));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "UnsupportedOperationException");
    EXPECT_THAT(*engine_.table->scan("kms/"), SizeIs(0));
    const auto made = sim_.await(
        kms_->create(request("AWS::KMS::Key", R"({"Enabled":false,"EnableKeyRotation":true})")));
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(state(made->physical_id), "Disabled");
    EXPECT_EQ(
        *ok("GetKeyRotationStatus", of(made->physical_id)).find("RotationPeriodInDays")->integer(),
        365);
    const auto spoilt = sim_.await(
        kms_->update(request("AWS::KMS::Key", R"({"KeyPolicy":"{","EnableKeyRotation":true})"),
                     made->physical_id, *wire::parse_json("{}")));
    ASSERT_FALSE(spoilt);
    EXPECT_EQ(state(made->physical_id), "Disabled") << "nothing of a refused update is kept";
}

}  // namespace
}  // namespace mill::kms
