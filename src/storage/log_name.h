// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"

namespace mill::storage {

inline constexpr std::size_t log_name_bytes_max = 255;

// What every engine asks of a log's name: "storage.invalid".
inline Result<void> check_log_name(const std::string& name) {
    if (!name.empty() && name.size() <= log_name_bytes_max) return {};
    return fail("storage.invalid", "a log's name has 1 to " + std::to_string(log_name_bytes_max) +
                                       " bytes, not " + std::to_string(name.size()));
}

}  // namespace mill::storage
