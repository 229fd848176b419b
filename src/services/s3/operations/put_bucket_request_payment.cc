// SPDX-License-Identifier: Apache-2.0
// PutBucketRequestPayment.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketRequestPayment.html
#include "services/s3/settings/request_payment.h"

namespace mill::s3 {

extern const wire::Operation put_bucket_request_payment_operation;
const wire::Operation put_bucket_request_payment_operation =
    put_setting_operation<RequestPayment>("PutBucketRequestPayment");

}  // namespace mill::s3
