// SPDX-License-Identifier: Apache-2.0
#include "services/s3/uploads.h"

#include <fmt/format.h>

#include <algorithm>

#include "services/s3/body.h"
#include "services/s3/checksums.h"

namespace mill::s3 {
namespace {

constexpr std::int64_t part_bytes_min = 5 * 1024 * 1024;  // but of the last one
constexpr std::int64_t page_parts_max = 1000;

Failure invalid_part() {
    return fail("InvalidPart",
                "One or more of the specified parts could not be found. The part may not have been "
                "uploaded, or the specified entity tag may not match the part's entity tag.",
                400);
}

std::string_view unquoted(std::string_view etag) {
    if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
        return etag.substr(1, etag.size() - 2);
    return etag;
}

Bytes from_hex(std::string_view text) {
    Bytes out;
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        out += static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1]));
    return out;
}

// The parts of the list, taken out of all that there are; both are in order.
Result<std::vector<Part>> take_listed(std::vector<Part>& all,
                                      const std::vector<ListedPart>& listed) {
    std::vector<Part> parts, left_out;
    auto at = all.begin();
    std::int64_t last = 0;
    for (const ListedPart& wanted : listed) {
        if (wanted.number <= last)
            return fail("InvalidPartOrder",
                        "The list of parts was not in ascending order. Parts must be ordered by "
                        "part number.",
                        400);
        last = wanted.number;
        for (; at != all.end() && at->number < wanted.number; ++at)
            left_out.push_back(std::move(*at));
        if (at == all.end() || at->number != wanted.number ||
            unquoted(at->etag) != unquoted(wanted.etag))
            return invalid_part();
        for (const auto& [algorithm, value] : wanted.checksums) {
            const auto has = at->checksums.find(algorithm);
            if (has != at->checksums.end() && has->second != value) return invalid_part();
        }
        if (!parts.empty() && parts.back().size < part_bytes_min)
            return fail("EntityTooSmall",
                        "Your proposed upload is smaller than the minimum allowed size", 400);
        parts.push_back(std::move(*at++));
    }
    std::ranges::move(at, all.end(), std::back_inserter(left_out));
    all = std::move(left_out);
    return parts;
}

// Of the parts' checksums: one over them, or that of all their bytes.
Result<void> sum_up(const std::vector<Part>& parts, const Upload& upload, Object& object) {
    if (!upload.algorithm) return {};
    const std::string& algorithm = *upload.algorithm;
    const bool is_full = upload.checksum_type == "FULL_OBJECT";
    std::uint64_t whole = 0;
    Bytes raw;
    for (const Part& part : parts) {
        MILL_TRY(const Bytes sum, base64_decode(part.checksums.at(algorithm)));
        if (is_full) {
            whole = combined_crc(algorithm, whole, sum, static_cast<std::uint64_t>(part.size));
        } else {
            raw += sum;
        }
    }
    object.checksums[algorithm] =
        is_full ? crc_text(algorithm, whole)
                : checksum(algorithm, raw) + "-" + std::to_string(parts.size());
    object.checksum_type = upload.checksum_type;
    return {};
}

// Nothing if it was completed or aborted meanwhile: its parts are an object's then, or gone.
Objects::Change while_under_way(const std::string& bucket, const Upload& upload) {
    Objects::Change change;
    change.commit.preconditions.push_back(
        {upload_row(bucket, upload.key, upload.id), wire::to_json(upload)});
    return change;
}

}  // namespace

Failure no_such_upload() {
    return fail("NoSuchUpload",
                "The specified upload does not exist. The upload ID may be invalid, or the upload "
                "may have been aborted or completed.",
                404);
}

std::string upload_rows(const std::string& bucket) { return "s3/upload/" + bucket + "/"; }
std::string upload_row(const std::string& bucket, const std::string& key, const std::string& id) {
    return upload_rows(bucket) + key + '\0' + id;
}

// By time, as lists show them.
std::string new_upload_id(S3& s3) {
    constexpr std::size_t random_digits = 16;
    return fmt::format("{:016x}{}", s3.now().time_since_epoch().count(),
                       s3.new_id().substr(0, random_digits));
}

Task<Result<void>> begin_upload(S3& s3, std::string bucket, Upload upload) {
    Objects::Change change;
    change.commit.puts.push_back(
        {upload_row(bucket, upload.key, upload.id), wire::to_json(upload)});
    co_return co_await s3.commit(std::move(bucket), std::move(change));
}

Result<Upload> find_upload(S3& s3, const std::string& bucket, const std::string& key,
                           const std::string& id) {
    MILL_TRY(const auto row, s3.table().get(upload_row(bucket, key, id)));
    if (!row) return no_such_upload();
    return wire::from_json<Upload>(*row);
}

Task<Result<void>> put_part(S3& s3, std::string bucket, Upload upload, Part part) {
    const std::string blob = part.blob, row = Objects::part_row(upload.id, part.number);
    Objects::Change change = while_under_way(bucket, upload);
    MILL_CO_TRY(const auto before, s3.table().get(row));
    if (before) {
        MILL_CO_TRY(Part old, wire::from_json<Part>(*before));
        change.dropped.push_back(std::move(old.blob));
    }
    change.commit.puts.push_back({row, wire::to_json(part)});
    auto done = co_await s3.commit(std::move(bucket), std::move(change));
    if (done) co_return done;
    s3.discard({blob});
    if (done.error().code == "NoSuchBucket") co_return no_such_upload();
    co_return done;
}

Task<Result<void>> abort_upload(S3& s3, std::string bucket, Upload upload) {
    Objects::Change change = while_under_way(bucket, upload);
    change.commit.erases.push_back(upload_row(bucket, upload.key, upload.id));
    MILL_CO_CHECK(s3.objects().drop({.upload = upload.id}, change));
    const auto done = co_await s3.commit(std::move(bucket), std::move(change));
    if (!done && done.error().code == "NoSuchBucket") co_return no_such_upload();
    co_return done;
}

Result<Completed> complete_upload(S3& s3, const std::string& bucket, const Upload& upload,
                                  const std::vector<ListedPart>& listed) {
    MILL_TRY(auto all, s3.objects().parts(upload.id));
    MILL_TRY(auto parts, take_listed(all, listed));
    Completed completed{.object = upload.described, .also = while_under_way(bucket, upload)};
    Object& object = completed.object;
    storage::Table::Commit& commit = completed.also.commit;
    Bytes digests;
    Objects::place(parts);
    for (const Part& part : parts) {
        commit.puts.push_back({Objects::part_row(upload.id, part.number), wire::to_json(part)});
        object.size += part.size;
        digests += from_hex(unquoted(part.etag));
    }
    const Digest16 digest = md5(digests);
    object.etag =
        fmt::format("\"{}-{}\"", hex({reinterpret_cast<const char*>(digest.data()), digest.size()}),
                    parts.size());
    object.last_modified = s3.now();
    object.upload = upload.id;
    object.part_count = static_cast<std::int64_t>(parts.size());
    MILL_CHECK(sum_up(parts, upload, object));
    commit.erases.push_back(upload_row(bucket, upload.key, upload.id));
    for (Part& left_out : all) {
        commit.erases.push_back(Objects::part_row(upload.id, left_out.number));
        completed.also.dropped.push_back(std::move(left_out.blob));
    }
    return completed;
}

Result<PartPage> page_of_parts(S3& s3, const std::string& upload, std::int64_t after,
                               std::optional<std::int64_t> parts_max) {
    if (parts_max.value_or(0) < 0)
        return fail("InvalidArgument",
                    "Argument max-parts must be an integer between 0 and 2147483647", 400);
    PartPage page{.parts_max = std::min(parts_max.value_or(page_parts_max), page_parts_max)};
    MILL_TRY(page.parts, s3.objects().parts(upload));
    std::erase_if(page.parts, [&](const Part& part) { return part.number <= after; });
    const auto most = static_cast<std::size_t>(page.parts_max);
    page.is_truncated = page.parts.size() > most;
    if (page.is_truncated) page.parts.resize(most);
    return page;
}

Result<std::vector<Upload>> list_uploads(S3& s3, const std::string& bucket,
                                         const std::string& prefix, const std::string& after_row,
                                         std::size_t limit) {
    MILL_TRY(const auto rows, s3.table().scan(upload_rows(bucket) + prefix, after_row, limit));
    std::vector<Upload> uploads;
    for (const auto& row : rows) {
        MILL_TRY(Upload upload, wire::from_json<Upload>(row.value));
        uploads.push_back(std::move(upload));
    }
    return uploads;
}

}  // namespace mill::s3
