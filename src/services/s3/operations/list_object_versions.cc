// SPDX-License-Identifier: Apache-2.0
// ListObjectVersions: versions and delete markers by key, of each key from the newest on.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
#include "services/s3/listing.h"

namespace mill::s3 {
namespace {

struct Input {
    std::string bucket;
    std::optional<std::string> prefix, delimiter, key_marker, version_id_marker, encoding_type,
        expected_owner;
    std::optional<std::int64_t> max_keys;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ListObjectVersionsRequest", bucket_member<&Input::bucket>(),
            member<&Input::prefix>("Prefix").query("prefix"),
            member<&Input::delimiter>("Delimiter").query("delimiter"),
            member<&Input::key_marker>("KeyMarker").query("key-marker"),
            member<&Input::version_id_marker>("VersionIdMarker").query("version-id-marker"),
            member<&Input::encoding_type>("EncodingType")
                .one_of(encoding_types)
                .query("encoding-type"),
            member<&Input::max_keys>("MaxKeys").query("max-keys"),
            expected_owner_member<&Input::expected_owner>(), request_payer_member(),
            optional_attributes_member());
    }
};

struct Version {
    std::string key, version_id;
    bool is_latest = false;
    WallTime last_modified;
    std::string etag;
    std::int64_t size = 0;
    std::string storage_class = "STANDARD";
    Owner owner;
    std::vector<std::string> checksum_algorithms;
    std::optional<std::string> checksum_type;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "Version", member<&Version::key>("Key"), member<&Version::version_id>("VersionId"),
            member<&Version::is_latest>("IsLatest"),
            member<&Version::last_modified>("LastModified"), member<&Version::etag>("ETag"),
            member<&Version::size>("Size"), member<&Version::storage_class>("StorageClass"),
            member<&Version::owner>("Owner"),
            member<&Version::checksum_algorithms>("ChecksumAlgorithm"),
            member<&Version::checksum_type>("ChecksumType"));
    }
};

struct DeleteMarker {
    std::string key, version_id;
    bool is_latest = false;
    WallTime last_modified;
    Owner owner;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("DeleteMarker", member<&DeleteMarker::key>("Key"),
                               member<&DeleteMarker::version_id>("VersionId"),
                               member<&DeleteMarker::is_latest>("IsLatest"),
                               member<&DeleteMarker::last_modified>("LastModified"),
                               member<&DeleteMarker::owner>("Owner"));
    }
};

struct Output {
    std::string name, prefix, key_marker, version_id_marker;
    std::optional<std::string> next_key_marker, next_version_id_marker, delimiter, encoding_type;
    std::int64_t max_keys = 0;
    bool is_truncated = false;
    std::vector<Version> versions;
    std::vector<DeleteMarker> delete_markers;
    std::vector<CommonPrefix> common_prefixes;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "ListVersionsResult", member<&Output::name>("Name"), member<&Output::prefix>("Prefix"),
            member<&Output::key_marker>("KeyMarker"),
            member<&Output::version_id_marker>("VersionIdMarker"),
            member<&Output::next_key_marker>("NextKeyMarker"),
            member<&Output::next_version_id_marker>("NextVersionIdMarker"),
            member<&Output::max_keys>("MaxKeys"), member<&Output::delimiter>("Delimiter"),
            member<&Output::encoding_type>("EncodingType"),
            member<&Output::is_truncated>("IsTruncated"), member<&Output::versions>("Version"),
            member<&Output::delete_markers>("DeleteMarker"),
            member<&Output::common_prefixes>("CommonPrefixes"));
    }
    std::int64_t count() const {
        return static_cast<std::int64_t>(versions.size() + delete_markers.size() +
                                         common_prefixes.size());
    }
};

void add(Objects::Listed listed, const std::string& key, const Owner& owner, Output& output) {
    Object& object = listed.object;
    if (object.is_delete_marker) {
        output.delete_markers.push_back(
            {key, version_text(object), listed.is_latest, object.last_modified, owner});
        return;
    }
    Version version{.key = key,
                    .version_id = version_text(object),
                    .is_latest = listed.is_latest,
                    .last_modified = object.last_modified,
                    .etag = std::move(object.etag),
                    .size = object.size,
                    .owner = owner,
                    .checksum_algorithms = checksum_names(object)};
    if (!object.checksums.empty())
        version.checksum_type = object.checksum_type.value_or("FULL_OBJECT");
    output.versions.push_back(std::move(version));
}

// Of a key alone, all its versions are behind.
Result<Objects::Mark> starting_point(S3& s3, const Input& input) {
    Objects::Mark mark{input.key_marker.value_or("")};
    if (!input.version_id_marker) return mark;
    if (!input.key_marker)
        return fail("InvalidArgument",
                    "A version-id marker cannot be specified without a key marker.", 400);
    MILL_TRY(mark.order, s3.objects().order_of(input.bucket, mark.key, *input.version_id_marker));
    return mark;
}

// A common prefix is skipped over in one step, as in page_of().
Result<void> fill(S3& s3, const Input& input, const Owner& owner, Objects::Mark mark,
                  Output& output) {
    const bool in_url = input.encoding_type == "url";
    const std::string prefix = input.prefix.value_or(""), delimiter = input.delimiter.value_or("");
    std::string last_version;
    if (const auto rolled = common_prefix(mark.key, prefix, delimiter); rolled == mark.key)
        mark.key += above_all;
    while (true) {
        const auto left = static_cast<std::size_t>(output.max_keys - output.count());
        MILL_TRY(auto run, s3.objects().list_versions(input.bucket, prefix, mark, left + 1));
        if (run.empty()) return {};
        for (auto& listed : run) {
            if (listed.key < mark.key) continue;  // below the prefix
            if (output.count() == output.max_keys) {
                output.is_truncated = true;
                if (mark.key.ends_with(above_all)) mark.key.pop_back();
                output.next_key_marker = shown_key(mark.key, in_url);
                if (!last_version.empty()) output.next_version_id_marker = last_version;
                return {};
            }
            if (auto rolled = common_prefix(listed.key, prefix, delimiter)) {
                output.common_prefixes.push_back({shown_key(*rolled, in_url)});
                mark = {*rolled + above_all};
                last_version.clear();
                continue;
            }
            mark = {listed.key, listed.object.order};
            last_version = version_text(listed.object);
            add(std::move(listed), shown_key(mark.key, in_url), owner, output);
        }
    }
}

Task<Result<Output>> list_object_versions(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    const bool in_url = input.encoding_type == "url";
    Output output{.name = input.bucket,
                  .prefix = shown_key(input.prefix.value_or(""), in_url),
                  .key_marker = shown_key(input.key_marker.value_or(""), in_url),
                  .version_id_marker = input.version_id_marker.value_or(""),
                  .encoding_type = input.encoding_type};
    if (input.delimiter) output.delimiter = shown_key(*input.delimiter, in_url);
    MILL_CO_TRY(output.max_keys, checked_max_keys(input.max_keys));
    MILL_CO_TRY(Objects::Mark mark, starting_point(s3, input));
    if (output.max_keys > 0)
        MILL_CO_CHECK(fill(s3, input, owner_of(caller.account), std::move(mark), output));
    co_return output;
}

}  // namespace

extern const wire::Operation list_object_versions_operation;
const wire::Operation list_object_versions_operation = wire::operation<&list_object_versions>(
    "ListObjectVersions", {.method = "GET", .path = "/{Bucket}", .required_query = "versions"});

}  // namespace mill::s3
