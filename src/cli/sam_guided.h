// SPDX-License-Identifier: Apache-2.0
// sam deploy --guided: the questions that SAM CLI asks, in its order.
#pragma once

#include "cli/sam.h"

namespace mill::cli {

// Puts the answers into the options, and into the configuration file if that is wanted. The bucket
// is there afterwards.
Task<Result<void>> ask_for_options(Session& session, SamOptions& options);

}  // namespace mill::cli
