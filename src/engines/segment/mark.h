// SPDX-License-Identifier: Apache-2.0
// The mark beside the newest segment (docs/formats/segment.md): the head that the next segment
// would have if it were begun now. It is a witness: what it says had been durable. So damage to the
// end of the segment is no torn commit, and with a damaged head the segment is still known. Written
// a second after a commit, not synced; one that is missing, old or damaged costs exactness alone.
#pragma once

#include "engines/segment/format.h"
#include "machine/files.h"

namespace mill::segment {

struct Mark {
    Head state;                  // of the store when its segment was durable up to `end`
    std::uint64_t segment = 0;   // its number
    std::uint64_t end = 0;       // a commit ended there
    std::uint32_t last_crc = 0;  // of the entry before
    std::uint32_t salt = 0;      // of the segment
};

// Empty if there is none that can be used. Fails only where reading fails.
Result<std::optional<Mark>> read_mark(machine::Files& files, const std::string& directory,
                                      std::uint64_t segment);
// `state` ends its list of segments with the newest.
Result<void> write_mark(machine::Files& files, const std::string& directory, const Head& state);

}  // namespace mill::segment
