// SPDX-License-Identifier: Apache-2.0
// GetObjectAttributes: of an object, what is asked for, without its bytes.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
#include <algorithm>

#include "services/s3/upload_request.h"

namespace mill::s3 {
namespace {

constexpr std::string_view attribute_names[] = {"ETag", "Checksum", "ObjectParts", "StorageClass",
                                                "ObjectSize"};

struct Input {
    std::string bucket, key;
    std::optional<std::string> attributes, expected_owner, version_id;
    std::optional<std::int64_t> max_parts, marker;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "GetObjectAttributesRequest", bucket_member<&Input::bucket>(),
            key_member<&Input::key>(), version_id_member<&Input::version_id>(),
            member<&Input::max_parts>("MaxParts").header("x-amz-max-parts"),
            member<&Input::marker>("PartNumberMarker").header("x-amz-part-number-marker"),
            member<&Input::attributes>("ObjectAttributes")
                .required()
                .header("x-amz-object-attributes"),
            refused_header("SSECustomerAlgorithm",
                           "x-amz-server-side-encryption-customer-algorithm", encryption_hint),
            refused_header("SSECustomerKey", "x-amz-server-side-encryption-customer-key",
                           encryption_hint),
            refused_header("SSECustomerKeyMD5", "x-amz-server-side-encryption-customer-key-MD5",
                           encryption_hint),
            request_payer_member(), expected_owner_member<&Input::expected_owner>());
    }
};

struct Checksum {
    std::optional<std::string> crc32, crc32c, crc64nvme, sha1, sha256, checksum_type;
    static constexpr auto shape() {
        return with_checksums<Checksum>("Checksum",
                                        wire::member<&Checksum::checksum_type>("ChecksumType"));
    }
};

struct ShownPart {
    std::int64_t part_number = 0, size = 0;
    std::optional<std::string> crc32, crc32c, crc64nvme, sha1, sha256;
    static constexpr auto shape() {
        using wire::member;
        return with_checksums<ShownPart>("ObjectPart",
                                         member<&ShownPart::part_number>("PartNumber"),
                                         member<&ShownPart::size>("Size"));
    }
};

struct Parts {
    std::int64_t count = 0;
    std::optional<std::int64_t> marker, next_marker, max_parts;
    std::optional<bool> is_truncated;
    std::vector<ShownPart> parts;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure("GetObjectAttributesParts", member<&Parts::count>("PartsCount"),
                               member<&Parts::marker>("PartNumberMarker"),
                               member<&Parts::next_marker>("NextPartNumberMarker"),
                               member<&Parts::max_parts>("MaxParts"),
                               member<&Parts::is_truncated>("IsTruncated"),
                               member<&Parts::parts>("Part"));
    }
};

struct Output {
    std::optional<std::string> etag, storage_class, version_id;
    std::optional<Checksum> checksum;
    std::optional<Parts> parts;
    std::optional<std::int64_t> size;
    WallTime last_modified;
    static constexpr auto shape() {
        using wire::member;
        return wire::structure(
            "GetObjectAttributesResponse", member<&Output::etag>("ETag"),
            member<&Output::checksum>("Checksum"), member<&Output::parts>("ObjectParts"),
            member<&Output::storage_class>("StorageClass"), member<&Output::size>("ObjectSize"),
            member<&Output::last_modified>("LastModified").header("Last-Modified"),
            told_version_member<&Output::version_id>());
    }
};

// "ETag,ObjectSize"
Result<std::set<std::string, std::less<>>> asked_attributes(std::string_view text) {
    std::set<std::string, std::less<>> asked;
    while (true) {
        const std::size_t comma = text.find(',');
        std::string_view name = text.substr(0, comma);
        name.remove_prefix(std::min(name.find_first_not_of(' '), name.size()));
        name = name.substr(0, name.find_last_not_of(' ') + 1);
        if (std::ranges::find(attribute_names, name) == std::ranges::end(attribute_names))
            return fail("InvalidArgument", "Invalid attribute name specified.", 400);
        asked.emplace(name);
        if (comma == text.npos) return asked;
        text.remove_prefix(comma + 1);
    }
}

// The parts themselves are told only where each has a checksum.
Result<Parts> shown_parts(S3& s3, const Object& object, const Input& input) {
    Parts shown{.count = object.part_count};
    if (object.checksums.empty() || object.checksum_type != "COMPOSITE") return shown;
    shown.marker = input.marker.value_or(0);
    MILL_TRY(const PartPage page,
             page_of_parts(s3, *object.upload, *shown.marker, input.max_parts));
    shown.max_parts = page.parts_max;
    shown.is_truncated = page.is_truncated;
    for (const Part& part : page.parts) {
        ShownPart one{.part_number = part.number, .size = part.size};
        tell_checksums(part.checksums, one);
        shown.parts.push_back(std::move(one));
    }
    shown.next_marker = shown.parts.empty() ? *shown.marker : shown.parts.back().part_number;
    return shown;
}

Task<Result<Output>> get_object_attributes(S3& s3, Caller caller, Input input) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(const auto asked, asked_attributes(*input.attributes));
    MILL_CO_TRY(const Object object, s3.objects().find(input.bucket, input.key, input.version_id));
    Output output{.last_modified = object.last_modified};
    // Without its quotes, here only.
    if (asked.contains("ETag")) output.etag = object.etag.substr(1, object.etag.size() - 2);
    if (asked.contains("StorageClass")) output.storage_class = "STANDARD";
    if (asked.contains("ObjectSize")) output.size = object.size;
    if (asked.contains("Checksum") && !object.checksums.empty()) {
        output.checksum.emplace();
        tell_checksums(object.checksums, *output.checksum);
        output.checksum->checksum_type = object.checksum_type.value_or("FULL_OBJECT");
    }
    if (asked.contains("ObjectParts") && object.upload) {
        MILL_CO_TRY(output.parts, shown_parts(s3, object, input));
    }
    MILL_CO_TRY(output.version_id, told_version(s3, input.bucket, object));
    co_return output;
}

}  // namespace

extern const wire::Operation get_object_attributes_operation;
const wire::Operation get_object_attributes_operation = wire::operation<&get_object_attributes>(
    "GetObjectAttributes",
    {.method = "GET", .path = "/{Bucket}/{Key+}", .required_query = "attributes"});

}  // namespace mill::s3
