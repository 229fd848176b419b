// SPDX-License-Identifier: Apache-2.0
#include "engines/segment/mark.h"

namespace mill::segment {

Result<std::optional<Mark>> read_mark(machine::Files& files, const std::string& directory,
                                      std::uint64_t segment) {
    const std::string path = directory + "/" + mark_name(segment);
    if (!files.exists(path)) return std::nullopt;
    MILL_TRY(const Bytes bytes, machine::read_file(files, path));
    auto state = decode_head(bytes, path);
    if (!state || state->number != segment + 1 || state->segments.empty() ||
        state->segments.back().number != segment)
        return std::nullopt;
    const Head::Sealed& newest = state->segments.back();
    Mark mark{.segment = segment,
              .end = newest.end,
              .last_crc = newest.last_crc,
              .salt = state->salt - 1};
    mark.state = *std::move(state);
    return mark;
}

// A torn one does not match its CRC; what a crash leaves of the new name goes at the next start.
Result<void> write_mark(machine::Files& files, const std::string& directory, const Head& state) {
    const std::string path = directory + "/" + mark_name(state.segments.back().number);
    {
        MILL_TRY(auto file, files.open(path + ".new", machine::Open::create));
        MILL_CHECK(file->truncate(0));
        MILL_CHECK(file->write_at(0, encode_head(state)));
    }
    return files.rename(path + ".new", path);
}

}  // namespace mill::segment
