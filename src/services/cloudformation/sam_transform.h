// SPDX-License-Identifier: Apache-2.0
// The transform AWS::Serverless-2016-10-31, as far as pipelines need it: AWS::Serverless::Function,
// LayerVersion and Application (a nested stack), with Globals.Function. Pure: a template in, a
// template of plain resources out, the one that the official translator makes
// (tests/clients/test_sam_transform.py). What it does not carry out, it refuses by name.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "wire/value.h"

namespace mill::cloudformation {

inline constexpr std::string_view sam_transform_name = "AWS::Serverless-2016-10-31";

// The template without Transform and Globals. ValidationError "Transform AWS::Serverless-2016-10-31
// failed with: ..."
Result<wire::Value> sam_transform(wire::Value document);

// An entry of Policies with its PolicyName: a document of the template of that name
// ("KinesisCrudPolicy"). Errors are reasons.
Result<wire::Value> policy_from_template(std::string_view name, const wire::Value& parameters);
bool is_policy_template(std::string_view name);
// "AWSLambdaKinesisExecutionRole" → its ARN; ARNs stay as they are.
std::string managed_policy_arn(std::string_view name);

}  // namespace mill::cloudformation
