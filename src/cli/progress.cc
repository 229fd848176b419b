// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>

namespace mill::cli {

void ProgressLines::at(std::uint64_t done, std::uint64_t total) {
    const Instant now = session_.machine.clock.now();
    if (now < next_) return;
    next_ = now + std::chrono::seconds(5);
    constexpr double mib = 1024.0 * 1024.0;
    const double so_far = static_cast<double>(done);
    if (total == 0) {
        session_.err(fmt::format("{}: {:.0f} MiB\n", what_, so_far / mib));
        return;
    }
    // What grows meanwhile must not show as more than all.
    const double share = std::min(1.0, so_far / static_cast<double>(total));
    session_.err(fmt::format("{}: {:.0f} % of {:.0f} MiB\n", what_, 100 * share,
                             static_cast<double>(total) / mib));
}

}  // namespace mill::cli
