// SPDX-License-Identifier: Apache-2.0
#include "services/s3/copy_source.h"

#include "wire/http.h"

namespace mill::s3 {

Result<CopySource> parse_copy_source(std::string_view header) {
    CopySource source;
    constexpr std::string_view query = "?versionId=";
    if (const std::size_t at = header.find(query); at != std::string_view::npos) {
        source.version_id = wire::http::percent_decode(header.substr(at + query.size()));
        header = header.substr(0, at);
    }
    if (header.starts_with('/')) header.remove_prefix(1);
    const std::string place = wire::http::percent_decode(header);
    const std::size_t slash = place.find('/');
    if (slash == std::string::npos || slash == 0 || slash + 1 == place.size())
        return fail("InvalidArgument",
                    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                    400);
    source.bucket = place.substr(0, slash);
    source.key = place.substr(slash + 1);
    return source;
}

Result<Object> find_copy_source(S3& s3, const CopySource& source,
                                const ReadConditions& conditions) {
    MILL_TRY(Object object, s3.objects().find(source.bucket, source.key, source.version_id));
    const auto holds = check_read(conditions, object);
    if (!holds) return precondition_failed();
    return object;
}

Result<std::string> checked_algorithm(const std::optional<std::string>& name) {
    if (!name) return std::string();
    std::string algorithm = checksum_key(*name);
    if (!Checksum::is_known(algorithm)) return unknown_checksum(algorithm);
    return algorithm;
}

std::set<std::string> sums_of_copy(const Object& source, const std::string& algorithm) {
    if (!algorithm.empty()) return {algorithm};
    std::set<std::string> algorithms;
    for (const auto& [name, value] : source.checksums) algorithms.insert(name);
    return algorithms;
}

}  // namespace mill::s3
