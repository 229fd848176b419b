// SPDX-License-Identifier: Apache-2.0
// Tags by ARN, resource policies, encryption, monitoring, account settings, record size, warm
// throughput.
#include <gmock/gmock.h>

#include "services/kinesis/kinesis_fixture.h"

namespace mill::kinesis {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct SettingsTest : KinesisTest {
    SettingsTest() { create("orders"); }

    static constexpr std::string_view stream_arn =
        "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
    std::string with_arn(std::string_view member, const std::string& more = "",
                         std::string arn = std::string(stream_arn)) const {
        return "{\"" + std::string(member) + R"(":")" + arn + "\"" + more + "}";
    }
    wire::Value summary() {
        return *ok("DescribeStreamSummary", R"({"StreamName":"orders"})")
                    .find("StreamDescriptionSummary");
    }
    std::string commitment(const wire::Value& answer) const {
        return wire::text_of(*answer.find("MinimumThroughputBillingCommitment"), "Status");
    }
    std::string consumer_arn() {
        const auto answer = ok("RegisterStreamConsumer",
                               with_arn("StreamARN", R"(,"ConsumerName":"bill","Tags":{"a":"1"})"));
        return wire::text_of(*answer.find("Consumer"), "ConsumerARN");
    }
    std::string tags(const std::string& arn) {
        return wire::write_json(
            *ok("ListTagsForResource", with_arn("ResourceARN", "", arn)).find("Tags"));
    }
};

TEST_F(SettingsTest, TagsOfStreamsAndConsumersAreReachedByArn) {
    const std::string stream(stream_arn);
    ok("TagResource", with_arn("ResourceARN", R"(,"Tags":{"b":"2","a":"1"})"));
    EXPECT_EQ(tags(stream), R"([{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}])");
    ok("UntagResource", with_arn("ResourceARN", R"(,"TagKeys":["a","none"])"));
    EXPECT_EQ(tags(stream), R"([{"Key":"b","Value":"2"}])");

    const auto consumer = consumer_arn();
    EXPECT_EQ(tags(consumer), R"([{"Key":"a","Value":"1"}])");
    ok("TagResource", with_arn("ResourceARN", R"(,"Tags":{"c":"3"})", consumer));
    ok("UntagResource", with_arn("ResourceARN", R"(,"TagKeys":["a"])", consumer));
    reopen();
    EXPECT_EQ(tags(consumer), R"([{"Key":"c","Value":"3"}])");
    EXPECT_EQ(tags(stream), R"([{"Key":"b","Value":"2"}])");
}

TEST_F(SettingsTest, TagKeysAndValuesHaveLengths) {
    const std::string key(129, 'k');
    EXPECT_THAT(error("TagResource", with_arn("ResourceARN", R"(,"Tags":{")" + key + R"(":"v"})")),
                HasSubstr("failed to satisfy constraint: Map keys must satisfy constraint: [Member "
                          "must have length less than or equal to 128, Member must have length "
                          "greater than or equal to 1]"));
    const std::string value(257, 'v');
    EXPECT_THAT(error("TagResource", with_arn("ResourceARN", R"(,"Tags":{"k":")" + value + "\"}")),
                HasSubstr("Map value must satisfy constraint: [Member must have length less than "
                          "or equal to 256, Member must have length greater than or equal to 0]"));
}

TEST_F(SettingsTest, APolicyIsAnsweredAsItWasPut) {
    const std::string policy = R"({\"Version\":\"2012-10-17\",\"Statement\":[]})";
    EXPECT_THAT(error("GetResourcePolicy", with_arn("ResourceARN")),
                StartsWith("ResourceNotFoundException"));
    for (const auto& arn : {std::string(stream_arn), consumer_arn()}) {
        ok("PutResourcePolicy", with_arn("ResourceARN", R"(,"Policy":")" + policy + "\"", arn));
        reopen();
        EXPECT_EQ(
            wire::text_of(ok("GetResourcePolicy", with_arn("ResourceARN", "", arn)), "Policy"),
            R"({"Version":"2012-10-17","Statement":[]})");
        ok("DeleteResourcePolicy", with_arn("ResourceARN", "", arn));
        EXPECT_THAT(error("GetResourcePolicy", with_arn("ResourceARN", "", arn)),
                    StartsWith("ResourceNotFoundException"));
    }
    EXPECT_THAT(error("PutResourcePolicy", with_arn("ResourceARN", R"(,"Policy":"no")")),
                StartsWith("InvalidArgumentException"));
}

TEST_F(SettingsTest, EncryptionIsSaidInDescriptions) {
    ok("StartStreamEncryption", with_arn("StreamARN", R"(,"EncryptionType":"KMS","KeyId":"key")"));
    reopen();
    EXPECT_EQ(wire::text_of(summary(), "EncryptionType"), "KMS");
    EXPECT_EQ(wire::text_of(summary(), "KeyId"), "key");
    ok("StopStreamEncryption", with_arn("StreamARN", R"(,"EncryptionType":"KMS","KeyId":"key")"));
    EXPECT_EQ(wire::text_of(summary(), "EncryptionType"), "NONE");
    EXPECT_EQ(summary().find("KeyId"), nullptr);
    EXPECT_THAT(error("StartStreamEncryption",
                      with_arn("StreamARN", R"(,"EncryptionType":"NONE","KeyId":"key")")),
                StartsWith("InvalidArgumentException"));
}

TEST_F(SettingsTest, RecordsSayThatTheyWereEncryptedWhenTheyWerePut) {
    const auto start = with_arn("StreamARN", R"(,"EncryptionType":"KMS","KeyId":"key")");
    const auto type_of = [](const wire::Value& value) {
        return value.find("EncryptionType") ? wire::text_of(value, "EncryptionType") : "";
    };
    const auto put_both = [&] {
        sim_.run_for(std::chrono::seconds(1));
        const auto one = type_of(put("k", "one"));
        const auto both = type_of(ok("PutRecords", R"({"StreamName":"orders","Records":[
            {"PartitionKey":"k","Data":"MQ=="}]})"));
        sim_.run_for(std::chrono::seconds(1));
        return one + "," + both;
    };
    EXPECT_EQ(put_both(), ",");
    ok("StartStreamEncryption", start);
    EXPECT_EQ(put_both(), "KMS,KMS");
    ok("StopStreamEncryption", start);
    reopen();
    EXPECT_EQ(put_both(), ",");
    std::vector<std::string> types;
    for (const auto& record : *get(iterator("TRIM_HORIZON")).find("Records")->items())
        types.push_back(type_of(record));
    EXPECT_THAT(types, testing::ElementsAre("", "", "KMS", "KMS", "", ""));
}

TEST_F(SettingsTest, EncryptionChangesAreForgottenOnceNoRecordIsThatOld) {
    const auto input = with_arn("StreamARN", R"(,"EncryptionType":"KMS","KeyId":"key")");
    for (int day = 0; day < 5; ++day) {
        ok("StartStreamEncryption", input);
        sim_.run_for(std::chrono::hours(12));
        ok("StopStreamEncryption", input);
        sim_.run_for(std::chrono::hours(12));
    }
    const auto stream = kinesis_->find_stream(std::string(stream_arn));
    EXPECT_LE((*stream)->row().encryption_changes.size(), 4U);
}

TEST_F(SettingsTest, EncryptionIsStartedTwentyFiveTimesADayWithAwssLimits) {
    options_.aws_limits = true;
    reopen();
    const auto input = with_arn("StreamARN", R"(,"EncryptionType":"KMS","KeyId":"key")");
    for (int i = 0; i < 25; ++i) ok("StartStreamEncryption", input);
    EXPECT_THAT(error("StartStreamEncryption", input), StartsWith("LimitExceededException"));
    ok("StopStreamEncryption", input);
    sim_.run_for(std::chrono::hours(25));
    ok("StartStreamEncryption", input);
}

TEST_F(SettingsTest, EncryptionAndWarmthAreUpdatedInTheBackground) {
    ok("UpdateAccountSettings", R"({"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}})");
    ok("CreateStream", R"({"StreamName":"demand"})");
    options_.transition = std::chrono::seconds(2);
    reopen();
    ok("StartStreamEncryption", with_arn("StreamARN", R"(,"EncryptionType":"KMS","KeyId":"key")"));
    EXPECT_EQ(status(), "UPDATING");
    EXPECT_EQ(wire::text_of(summary(), "EncryptionType"), "NONE");
    EXPECT_THAT(error("StopStreamEncryption",
                      with_arn("StreamARN", R"(,"EncryptionType":"KMS","KeyId":"key")")),
                StartsWith("ResourceInUseException"));
    const auto warmed =
        ok("UpdateStreamWarmThroughput", R"({"StreamName":"demand","WarmThroughputMiBps":9})");
    const auto warmth = [&] {
        const auto answer = ok("DescribeStreamSummary", R"({"StreamName":"demand"})");
        return wire::write_json(*answer.find("StreamDescriptionSummary")->find("WarmThroughput"));
    };
    EXPECT_EQ(wire::write_json(*warmed.find("WarmThroughput")),
              R"({"TargetMiBps":9,"CurrentMiBps":0})");
    EXPECT_EQ(status("demand"), "UPDATING");
    EXPECT_EQ(warmth(), R"({"TargetMiBps":9,"CurrentMiBps":0})");
    reopen();
    sim_.run_for(std::chrono::seconds(3));
    EXPECT_EQ(status(), "ACTIVE");
    EXPECT_EQ(wire::text_of(summary(), "KeyId"), "key");
    EXPECT_EQ(status("demand"), "ACTIVE");
    EXPECT_EQ(warmth(), R"({"TargetMiBps":9,"CurrentMiBps":9})");
}

TEST_F(SettingsTest, MetricsAreSwitchedOneByOneOrAllTogether) {
    const auto request = [](const char* names) {
        return R"({"StreamName":"orders","ShardLevelMetrics":)" + std::string(names) + "}";
    };
    auto answer = ok("EnableEnhancedMonitoring", request(R"(["OutgoingBytes","IncomingBytes"])"));
    EXPECT_EQ(wire::write_json(*answer.find("CurrentShardLevelMetrics")), "[]");
    EXPECT_EQ(wire::write_json(*answer.find("DesiredShardLevelMetrics")),
              R"(["IncomingBytes","OutgoingBytes"])");
    answer = ok("DisableEnhancedMonitoring", request(R"(["OutgoingBytes"])"));
    EXPECT_EQ(wire::write_json(*answer.find("DesiredShardLevelMetrics")), R"(["IncomingBytes"])");
    reopen();
    EXPECT_EQ(wire::write_json(*summary().find("EnhancedMonitoring")),
              R"([{"ShardLevelMetrics":["IncomingBytes"]}])");
    answer = ok("EnableEnhancedMonitoring", request(R"(["ALL"])"));
    EXPECT_EQ(answer.find("DesiredShardLevelMetrics")->items()->size(), 7U);
    answer = ok("DisableEnhancedMonitoring", request(R"(["ALL"])"));
    EXPECT_EQ(answer.find("DesiredShardLevelMetrics")->items()->size(), 0U);
    EXPECT_THAT(
        error("EnableEnhancedMonitoring", request(R"(["Fun"])")),
        HasSubstr("Value '[Fun]' at 'shardLevelMetrics' failed to satisfy constraint: Member "
                  "must satisfy constraint: [Member must satisfy enum value set: "
                  "[IncomingBytes, IncomingRecords, "));
}

TEST_F(SettingsTest, ACommitmentLastsForADayAtLeast) {
    const std::string on = R"({"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}})";
    const std::string off = R"({"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}})";
    EXPECT_EQ(commitment(ok("DescribeAccountSettings", "{}")), "DISABLED");
    EXPECT_EQ(commitment(ok("UpdateAccountSettings", on)), "ENABLED");
    EXPECT_EQ(commitment(ok("UpdateAccountSettings", off)), "ENABLED_UNTIL_EARLIEST_ALLOWED_END");
    reopen();
    EXPECT_EQ(commitment(ok("DescribeAccountSettings", "{}")),
              "ENABLED_UNTIL_EARLIEST_ALLOWED_END");
    sim_.run_for(std::chrono::hours(25));
    EXPECT_EQ(commitment(ok("DescribeAccountSettings", "{}")), "DISABLED");
}

TEST_F(SettingsTest, TheRecordSizeHoldsFromTheNextRecordOn) {
    const std::string big = base64_encode(std::string(2 << 20, 'x'));
    const std::string request =
        R"({"StreamName":"orders","PartitionKey":"k","Data":")" + big + R"("})";
    EXPECT_THAT(error("PutRecord", request), StartsWith("ValidationException"));
    ok("UpdateMaxRecordSize", with_arn("StreamARN", R"(,"MaxRecordSizeInKiB":4096)"));
    ok("PutRecord", request);
    EXPECT_EQ(*summary().find("MaxRecordSizeInKiB")->integer(), 4096);
    EXPECT_THAT(error("UpdateMaxRecordSize", with_arn("StreamARN", R"(,"MaxRecordSizeInKiB":1)")),
                StartsWith("ValidationException"));
}

TEST_F(SettingsTest, WarmThroughputIsForStreamsOnDemandOfCommittedAccounts) {
    const auto request = [](const char* name) {
        return R"({"StreamName":")" + std::string(name) + R"(","WarmThroughputMiBps":200})";
    };
    EXPECT_THAT(error("UpdateStreamWarmThroughput", request("orders")),
                StartsWith("ValidationException"));
    ok("CreateStream", R"({"StreamName":"demand"})");
    EXPECT_THAT(error("UpdateStreamWarmThroughput", request("demand")),
                HasSubstr("UpdateAccountSettings"));
    ok("UpdateAccountSettings", R"({"MinimumThroughputBillingCommitment":{"Status":"ENABLED"}})");
    const auto answer = ok("UpdateStreamWarmThroughput", request("demand"));
    EXPECT_EQ(wire::write_json(*answer.find("WarmThroughput")),
              R"({"TargetMiBps":200,"CurrentMiBps":200})");
    ok("CreateStream", R"({"StreamName":"warm","WarmThroughputMiBps":100})");
    const auto warm = ok("DescribeStreamSummary", R"({"StreamName":"warm"})");
    EXPECT_EQ(*warm.find("StreamDescriptionSummary")
                   ->find("WarmThroughput")
                   ->find("TargetMiBps")
                   ->integer(),
              100);
}

}  // namespace
}  // namespace mill::kinesis
