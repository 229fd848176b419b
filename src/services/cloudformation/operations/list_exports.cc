// SPDX-License-Identifier: Apache-2.0
// ListExports: the outputs of all stacks that Fn::ImportValue could name, by name.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListExports.html
#include <algorithm>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {
namespace {

struct ListExportsInput {
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        return wire::structure(
            "ListExportsInput",
            wire::member<&ListExportsInput::next_token>("NextToken").length(1, 1024));
    }
};

struct Export {
    std::string stack_id;
    std::string name;
    std::string value;

    static constexpr auto shape() {
        return wire::structure("Export", wire::member<&Export::stack_id>("ExportingStackId"),
                               wire::member<&Export::name>("Name"),
                               wire::member<&Export::value>("Value"));
    }
};

struct ListExportsOutput {
    std::vector<Export> exports;
    std::optional<std::string> next_token;

    static constexpr auto shape() {
        return wire::structure("ListExportsOutput",
                               wire::member<&ListExportsOutput::exports>("Exports"),
                               wire::member<&ListExportsOutput::next_token>("NextToken"));
    }
};

Task<Result<ListExportsOutput>> list_exports(CloudFormation& service, Caller caller,
                                             ListExportsInput input) {
    MILL_CO_TRY(const std::int64_t first, page_position(input.next_token, 0));
    std::vector<Export> all;
    for (const Stack* stack : service.stacks().of(caller)) {
        const StackRow& row = *stack->durable;
        if (row.deleted) continue;
        for (const StackOutput& output : row.now.outputs) {
            if (output.export_name)
                all.push_back({row.stack_id, *output.export_name, output.value});
        }
    }
    std::ranges::sort(all, {}, &Export::name);
    const auto count = static_cast<std::int64_t>(all.size());
    const std::int64_t end = std::min(first + page_size, count);
    ListExportsOutput output;
    for (std::int64_t i = first; i < end; ++i)
        output.exports.push_back(std::move(all[static_cast<std::size_t>(i)]));
    if (end < count) output.next_token = page_token(end);
    co_return output;
}

}  // namespace

extern const wire::Operation list_exports_operation;
const wire::Operation list_exports_operation = wire::operation<&list_exports>("ListExports");

}  // namespace mill::cloudformation
