// SPDX-License-Identifier: Apache-2.0
#include "services/cloudformation/stack_shapes.h"

#include <charconv>

#include "base/bytes.h"

namespace mill::cloudformation {

std::vector<GivenParameter> given_parameters(
    const std::optional<std::vector<ParameterInput>>& inputs) {
    std::vector<GivenParameter> given;
    if (!inputs) return given;
    for (const ParameterInput& input : *inputs) {
        given.push_back(
            {input.key.value_or(""), input.value, input.use_previous_value.value_or(false)});
    }
    return given;
}

std::string page_token(std::int64_t position) { return base64_encode(std::to_string(position)); }

Result<std::int64_t> page_position(const std::optional<std::string>& token, std::int64_t first) {
    if (!token) return first;
    const Result<Bytes> text = base64_decode(*token);
    std::int64_t position = 0;
    if (text) {
        const auto [end, error] =
            std::from_chars(text->data(), text->data() + text->size(), position);
        if (error == std::errc() && end == text->data() + text->size() && position >= 0)
            return position;
    }
    return fail("ValidationError", "Invalid NextToken", 400);
}

}  // namespace mill::cloudformation
