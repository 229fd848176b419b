// SPDX-License-Identifier: Apache-2.0
// The root key pair of a data directory: made at the first start, for the day when requests must be
// signed with it.
#pragma once

#include <string>

#include "machine/machine.h"

namespace mill::app {

// Writes <directory>/root-key.json (mode 0600) if it is missing: {"AccessKeyId": ...,
// "SecretAccessKey": ...}.
Result<void> ensure_root_keys(Machine& machine, const std::string& directory);

}  // namespace mill::app
