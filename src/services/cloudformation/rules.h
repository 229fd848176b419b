// SPDX-License-Identifier: Apache-2.0
// The Rules section: assertions on parameters, made before anything is changed. Pure: what Ref
// means comes from References.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-rules.html
#pragma once

#include "base/result.h"
#include "services/cloudformation/intrinsics.h"
#include "wire/value.h"

namespace mill::cloudformation {

// Each rule's form: an optional RuleCondition, Assertions with an Assert each.
Result<void> check_rule_forms(const wire::Value& document);
// Every assertion of every rule whose condition holds. A ValidationError with the descriptions of
// all that do not hold.
Result<void> check_rules(const wire::Value& document, const References& parameters);

}  // namespace mill::cloudformation
