// SPDX-License-Identifier: Apache-2.0
// Policies of buckets: kept and answered, and refused where the bucket blocks public ones. Requests
// of other accounts than the owner's are refused whatever a policy allows.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
#pragma once

#include "services/s3/s3.h"

namespace mill::s3 {

inline constexpr std::string_view policy_setting = "policy";

// Whether a statement allows everybody something, without a condition.
bool is_public_policy(const wire::Value& policy);
// MalformedPolicy; AccessDenied if it is public and the bucket blocks that.
Task<Result<void>> store_policy(S3& s3, Bucket bucket, std::string policy);
Result<std::string> find_policy(S3& s3, const std::string& bucket);  // NoSuchBucketPolicy

}  // namespace mill::s3
