// SPDX-License-Identifier: Apache-2.0
// Times as people write them: "10min ago", "1 hour 30 minutes ago", "in 2 days", "yesterday",
// "2026-01-01 10:10:10", seconds or milliseconds since 1970. Without a zone they are UTC.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace mill::cli {

std::optional<WallTime> parse_human_time(std::string_view text, WallTime now);

}  // namespace mill::cli
