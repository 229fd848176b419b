// SPDX-License-Identifier: Apache-2.0
#include "services/s3/read_object.h"

#include <algorithm>
#include <charconv>

#include "services/s3/content.h"

namespace mill::s3 {
namespace {

// More is read while it is sent.
constexpr std::uint64_t whole_bytes_max = 1024 * 1024;

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

ReadObjectOutput describe(Object object, bool with_checksums) {
    ReadObjectOutput out{.content_length = object.size,
                         .etag = std::move(object.etag),
                         .last_modified = object.last_modified};
    if (object.content_type) out.content_type = *std::move(object.content_type);
    out.content_encoding = std::move(object.content_encoding);
    out.content_disposition = std::move(object.content_disposition);
    out.content_language = std::move(object.content_language);
    out.cache_control = std::move(object.cache_control);
    out.metadata = std::move(object.metadata);
    out.expires = object.expires;
    tell_encryption(object.encryption, out);
    if (!object.tags.empty()) out.tag_count = static_cast<std::int64_t>(object.tags.size());
    if (with_checksums && !object.checksums.empty()) {
        out.checksums = std::move(object.checksums);
        out.checksum_type = object.checksum_type.value_or("FULL_OBJECT");
    }
    return out;
}

void apply_overrides(ReadObjectInput& input, ReadObjectOutput& out) {
    if (input.content_type) out.content_type = *std::move(input.content_type);
    if (input.content_encoding) out.content_encoding = std::move(input.content_encoding);
    if (input.content_disposition) out.content_disposition = std::move(input.content_disposition);
    if (input.content_language) out.content_language = std::move(input.content_language);
    if (input.cache_control) out.cache_control = std::move(input.cache_control);
    if (input.expires) out.expires = input.expires;
}

// A part of an upload, or what the header says.
Result<std::optional<ByteRange>> range_of(S3& s3, const ReadObjectInput& input,
                                          const Object& object) {
    const auto size = static_cast<std::uint64_t>(object.size);
    if (!input.part_number) {
        return input.range ? parse_range(*input.range, size)
                           : Result<std::optional<ByteRange>>(std::nullopt);
    }
    if (input.range)
        return fail("InvalidRequest",
                    "Cannot specify both Range header and partNumber query parameter", 400);
    if (!object.upload && *input.part_number == 1) return std::optional<ByteRange>();
    if (object.upload) {
        MILL_TRY(const auto part, s3.objects().part_at(*object.upload, *input.part_number));
        if (part)
            return std::optional(ByteRange{static_cast<std::uint64_t>(part->begin),
                                           static_cast<std::uint64_t>(part->size)});
    }
    return fail("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
}

}  // namespace

// A condition on the entity tag stands above one on the time.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax
Result<void> check_read(const ReadConditions& input, const Object& object) {
    const auto changed_after = [&](WallTime time) {  // headers know whole seconds only
        return std::chrono::floor<std::chrono::seconds>(object.last_modified) > time;
    };
    const auto matches = [&](const std::string& tag) {
        return tag == "*" || tag == object.etag || "\"" + tag + "\"" == object.etag;
    };
    if (input.if_match) {
        if (!matches(*input.if_match)) return precondition_failed();
    } else if (input.if_unmodified_since && changed_after(*input.if_unmodified_since)) {
        return precondition_failed();
    }
    const Failure not_modified = fail("NotModified", "Not Modified", 304);
    if (input.if_none_match) {
        if (matches(*input.if_none_match)) return not_modified;
    } else if (input.if_modified_since && !changed_after(*input.if_modified_since)) {
        return not_modified;
    }
    return {};
}

Result<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t size) {
    constexpr std::string_view unit = "bytes=";
    const std::size_t dash = header.find('-');
    if (!header.starts_with(unit) || dash == std::string_view::npos)
        return std::optional<ByteRange>();
    const std::string_view first_text = header.substr(unit.size(), dash - unit.size());
    const std::string_view last_text = header.substr(dash + 1);
    const auto first = number(first_text), last = number(last_text);
    const bool well_formed = (first && (last || last_text.empty())) || (first_text.empty() && last);
    if (!well_formed || (first && last && *last < *first)) return std::optional<ByteRange>();
    const Failure outside = fail("InvalidRange", "The requested range is not satisfiable", 416);
    if (!first) {  // the last bytes
        const std::uint64_t count = std::min(*last, size);
        if (count == 0) return outside;
        return std::optional(ByteRange{size - count, count});
    }
    if (*first >= size) return outside;
    const std::uint64_t end = last ? std::min(*last, size - 1) + 1 : size;
    return std::optional(ByteRange{*first, end - *first});
}

Task<Result<ReadObjectOutput>> read_object(S3& s3, Caller caller, ReadObjectInput input,
                                           bool with_bytes) {
    MILL_CO_CHECK(s3.bucket(caller, input.bucket, input.expected_owner));
    MILL_CO_TRY(const Object object, s3.objects().find(input.bucket, input.key, input.version_id));
    MILL_CO_CHECK(check_read(
        {input.if_match, input.if_none_match, input.if_modified_since, input.if_unmodified_since},
        object));
    MILL_CO_TRY(const auto range, range_of(s3, input, object));
    const auto size = static_cast<std::uint64_t>(object.size);
    ReadObjectOutput output = describe(object, input.checksum_mode == "ENABLED" && !range);
    apply_overrides(input, output);
    MILL_CO_TRY(output.version_id, told_version(s3, input.bucket, object));
    if (input.part_number && object.upload) output.parts_count = object.part_count;
    if (range) {
        output.status = 206;
        output.content_length = static_cast<std::int64_t>(range->count);
        output.content_range = "bytes " + std::to_string(range->offset) + "-" +
                               std::to_string(range->offset + range->count - 1) + "/" +
                               std::to_string(size);
    }
    if (!with_bytes) co_return output;
    const ByteRange wanted = range.value_or(ByteRange{0, size});
    output.body.emplace();
    if (wanted.count <= whole_bytes_max) {
        MILL_CO_TRY(output.body->bytes, co_await s3.read(object, wanted.offset, wanted.count));
    } else {
        MILL_CO_TRY(auto segments, segments_of(s3.objects(), object, wanted.offset, wanted.count));
        output.body->source = std::make_shared<ObjectBody>(s3, std::move(segments));
    }
    co_return output;
}

}  // namespace mill::s3
