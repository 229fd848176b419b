// SPDX-License-Identifier: Apache-2.0
// Templates, from their text to resources in order, as CreateStack and ValidateTemplate take them:
// ValidationError or a plan. libFuzzer's limits of time and memory are a check as well.
#include "services/cloudformation/template.h"
#include "fuzz.h"
#include "services/cloudformation/dependencies.h"
#include "services/cloudformation/plan.h"
#include "services/cloudformation/sam_transform.h"

namespace mill::cloudformation {
namespace {

Result<wire::Value> processed(std::string_view text) {
    MILL_TRY(wire::Value document, read_template(text));
    if (!transforms_of(document).empty()) {
        MILL_TRY(document, sam_transform(std::move(document)));
    }
    MILL_CHECK(check_template(document));
    return document;
}

Result<void> plan(std::string_view text) {
    MILL_TRY(const wire::Value document, processed(text));
    required_capabilities(document);
    StackRow row;
    row.name = "stack";
    row.now.body = text;
    MILL_TRY(row.now.parameters, bind_parameters(document, {}, {}));
    row.now.processed = wire::write_json(document);
    MILL_TRY(const Plan made, plan_of(row, nullptr));
    MILL_TRY(row.now.resources, planned_resources(made));
    for (const ResourceRow& resource : row.now.resources) {
        const auto properties = planned_properties(made, row, resource.logical_id);
        MILL_ASSERT(!properties || properties->members());
    }
    (void)planned_outputs(made, row);
    return {};
}

}  // namespace
}  // namespace mill::cloudformation

void mill::fuzz::run(std::string_view bytes) {
    const auto planned = cloudformation::plan(bytes);
    MILL_ASSERT(planned || planned.error().code == "ValidationError");
}
