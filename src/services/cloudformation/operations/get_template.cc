// SPDX-License-Identifier: Apache-2.0
// GetTemplate: as it was given, or as it was after its transforms.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
#include <array>

#include "services/cloudformation/cloudformation.h"
#include "services/cloudformation/stack_shapes.h"

namespace mill::cloudformation {

namespace {

constexpr std::array<std::string_view, 2> stages = {"Original", "Processed"};

struct GetTemplateInput {
    std::optional<std::string> stack_name;
    std::optional<std::string> template_stage;

    // Violations are reported in this order.
    static constexpr auto shape() {
        using In = GetTemplateInput;
        return wire::structure(
            "GetTemplateInput",
            wire::member<&In::stack_name>("StackName").required().length(1, 2048),
            wire::member<&In::template_stage>("TemplateStage").one_of(stages),
            wire::refused("ChangeSetName", "Name the stack alone: there are no change sets."));
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

Task<Result<GetTemplateOutput>> get_template(CloudFormation& service, Caller caller,
                                             GetTemplateInput input) {
    MILL_CO_TRY(const std::shared_ptr<const StackRow> row,
                service.existing(caller, *input.stack_name));
    MILL_CO_TRY(const wire::Value original, wire::parse_template(row->now.body));
    const bool is_processed =
        input.template_stage == "Processed" && !transforms_of(original).empty();
    co_return GetTemplateOutput{.template_body = is_processed ? row->now.processed : row->now.body,
                                .stages_available = {"Original", "Processed"}};
}

}  // namespace

extern const wire::Operation get_template_operation;
const wire::Operation get_template_operation = wire::operation<&get_template>("GetTemplate");

}  // namespace mill::cloudformation
