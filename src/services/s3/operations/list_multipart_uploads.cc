// SPDX-License-Identifier: Apache-2.0
// ListMultipartUploads: those under way, by key, of each key from the oldest on.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
#include <algorithm>

#include "services/s3/listing.h"
#include "services/s3/upload_request.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket;
    std::optional<std::string> prefix, delimiter, key_marker, upload_id_marker, encoding_type,
        expected_owner;
    std::optional<std::int64_t> max_uploads;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ListMultipartUploadsRequest", bucket_member<&Input::bucket>(),
            member<&Input::prefix>("Prefix").query("prefix"),
            member<&Input::delimiter>("Delimiter").query("delimiter"),
            member<&Input::key_marker>("KeyMarker").query("key-marker"),
            member<&Input::upload_id_marker>("UploadIdMarker").query("upload-id-marker"),
            member<&Input::encoding_type>("EncodingType")
                .one_of(encoding_types)
                .query("encoding-type"),
            member<&Input::max_uploads>("MaxUploads").query("max-uploads"),
            expected_owner_member<&Input::expected_owner>(), request_payer_member());
    }
};

struct ShownUpload {
    std::string key, upload_id;
    WallTime initiated;
    std::string storage_class = "STANDARD";
    Owner owner, initiator;
    std::optional<std::string> checksum_algorithm, checksum_type;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "Upload", member<&ShownUpload::key>("Key"), member<&ShownUpload::upload_id>("UploadId"),
            member<&ShownUpload::initiated>("Initiated"),
            member<&ShownUpload::storage_class>("StorageClass"),
            member<&ShownUpload::owner>("Owner"), member<&ShownUpload::initiator>("Initiator"),
            member<&ShownUpload::checksum_algorithm>("ChecksumAlgorithm"),
            member<&ShownUpload::checksum_type>("ChecksumType"));
    }
};

struct Output {
    std::string bucket, prefix, key_marker, upload_id_marker;
    std::optional<std::string> next_key_marker, next_upload_id_marker, delimiter, encoding_type;
    std::int64_t max_uploads = 0;
    bool is_truncated = false;
    std::vector<ShownUpload> uploads;
    std::vector<CommonPrefix> common_prefixes;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ListMultipartUploadsResult", member<&Output::bucket>("Bucket"),
            member<&Output::key_marker>("KeyMarker"),
            member<&Output::upload_id_marker>("UploadIdMarker"),
            member<&Output::next_key_marker>("NextKeyMarker"),
            member<&Output::next_upload_id_marker>("NextUploadIdMarker"),
            member<&Output::prefix>("Prefix"), member<&Output::delimiter>("Delimiter"),
            member<&Output::max_uploads>("MaxUploads"),
            member<&Output::is_truncated>("IsTruncated"), member<&Output::uploads>("Upload"),
            member<&Output::common_prefixes>("CommonPrefixes"),
            member<&Output::encoding_type>("EncodingType"));
    }
    std::int64_t count() const {
        return static_cast<std::int64_t>(uploads.size() + common_prefixes.size());
    }
};

// A key alone stands for all its uploads.
std::string starting_row(const Input& input) {
    if (!input.key_marker || input.key_marker->empty()) return {};
    const auto rolled =
        common_prefix(*input.key_marker, input.prefix.value_or(""), input.delimiter.value_or(""));
    if (rolled == input.key_marker) return upload_rows(input.bucket) + *rolled + above_all;
    return upload_row(input.bucket, *input.key_marker,
                      input.upload_id_marker.value_or(std::string(1, above_all)));
}

Result<void> fill(S3& s3, const Input& input, const Owner& owner, Output& output) {
    const bool in_url = input.encoding_type == "url";
    const std::string prefix = input.prefix.value_or("");
    std::string after = starting_row(input), last_key, last_id;
    while (true) {
        const auto left = static_cast<std::size_t>(output.max_uploads - output.count());
        MILL_TRY(auto run, list_uploads(s3, input.bucket, prefix, after, left + 1));
        if (run.empty()) return {};
        for (Upload& upload : run) {
            std::string row = upload_row(input.bucket, upload.key, upload.id);
            if (row < after) continue;  // below the prefix
            if (output.count() == output.max_uploads) {
                output.is_truncated = true;
                output.next_key_marker = shown_key(last_key, in_url);
                output.next_upload_id_marker = last_id;
                return {};
            }
            last_key = upload.key;
            last_id = upload.id;
            after = std::move(row);
            if (auto rolled = common_prefix(upload.key, prefix, input.delimiter.value_or(""))) {
                output.common_prefixes.push_back({shown_key(*rolled, in_url)});
                last_key = *rolled;
                last_id.clear();
                after = upload_rows(input.bucket) + last_key + above_all;
                continue;
            }
            ShownUpload shown{.key = shown_key(upload.key, in_url),
                              .upload_id = upload.id,
                              .initiated = upload.initiated,
                              .owner = owner,
                              .initiator = owner,
                              .checksum_type = upload.checksum_type};
            if (upload.algorithm) shown.checksum_algorithm = checksum_name(*upload.algorithm);
            output.uploads.push_back(std::move(shown));
        }
    }
}

Task<Result<Output>> list_multipart_uploads(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    const bool in_url = input.encoding_type == "url";
    Output output{.bucket = input.bucket,
                  .prefix = shown_key(input.prefix.value_or(""), in_url),
                  .key_marker = shown_key(input.key_marker.value_or(""), in_url),
                  .upload_id_marker = input.upload_id_marker.value_or(""),
                  .encoding_type = input.encoding_type};
    if (input.delimiter) output.delimiter = shown_key(*input.delimiter, in_url);
    MILL_CO_TRY(output.max_uploads, checked_max_keys(input.max_uploads));
    if (output.max_uploads > 0) MILL_CO_CHECK(fill(s3, input, owner_of(caller.account), output));
    co_return output;
}

}  // namespace

extern const wire::Operation list_multipart_uploads_operation;
const wire::Operation list_multipart_uploads_operation = wire::operation<&list_multipart_uploads>(
    "ListMultipartUploads", {.method = "GET", .path = "/{Bucket}", .required_query = "uploads"});

}  // namespace mill::s3
