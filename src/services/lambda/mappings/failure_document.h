// SPDX-License-Identifier: Apache-2.0
// What a failure destination is told of records that were given up: which they are and why, and
// (an S3 object only) the records themselves. Pure.
// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
#pragma once

#include <optional>
#include <span>
#include <string>

#include "services/lambda/mappings/kinesis_event.h"

namespace mill::lambda {

struct LastInvocation {
    std::string request_id;
    std::string executed_version;
    std::optional<std::string> function_error;
};

struct GivenUp {
    std::string function_arn;
    std::string condition;  // "RetryAttemptsExhausted", "RecordAgeExceeded"
    std::int64_t invocations = 0;
    LastInvocation last;  // no version: the function was never run
    WallTime now;
    std::string stream_arn;
    std::string shard_id;
    std::span<const RenderedRecord> records;  // at least one
};

std::string failure_document(const GivenUp& given_up, bool with_records);

// "aws/lambda/<mapping>/<shard>/2019/11/14/2019-11-14T00.38.06-<random>"
std::string failure_object_key(const std::string& mapping_uuid, const std::string& shard_id,
                               WallTime now, const std::string& random);

}  // namespace mill::lambda
