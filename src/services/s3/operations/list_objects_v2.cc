// SPDX-License-Identifier: Apache-2.0
// ListObjectsV2: in the order of keys; keys that share a part up to the delimiter are rolled up
// into one common prefix. https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
#include <algorithm>

#include "services/s3/checksums.h"
#include "services/s3/declarations.h"
#include "wire/http.h"

namespace mill::s3 {
namespace {

constexpr std::string_view encoding_types[] = {"url"};

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
            // Nothing is archived, so no object has a restore status to show.
            refused_header("OptionalObjectAttributes", "x-amz-optional-object-attributes",
                           "RestoreStatus is the only one.")
                .unless("RestoreStatus"));
    }
};

struct Content {
    std::string key;
    WallTime last_modified;
    std::string etag;
    std::int64_t size = 0;
    std::string storage_class = "STANDARD";
    std::optional<Owner> owner;
    std::vector<std::string> checksum_algorithms;
    std::optional<std::string> checksum_type;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "Object", member<&Content::key>("Key"), member<&Content::last_modified>("LastModified"),
            member<&Content::etag>("ETag"), member<&Content::size>("Size"),
            member<&Content::storage_class>("StorageClass"), member<&Content::owner>("Owner"),
            member<&Content::checksum_algorithms>("ChecksumAlgorithm"),
            member<&Content::checksum_type>("ChecksumType"));
    }
};

struct CommonPrefix {
    std::string prefix;
    static constexpr auto shape() {
        return wire::structure("CommonPrefix", wire::member<&CommonPrefix::prefix>("Prefix"));
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

constexpr std::int64_t keys_max = 1000;
// Greater than every key that begins with the text before it: the byte does not occur in UTF-8.
constexpr char above_all = '\xFF';

// One page, and where the next one goes on (empty at the end).
struct Page {
    std::vector<S3::Listed> objects;
    std::vector<std::string> prefixes;
    std::string resume_after;
};

std::optional<std::string> common_prefix(const std::string& key, const Input& input) {
    const std::string delimiter = input.delimiter.value_or("");
    if (delimiter.empty()) return std::nullopt;
    const std::size_t at = key.find(delimiter, input.prefix.value_or("").size());
    return at == std::string::npos ? std::nullopt
                                   : std::optional(key.substr(0, at + delimiter.size()));
}

// A prefix is skipped over in one step however many keys it holds.
Result<Page> page_of(S3& s3, const Input& input, std::string after, std::size_t limit) {
    Page page;
    std::string last;
    while (true) {
        const std::size_t have = page.objects.size() + page.prefixes.size();
        MILL_TRY(auto run,
                 s3.list(input.bucket, input.prefix.value_or(""), after, limit - have + 1));
        if (run.empty()) return page;
        for (auto& listed : run) {
            if (page.objects.size() + page.prefixes.size() == limit) {
                page.resume_after = last;
                return page;
            }
            if (auto rolled = common_prefix(listed.key, input)) {
                page.prefixes.push_back(*rolled);
                last = after = *rolled + above_all;
                break;
            }
            last = after = listed.key;
            page.objects.push_back(std::move(listed));
        }
    }
}

Result<std::string> starting_point(const Input& input) {
    if (!input.continuation_token) return input.start_after.value_or("");
    auto decoded = base64_decode(*input.continuation_token);
    if (!decoded)
        return fail("InvalidArgument", "The continuation token provided is incorrect", 400);
    return *std::move(decoded);
}

Content content_of(const Object& object, std::string key) {
    Content content{.key = std::move(key),
                    .last_modified = object.last_modified,
                    .etag = object.etag,
                    .size = object.size};
    for (const auto& [algorithm, value] : object.checksums)
        content.checksum_algorithms.push_back(checksum_name(algorithm));
    if (!object.checksums.empty()) content.checksum_type = "FULL_OBJECT";
    return content;
}

Task<Result<Output>> list_objects_v2(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    const std::int64_t asked = input.max_keys.value_or(keys_max);
    if (asked < 0)
        co_return fail("InvalidArgument",
                       "Argument maxKeys must be an integer between 0 and 2147483647", 400);
    const bool url = input.encoding_type == "url";
    const auto shown = [url](const std::string& text) {
        return url ? wire::http::percent_encode(text, true) : text;
    };
    MILL_CO_TRY(std::string after, starting_point(input));
    Page page;
    if (asked > 0) {
        MILL_CO_TRY(page, page_of(s3, input, std::move(after),
                                  static_cast<std::size_t>(std::min(asked, keys_max))));
    }
    Output output{.name = input.bucket,
                  .prefix = shown(input.prefix.value_or("")),
                  .continuation_token = input.continuation_token,
                  .encoding_type = input.encoding_type,
                  .max_keys = std::min(asked, keys_max)};
    if (input.start_after) output.start_after = shown(*input.start_after);
    if (input.delimiter) output.delimiter = shown(*input.delimiter);
    for (const auto& [key, object] : page.objects) {
        Content content = content_of(object, shown(key));
        if (input.fetch_owner.value_or(false)) content.owner = owner_of(caller.account);
        output.contents.push_back(std::move(content));
    }
    for (const std::string& prefix : page.prefixes)
        output.common_prefixes.push_back({shown(prefix)});
    output.key_count = static_cast<std::int64_t>(page.objects.size() + page.prefixes.size());
    output.is_truncated = !page.resume_after.empty();
    if (output.is_truncated) output.next_continuation_token = base64_encode(page.resume_after);
    co_return output;
}

}  // namespace

extern const wire::Operation list_objects_v2_operation;
const wire::Operation list_objects_v2_operation = wire::operation<&list_objects_v2>(
    "ListObjectsV2", {.method = "GET", .path = "/{Bucket}", .required_query = "list-type=2"});

}  // namespace mill::s3
