// SPDX-License-Identifier: Apache-2.0
// Expiry: carries out lifecycle rules. What is due counts by whole days, as on AWS, so a sweep goes
// over the buckets that have rules at midnight UTC, and when the server starts.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html
#pragma once

#include "services/s3/s3.h"
#include "services/s3/settings/lifecycle.h"

namespace mill::s3 {

// Whether the rule is about this object.
bool applies(const LifecycleRule& rule, const std::string& key, const Object& object);
// Since midnight after `days` from then on.
// https://repost.aws/knowledge-center/s3-lifecycle-rule-delay
bool is_due(WallTime since, std::int64_t days, WallTime now);

// One bucket, all that is due now.
Task<Result<void>> expire(S3& s3, std::string bucket, Lifecycle lifecycle);
// All buckets, for ever.
Task<void> run_expiry(S3& s3);

}  // namespace mill::s3
