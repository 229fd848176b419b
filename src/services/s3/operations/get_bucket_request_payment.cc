// SPDX-License-Identifier: Apache-2.0
// GetBucketRequestPayment.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketRequestPayment.html
#include "services/s3/settings/request_payment.h"

namespace mill::s3 {

extern const wire::Operation get_bucket_request_payment_operation;
const wire::Operation get_bucket_request_payment_operation =
    get_setting_operation<RequestPayment>("GetBucketRequestPayment");

}  // namespace mill::s3
