// SPDX-License-Identifier: Apache-2.0
// Function code as uploaded: a zip, read from memory. Untrusted: names that leave the tree, links
// that do, encrypted entries and archives that unpack to more than AWS allows are refused before or
// while they are read.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace mill::lambda {

constexpr std::uint64_t unzipped_bytes_max =
    262'144'000;  // AWS quota: deployment package, unzipped
constexpr std::uint64_t zip_entries_max = 100'000;

struct ZipEntry {
    std::string path;  // relative, '/' between parts, no "." or ".."
    unsigned mode = 0644;
    Bytes contents;
};

// Calls `take` for each regular file; links inside the tree arrive as copies of what they point at.
// Stops at the first error of `take`. Errors: InvalidParameterValueException in AWS's words.
Result<void> read_zip(BytesView zip, const std::function<Result<void>(ZipEntry)>& take);

// A zip of one file, for inline code.
Result<Bytes> zip_of(const std::string& path, BytesView contents);

// The path as it may be extracted: "a//./b" → "a/b". Empty if it is absolute, leaves the tree or
// names nothing.
std::string safe_path(std::string_view path);

}  // namespace mill::lambda
