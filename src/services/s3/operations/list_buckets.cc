// SPDX-License-Identifier: Apache-2.0
// ListBuckets: the account's, in the order of their names.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
#include "services/s3/s3.h"

namespace mill::s3 {
namespace {

struct BucketEntry {
    std::string name;
    WallTime created;
    static constexpr auto shape() {
        return wire::structure("Bucket", wire::member<&BucketEntry::name>("Name"),
                               wire::member<&BucketEntry::created>("CreationDate"));
    }
};

struct Buckets {
    std::vector<BucketEntry> entries;
    static constexpr auto shape() {
        return wire::structure("Buckets", wire::member<&Buckets::entries>("Bucket"));
    }
};

struct Owner {
    std::string display_name, id;
    static constexpr auto shape() {
        return wire::structure("Owner", wire::member<&Owner::display_name>("DisplayName"),
                               wire::member<&Owner::id>("ID"));
    }
};

struct Output {
    Buckets buckets;
    Owner owner;
    static constexpr auto shape() {
        return wire::structure("ListAllMyBucketsResult", wire::member<&Output::buckets>("Buckets"),
                               wire::member<&Output::owner>("Owner"));
    }
};

Task<Result<Output>> list_buckets(S3& s3, Caller caller, wire::NoInput) {
    MILL_CO_TRY(auto buckets, s3.buckets_of(caller.account));
    Output output{.owner = {"root", hex(sha256(caller.account))}};
    for (const Bucket& bucket : buckets)
        output.buckets.entries.push_back({bucket.name, bucket.created});
    co_return output;
}

}  // namespace

extern const wire::Operation list_buckets_operation;
const wire::Operation list_buckets_operation =
    wire::operation<&list_buckets>("ListBuckets", {.method = "GET", .path = "/"});

}  // namespace mill::s3
