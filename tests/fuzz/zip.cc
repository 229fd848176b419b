// SPDX-License-Identifier: Apache-2.0
// Function code: whatever an archive holds, what comes out of it stays in its folder and within
// AWS's size. An archive of our own comes back as it was.
#include "fuzz.h"
#include "services/lambda/functions/zip_archive.h"

namespace mill::lambda {
namespace {

void expect_inside(const std::string& path) {
    MILL_ASSERT(!path.empty() && path.front() != '/' && path.find('\\') == path.npos);
    MILL_ASSERT(path.find('\0') == path.npos && safe_path(path) == path);
    MILL_ASSERT(("/" + path + "/").find("/../") == path.npos);
}

}  // namespace
}  // namespace mill::lambda

void mill::fuzz::run(std::string_view bytes) {
    using namespace mill;
    std::uint64_t total = 0;
    const auto read = lambda::read_zip(bytes, [&](lambda::ZipEntry entry) -> Result<void> {
        lambda::expect_inside(entry.path);
        MILL_ASSERT((entry.mode & ~0777U) == 0);
        total += entry.contents.size();
        return {};
    });
    MILL_ASSERT(total <= lambda::unzipped_bytes_max);
    if (!read) MILL_ASSERT(read.error().code == "InvalidParameterValueException");
    const BytesView text = bytes.substr(0, 4096);
    const auto packed = lambda::zip_of("index.py", text);
    MILL_ASSERT(packed);
    MILL_ASSERT(lambda::read_zip(*packed, [&](lambda::ZipEntry entry) -> Result<void> {
        MILL_ASSERT(entry.path == "index.py" && entry.contents == text);
        return {};
    }));
}
