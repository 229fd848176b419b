// SPDX-License-Identifier: Apache-2.0
// The properties of AWS::S3::Bucket that are settings of the bucket.
#pragma once

#include "services/s3/s3.h"

namespace mill::s3 {

// ValidationException for a property that is not supported.
Result<void> check_bucket_properties(const wire::Value& properties);
// Puts those that are there, and resets those that were there before and are no more.
Task<Result<void>> apply_properties(S3& s3, Bucket bucket, wire::Value properties,
                                    wire::Value old_properties);

}  // namespace mill::s3
