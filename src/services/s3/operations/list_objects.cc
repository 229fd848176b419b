// SPDX-License-Identifier: Apache-2.0
// ListObjects, the first version: a page goes on behind a key, not behind a token.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html
#include "services/s3/listing.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket;
    std::optional<std::string> prefix, delimiter, marker, encoding_type, expected_owner;
    std::optional<std::int64_t> max_keys;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("ListObjectsRequest", bucket_member<&Input::bucket>(),
                               member<&Input::prefix>("Prefix").query("prefix"),
                               member<&Input::delimiter>("Delimiter").query("delimiter"),
                               member<&Input::marker>("Marker").query("marker"),
                               member<&Input::encoding_type>("EncodingType")
                                   .one_of(encoding_types)
                                   .query("encoding-type"),
                               member<&Input::max_keys>("MaxKeys").query("max-keys"),
                               expected_owner_member<&Input::expected_owner>(),
                               request_payer_member(), optional_attributes_member());
    }
};

struct Output {
    std::string name, prefix, marker;
    std::optional<std::string> next_marker, delimiter, encoding_type;
    std::int64_t max_keys = 0;
    bool is_truncated = false;
    std::vector<Content> contents;
    std::vector<CommonPrefix> common_prefixes;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ListBucketResult", member<&Output::name>("Name"), member<&Output::prefix>("Prefix"),
            member<&Output::marker>("Marker"), member<&Output::next_marker>("NextMarker"),
            member<&Output::max_keys>("MaxKeys"), member<&Output::delimiter>("Delimiter"),
            member<&Output::encoding_type>("EncodingType"),
            member<&Output::is_truncated>("IsTruncated"), member<&Output::contents>("Contents"),
            member<&Output::common_prefixes>("CommonPrefixes"));
    }
};

// A marker that is a common prefix stands for all keys below it.
std::string starting_point(const Listing& listing, std::string marker) {
    const auto rolled = common_prefix(marker, listing.prefix, listing.delimiter);
    if (rolled == marker) marker += above_all;
    return marker;
}

Task<Result<Output>> list_objects(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    Listing listing{.bucket = input.bucket,
                    .prefix = input.prefix.value_or(""),
                    .delimiter = input.delimiter.value_or(""),
                    .max_keys = input.max_keys,
                    .in_url = input.encoding_type == "url",
                    .owner = owner_of(caller.account)};
    listing.after = starting_point(listing, input.marker.value_or(""));
    MILL_CO_TRY(Page page, page_of(s3, listing));
    Output output{.name = input.bucket,
                  .prefix = shown_key(listing.prefix, listing.in_url),
                  .marker = shown_key(input.marker.value_or(""), listing.in_url),
                  .encoding_type = input.encoding_type,
                  .max_keys = page.max_keys,
                  .is_truncated = !page.resume_after.empty(),
                  .contents = std::move(page.contents),
                  .common_prefixes = std::move(page.common_prefixes)};
    if (input.delimiter) output.delimiter = shown_key(*input.delimiter, listing.in_url);
    if (page.resume_after.ends_with(above_all)) page.resume_after.pop_back();
    // Without a delimiter the last key says as much.
    if (output.is_truncated && input.delimiter)
        output.next_marker = shown_key(page.resume_after, listing.in_url);
    co_return output;
}

}  // namespace

extern const wire::Operation list_objects_operation;
const wire::Operation list_objects_operation =
    wire::operation<&list_objects>("ListObjects", {.method = "GET", .path = "/{Bucket}"});

}  // namespace mill::s3
