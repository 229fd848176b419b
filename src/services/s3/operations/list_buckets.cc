// SPDX-License-Identifier: Apache-2.0
// ListBuckets: the account's, in the order of their names.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html
#include "services/s3/declarations.h"

namespace mill::s3 {
namespace {

constexpr std::int64_t buckets_max = 10'000;

struct BucketEntry {
    std::string name;
    WallTime created;
    std::string region;
    static constexpr auto shape() {
        return wire::structure("Bucket", wire::member<&BucketEntry::name>("Name"),
                               wire::member<&BucketEntry::created>("CreationDate"),
                               wire::member<&BucketEntry::region>("BucketRegion"));
    }
};

struct Buckets {
    std::vector<BucketEntry> entries;
    static constexpr auto shape() {
        return wire::structure("Buckets", wire::member<&Buckets::entries>("Bucket"));
    }
};

struct Input {
    std::optional<std::string> prefix, continuation_token, bucket_region;
    std::optional<std::int64_t> max_buckets;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ListBucketsRequest", member<&Input::prefix>("Prefix").query("prefix"),
            member<&Input::continuation_token>("ContinuationToken").query("continuation-token"),
            member<&Input::bucket_region>("BucketRegion").query("bucket-region"),
            member<&Input::max_buckets>("MaxBuckets").range(1, buckets_max).query("max-buckets"));
    }
};

struct Output {
    Buckets buckets;
    Owner owner;
    std::optional<std::string> continuation_token, prefix;
    static constexpr auto shape() {
        return wire::structure("ListAllMyBucketsResult", wire::member<&Output::buckets>("Buckets"),
                               wire::member<&Output::owner>("Owner"),
                               wire::member<&Output::continuation_token>("ContinuationToken"),
                               wire::member<&Output::prefix>("Prefix"));
    }
};

// A token is the last name of its page, in base64.
Task<Result<Output>> list_buckets(S3& s3, Caller caller, Input input) {
    auto after = base64_decode(input.continuation_token.value_or(""));
    if (!after)
        co_return fail("InvalidArgument", "The continuation token provided is incorrect", 400);
    MILL_CO_TRY(auto buckets, s3.buckets_of(caller.account));
    const auto limit = static_cast<std::size_t>(input.max_buckets.value_or(buckets_max));
    Output output{.owner = owner_of(caller.account), .prefix = input.prefix};
    for (const Bucket& bucket : buckets) {
        if (bucket.name <= *after || !bucket.name.starts_with(input.prefix.value_or("")) ||
            input.bucket_region.value_or(bucket.region) != bucket.region) {
            continue;
        }
        if (output.buckets.entries.size() == limit) {
            output.continuation_token = base64_encode(output.buckets.entries.back().name);
            break;
        }
        output.buckets.entries.push_back({bucket.name, bucket.created, bucket.region});
    }
    co_return output;
}

}  // namespace

extern const wire::Operation list_buckets_operation;
const wire::Operation list_buckets_operation =
    wire::operation<&list_buckets>("ListBuckets", {.method = "GET", .path = "/"});

}  // namespace mill::s3
