// SPDX-License-Identifier: Apache-2.0
// A template as CloudFormation would understand it, asked of a server of our own: nothing is
// deployed, and none of the user's servers hears of it.
#pragma once

#include "cli/sam.h"

namespace mill::cli {

struct TranslatedResource {
    std::string logical_id;
    std::string type;
};

// The resources after transforms and conditions. "invalid" with CloudFormation's reason.
Task<Result<std::vector<TranslatedResource>>> translate_template(Session& session, Target target,
                                                                 wire::Value document,
                                                                 Pairs parameters);

}  // namespace mill::cli
