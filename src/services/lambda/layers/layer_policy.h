// SPDX-License-Identifier: Apache-2.0
// The resource policy of a layer's version, as text of IAM's policy language.
// https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html
#pragma once

#include "services/lambda/layers/layer.h"

namespace mill::lambda {

std::string statement_text(const LayerVersion& layer, const LayerStatement& statement);
std::string policy_text(const LayerVersion& layer);

// PreconditionFailedException unless the revision, if one is given, is the policy's.
Result<void> check_policy_revision(const LayerVersion& layer,
                                   const std::optional<std::string>& wanted);

}  // namespace mill::lambda
