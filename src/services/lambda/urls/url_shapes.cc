// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/urls/url_shapes.h"

#include <fmt/format.h>

namespace mill::lambda {

Result<FunctionReference> url_function(const Caller& caller, const std::optional<std::string>& name,
                                       const std::optional<std::string>& qualifier) {
    MILL_TRY(FunctionReference function,
             parse_function_name(caller, *name, qualifier.value_or("")));
    const std::string& text = function.qualifier;
    const bool is_number = text.find_first_not_of("0123456789") == std::string::npos;
    if (!text.empty() && (is_number || text == "$LATEST")) {
        return fail("ValidationException",
                    fmt::format("1 validation error detected: Value '{}' at 'qualifier' failed to "
                                "satisfy constraint: Member must satisfy regular expression "
                                "pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)",
                                text),
                    400);
    }
    return function;
}

}  // namespace mill::lambda
