// SPDX-License-Identifier: Apache-2.0
// What the schemas of some resource types say of the kinds of their properties, where the provider
// reads a property by its name and would pass over one of another kind. The other providers decode
// all properties by a shape. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "wire/value.h"

namespace mill::cloudformation {

// "Properties validation failed for resource S with message: #/Name: expected type: String, found:
// JSONObject", as CloudFormation checks before it asks a type's handler.
Result<void> check_property_kinds(const std::string& logical_id, const std::string& type,
                                  const wire::Value& properties);

}  // namespace mill::cloudformation
