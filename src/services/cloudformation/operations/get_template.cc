// SPDX-License-Identifier: Apache-2.0
// GetTemplate: as it was given, or as it was after its transforms; a stack's or a change set's.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
#include <array>

#include "services/cloudformation/change_set_shapes.h"

namespace mill::cloudformation {

namespace {

constexpr std::array<std::string_view, 2> stages = {"Original", "Processed"};

struct GetTemplateInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> template_stage;
    std::optional<std::string> change_set_name;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = GetTemplateInput;
        return wire::structure("GetTemplateInput",
                               wire::member<&In::stack_name>("StackName").length(1, 2048),
                               wire::member<&In::template_stage>("TemplateStage").one_of(stages),
                               wire::member<&In::change_set_name>("ChangeSetName")
                                   .pattern(change_set_name_pattern)
                                   .length(1, 1600));
    }
};

struct GetTemplateOutput {
    std::string template_body;
    std::vector<std::string> stages_available;

    static constexpr auto shape() {
        using Out = GetTemplateOutput;
        return wire::structure("GetTemplateOutput",
                               wire::member<&Out::template_body>("TemplateBody"),
                               wire::member<&Out::stages_available>("StagesAvailable"));
    }
};

// Of a change set that FAILED there is none.
Result<Definition> definition_of(CloudFormation& service, const Caller& caller,
                                 const GetTemplateInput& input) {
    if (!input.change_set_name) {
        if (!input.stack_name)
            return fail("ValidationError", "Either StackName or ChangeSetName must be specified.",
                        400);
        MILL_TRY(const auto row, service.existing(caller, *input.stack_name));
        return row->now;
    }
    MILL_TRY(const FoundChangeSet found,
             find_change_set(service, caller, *input.change_set_name, input.stack_name));
    return found.change_set->executed ? found.stack->durable->now : found.change_set->target;
}

Task<Result<GetTemplateOutput>> get_template(CloudFormation& service, Caller caller,
                                             GetTemplateInput input) {
    MILL_CO_TRY(const Definition definition, definition_of(service, caller, input));
    GetTemplateOutput output{.stages_available = {"Original", "Processed"}};
    if (definition.body.empty()) co_return output;  // under review
    MILL_CO_TRY(const wire::Value original, wire::parse_template(definition.body));
    const bool is_processed = input.template_stage == "Processed" && uses_macros(original);
    output.template_body = is_processed ? definition.processed : definition.body;
    co_return output;
}

}  // namespace

extern const wire::Operation get_template_operation;
const wire::Operation get_template_operation = wire::operation<&get_template>("GetTemplate");

}  // namespace mill::cloudformation
