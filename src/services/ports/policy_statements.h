// SPDX-License-Identifier: Apache-2.0
// The statements of a resource's policy, which is kept as JSON text: AddPermission and
// RemovePermission of the services. Pure.
#pragma once

#include <string>
#include <string_view>

#include "wire/value.h"

namespace mill::ports {

// False: its Sid is there already.
Result<bool> add_statement(std::string& policy, wire::Value statement);
// An empty text is left when the last one goes. False: there is none of that Sid.
Result<bool> remove_statement(std::string& policy, std::string_view sid);

}  // namespace mill::ports
