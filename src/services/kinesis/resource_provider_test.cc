// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "services/kinesis/kinesis_fixture.h"

namespace mill::kinesis {
namespace {

using testing::HasSubstr;

struct ResourceProviderTest : KinesisTest {
    ports::ResourceProvider& provider() { return *kinesis_; }
    ports::ResourceRequest request(std::string_view properties) {
        return {.caller = caller_,
                .type = "AWS::Kinesis::Stream",
                .logical_id = "Stream",
                .stack_name = "stack",
                .stack_id = "id",
                .generated_name = "stack-Stream-ABCDEFGHIJKL",
                .properties = *wire::parse_json(properties)};
    }
    Result<ports::Resource> make(std::string_view properties) {
        return sim_.await(provider().create(request(properties)));
    }
    Result<ports::Resource> change(std::string_view from, std::string_view to,
                                   const std::string& id = "orders") {
        return sim_.await(provider().update(request(to), id, *wire::parse_json(from)));
    }
};

TEST_F(ResourceProviderTest, MakesAStreamAndTellsItsNameAndArn) {
    options_.transition = std::chrono::seconds(1);
    reopen();
    const auto made = make(R"({"Name":"orders","ShardCount":"2","RetentionPeriodHours":48,
                               "StreamModeDetails":{"StreamMode":"PROVISIONED"},"Tags":[{"Key":"a","Value":"b"}]})");
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->physical_id, "orders");
    EXPECT_EQ(wire::text_of(made->attributes, "Arn"),
              "arn:aws:kinesis:us-east-1:000000000000:stream/orders");
    EXPECT_EQ(status(), "ACTIVE");
    EXPECT_EQ((*kinesis_->find_stream(caller_, "orders", {}))->row().retention_hours, 48);
    EXPECT_EQ(make(R"({"Name":"orders","ShardCount":1})").error().code, "ResourceInUseException");
}

TEST_F(ResourceProviderTest, UsesTheGeneratedNameWhenThereIsNone) {
    EXPECT_EQ(make(R"({"ShardCount":1})")->physical_id, "stack-Stream-ABCDEFGHIJKL");
}

TEST_F(ResourceProviderTest, RefusesWhatItCannotDo) {
    EXPECT_THAT(make(R"({"ShardCount":1,"StreamEncryption":{}})").error().message,
                HasSubstr("StreamEncryption needs the EncryptionType KMS and a KeyId"));
    EXPECT_THAT(make(R"({"ShardCount":1,"Policy":{}})").error().message, HasSubstr("Policy"));
    EXPECT_THAT(make(R"({"ShardCount":"many"})").error().message,
                HasSubstr("ShardCount must be an integer"));
    EXPECT_THAT(make(R"({"ShardCount":1,"Name":"a b"})").error().message,
                HasSubstr("a b is not a stream name"));
    EXPECT_THAT(make(R"({"ShardCount":1,"RetentionPeriodHours":1})").error().message,
                HasSubstr("Minimum allowed retention period"));
}

TEST_F(ResourceProviderTest, UpdatesInPlaceWhatItCan) {
    const auto* before = R"({"Name":"orders","ShardCount":1,"Tags":[{"Key":"a","Value":"1"}]})";
    ASSERT_TRUE(make(before));
    ok("AddTagsToStream", R"({"StreamName":"orders","Tags":{"own":"x"}})");
    ASSERT_TRUE(change(before, R"({"Name":"orders","ShardCount":1,"RetentionPeriodHours":"72",
                                   "Tags":[{"Key":"b","Value":"2"}]})"));
    const auto& row = (*kinesis_->find_stream(caller_, "orders", {}))->row();
    EXPECT_EQ(row.retention_hours, 72);
    EXPECT_EQ(row.tags, (std::map<std::string, std::string>{{"b", "2"}, {"own", "x"}}));
    ASSERT_TRUE(change(before, R"({"Name":"orders","ShardCount":1,"MaxRecordSizeInKiB":2048})"));
    EXPECT_EQ((*kinesis_->find_stream(caller_, "orders", {}))->row().record_kib_max, 2048);
    EXPECT_EQ(change(before, R"({"Name":"other","ShardCount":1})").error().code,
              "resource.replace");
}

TEST_F(ResourceProviderTest, ChangesTheShardsAndTheModeInPlace) {
    options_.transition = std::chrono::seconds(1);
    reopen();
    const auto* before = R"({"Name":"orders","ShardCount":2})";
    ASSERT_TRUE(make(before));
    const auto stream = *kinesis_->find_stream(caller_, "orders", {});
    ASSERT_TRUE(change(before, R"({"Name":"orders","ShardCount":3})"));
    EXPECT_EQ(stream->open_shards().size(), 3U);
    EXPECT_TRUE(stream->is("ACTIVE"));
    EXPECT_THAT(change(before, R"({"Name":"orders","ShardCount":7})").error().message,
                HasSubstr("cannot scale up over double"));
    ASSERT_TRUE(
        change(before, R"({"Name":"orders","StreamModeDetails":{"StreamMode":"ON_DEMAND"}})"));
    EXPECT_EQ(stream->row().mode, "ON_DEMAND");
    EXPECT_EQ(stream->open_shards().size(), 3U);
}

TEST_F(ResourceProviderTest, EncryptsAsTheTemplateSays) {
    options_.transition = std::chrono::seconds(1);
    reopen();
    const auto* plain = R"({"Name":"orders","ShardCount":1})";
    const auto* encrypted =
        R"({"Name":"orders","ShardCount":1,
            "StreamEncryption":{"EncryptionType":"KMS","KeyId":"alias/aws/kinesis"}})";
    ASSERT_TRUE(make(encrypted));
    const auto stream = *kinesis_->find_stream(caller_, "orders", {});
    const auto said = [&] { return stream->row().encryption_type + stream->row().key_id; };
    EXPECT_EQ(said(), "KMSalias/aws/kinesis");
    EXPECT_EQ(stream->row().encryption_changes.size(), 1U) << "its first records already";
    ASSERT_TRUE(change(encrypted, R"({"Name":"orders","ShardCount":1,
            "StreamEncryption":{"EncryptionType":"KMS","KeyId":"own"}})"));
    EXPECT_EQ(said(), "KMSown");
    ASSERT_TRUE(change(encrypted, plain));
    EXPECT_EQ(said(), "NONE");
    EXPECT_TRUE(stream->is("ACTIVE"));
    ok("StartStreamEncryption",
       R"({"StreamName":"orders","EncryptionType":"KMS","KeyId":"by-hand"})");
    ASSERT_TRUE(change(plain, plain));
    EXPECT_EQ(said(), "KMSby-hand") << "the template does not speak of it";
}

TEST_F(ResourceProviderTest, RemovesAStreamAndDoesNotMindIfItIsGone) {
    options_.transition = std::chrono::seconds(1);
    reopen();
    ASSERT_TRUE(make(R"({"Name":"orders","ShardCount":1})"));
    EXPECT_TRUE(sim_.await(provider().remove(request("{}"), "orders")));
    EXPECT_EQ(status(), "ResourceNotFoundException");
    EXPECT_TRUE(sim_.await(provider().remove(request("{}"), "orders")));
}

}  // namespace
}  // namespace mill::kinesis
