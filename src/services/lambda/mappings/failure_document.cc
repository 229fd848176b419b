// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/mappings/failure_document.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::lambda {

std::string failure_document(const GivenUp& given_up, bool with_records) {
    using wire::Value;
    const RenderedRecord& first = given_up.records.front();
    const RenderedRecord& last = given_up.records.back();
    Value document = Value::map();
    Value& request = document["requestContext"];
    request["requestId"] = given_up.last.request_id;
    request["functionArn"] = given_up.function_arn;
    request["condition"] = given_up.condition;
    request["approximateInvokeCount"] = given_up.invocations;
    const bool was_answered = !given_up.last.executed_version.empty();
    if (was_answered && given_up.condition != "RecordAgeExceeded") {
        Value& response = document["responseContext"];
        response["statusCode"] = 200;
        response["executedVersion"] = given_up.last.executed_version;
        response["functionError"] =
            given_up.last.function_error ? Value(*given_up.last.function_error) : Value();
    }
    document["version"] = "1.0";
    document["timestamp"] = iso8601_ms(given_up.now);
    Value& batch = document["KinesisBatchInfo"];
    batch["shardId"] = given_up.shard_id;
    batch["startSequenceNumber"] = first.sequence_number;
    batch["endSequenceNumber"] = last.sequence_number;
    batch["approximateArrivalOfFirstRecord"] = iso8601_ms(first.arrival);
    batch["approximateArrivalOfLastRecord"] = iso8601_ms(last.arrival);
    batch["batchSize"] = given_up.records.size();
    batch["streamArn"] = given_up.stream_arn;
    std::string text = wire::write_json(document);
    if (with_records) {
        text.pop_back();
        text += R"(,"payload":)" + render_event(given_up.records) + "}";
    }
    return text;
}

std::string failure_object_key(const std::string& mapping_uuid, const std::string& shard_id,
                               WallTime now, const std::string& random) {
    const std::string time = iso8601_s(now);  // 2019-11-14T00:38:06Z
    std::string date = time.substr(0, 10);
    std::string second = time.substr(0, 19);
    std::ranges::replace(second, ':', '.');
    std::ranges::replace(date, '-', '/');
    return fmt::format("aws/lambda/{}/{}/{}/{}-{}", mapping_uuid, shard_id, date, second, random);
}

}  // namespace mill::lambda
