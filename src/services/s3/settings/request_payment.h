// SPDX-License-Identifier: Apache-2.0
// Who pays. https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
#pragma once

#include "services/s3/settings/setting.h"

namespace mill::s3 {

inline constexpr std::string_view payer_values[] = {"Requester", "BucketOwner"};

struct RequestPayment {
    std::optional<std::string> payer;
    static constexpr std::string_view query = "requestPayment";
    static RequestPayment initial() { return RequestPayment{"BucketOwner"}; }
    Result<void> prepare(const Bucket& bucket, S3& s3);
    static constexpr auto shape() {
        return wire::structure(
            "RequestPaymentConfiguration",
            wire::member<&RequestPayment::payer>("Payer").required().one_of(payer_values));
    }
};

}  // namespace mill::s3
