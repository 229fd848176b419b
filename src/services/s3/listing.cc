// SPDX-License-Identifier: Apache-2.0
#include "services/s3/listing.h"

#include <algorithm>

#include "services/s3/checksums.h"
#include "wire/http.h"

namespace mill::s3 {
namespace {

Content content_of(Objects::Listed listed, const Listing& listing) {
    Object& object = listed.object;
    Content content{.key = shown_key(listed.key, listing.in_url),
                    .last_modified = object.last_modified,
                    .etag = std::move(object.etag),
                    .size = object.size,
                    .owner = listing.owner,
                    .checksum_algorithms = checksum_names(object)};
    if (!object.checksums.empty())
        content.checksum_type = object.checksum_type.value_or("FULL_OBJECT");
    return content;
}

}  // namespace

std::vector<std::string> checksum_names(const Object& object) {
    std::vector<std::string> names;
    for (const auto& [algorithm, value] : object.checksums)
        names.push_back(checksum_name(algorithm));
    return names;
}

Result<std::int64_t> checked_max_keys(const std::optional<std::int64_t>& asked) {
    if (asked.value_or(0) < 0)
        return fail("InvalidArgument",
                    "Argument maxKeys must be an integer between 0 and 2147483647", 400);
    return std::min(asked.value_or(keys_max), keys_max);
}

std::optional<std::string> common_prefix(const std::string& key, const std::string& prefix,
                                         const std::string& delimiter) {
    if (delimiter.empty()) return std::nullopt;
    const std::size_t at = key.find(delimiter, prefix.size());
    return at == std::string::npos ? std::nullopt
                                   : std::optional(key.substr(0, at + delimiter.size()));
}

std::string shown_key(const std::string& key, bool in_url) {
    return in_url ? wire::http::percent_encode(key, true) : key;
}

// A prefix is skipped over in one step however many keys it holds beyond the run.
Result<Page> page_of(S3& s3, const Listing& listing) {
    Page page;
    MILL_TRY(page.max_keys, checked_max_keys(listing.max_keys));
    if (page.max_keys == 0) return page;
    std::string after = listing.after, last;
    // Where a page ended with a prefix, or is asked to begin within one, that was answered before.
    while (true) {
        const auto left = static_cast<std::size_t>(page.max_keys - page.count());
        MILL_TRY(auto run, s3.objects().list(listing.bucket, listing.prefix, after, left + 1));
        if (run.empty()) return page;
        for (auto& listed : run) {
            if (listed.key < after) continue;  // below the prefix
            if (page.count() == page.max_keys) {
                page.resume_after = last;
                return page;
            }
            if (auto rolled = common_prefix(listed.key, listing.prefix, listing.delimiter)) {
                page.common_prefixes.push_back({shown_key(*rolled, listing.in_url)});
                last = after = *rolled + above_all;
                continue;
            }
            last = after = listed.key;
            page.contents.push_back(content_of(std::move(listed), listing));
        }
    }
}

}  // namespace mill::s3
