// SPDX-License-Identifier: Apache-2.0
// The newest segment with damage in it: it is taken for one that is sealed where it ends, and this
// is the state of the store there. Blocks; used when a store is opened or checked.
#pragma once

#include "engines/segment/mark.h"

namespace mill::segment {

// The head that the next segment begins with. What the mark says is certain. After damage beyond
// it, a log is known again by its next batch, which tells its offset; one that has none is stopped,
// and names may be lost. "storage.corrupt" if neither the segment's head nor its mark can be read.
Result<Head> state_over_damage(machine::Files& files, const std::string& directory,
                               std::uint64_t segment, const std::optional<Mark>& mark);

}  // namespace mill::segment
