// SPDX-License-Identifier: Apache-2.0
// ListObjectsV2: in the order of keys; keys that share a part up to the delimiter are rolled up
// into one common prefix. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
#include "services/s3/listing.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket;
    std::optional<std::string> prefix, delimiter, start_after, continuation_token, encoding_type;
    std::optional<std::string> expected_owner;
    std::optional<bool> fetch_owner;
    std::optional<std::int64_t> max_keys;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ListObjectsV2Request", bucket_member<&Input::bucket>(),
            member<&Input::prefix>("Prefix").query("prefix"),
            member<&Input::delimiter>("Delimiter").query("delimiter"),
            member<&Input::start_after>("StartAfter").query("start-after"),
            member<&Input::continuation_token>("ContinuationToken").query("continuation-token"),
            member<&Input::encoding_type>("EncodingType")
                .one_of(encoding_types)
                .query("encoding-type"),
            member<&Input::fetch_owner>("FetchOwner").query("fetch-owner"),
            member<&Input::max_keys>("MaxKeys").query("max-keys"),
            expected_owner_member<&Input::expected_owner>(), request_payer_member(),
            optional_attributes_member());
    }
};

struct Output {
    std::string name, prefix;
    std::optional<std::string> start_after, continuation_token, next_continuation_token, delimiter,
        encoding_type;
    std::int64_t key_count = 0, max_keys = 0;
    bool is_truncated = false;
    std::vector<Content> contents;
    std::vector<CommonPrefix> common_prefixes;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ListBucketResult", member<&Output::name>("Name"), member<&Output::prefix>("Prefix"),
            member<&Output::start_after>("StartAfter"),
            member<&Output::continuation_token>("ContinuationToken"),
            member<&Output::next_continuation_token>("NextContinuationToken"),
            member<&Output::key_count>("KeyCount"), member<&Output::max_keys>("MaxKeys"),
            member<&Output::delimiter>("Delimiter"), member<&Output::encoding_type>("EncodingType"),
            member<&Output::is_truncated>("IsTruncated"), member<&Output::contents>("Contents"),
            member<&Output::common_prefixes>("CommonPrefixes"));
    }
};

Result<std::string> starting_point(const Input& input) {
    if (!input.continuation_token) return input.start_after.value_or("");
    auto decoded = base64_decode(*input.continuation_token);
    if (!decoded)
        return fail("InvalidArgument", "The continuation token provided is incorrect", 400);
    return *std::move(decoded);
}

Task<Result<Output>> list_objects_v2(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    Listing listing{.bucket = input.bucket,
                    .prefix = input.prefix.value_or(""),
                    .delimiter = input.delimiter.value_or(""),
                    .max_keys = input.max_keys,
                    .in_url = input.encoding_type == "url"};
    if (input.fetch_owner.value_or(false)) listing.owner = owner_of(caller.account);
    MILL_CO_TRY(listing.after, starting_point(input));
    MILL_CO_TRY(Page page, page_of(s3, listing));
    Output output{.name = input.bucket,
                  .prefix = shown_key(listing.prefix, listing.in_url),
                  .continuation_token = input.continuation_token,
                  .encoding_type = input.encoding_type,
                  .key_count = page.count(),
                  .max_keys = page.max_keys,
                  .is_truncated = !page.resume_after.empty(),
                  .contents = std::move(page.contents),
                  .common_prefixes = std::move(page.common_prefixes)};
    if (input.start_after) output.start_after = shown_key(*input.start_after, listing.in_url);
    if (input.delimiter) output.delimiter = shown_key(*input.delimiter, listing.in_url);
    if (output.is_truncated) output.next_continuation_token = base64_encode(page.resume_after);
    co_return output;
}

}  // namespace

extern const wire::Operation list_objects_v2_operation;
const wire::Operation list_objects_v2_operation = wire::operation<&list_objects_v2>(
    "ListObjectsV2", {.method = "GET", .path = "/{Bucket}", .required_query = "list-type=2"});

}  // namespace mill::s3
