// SPDX-License-Identifier: Apache-2.0
// GetFunction. Code has no Location: the zip is not reachable by URL.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
#include "services/lambda/functions/concurrency.h"
#include "services/lambda/functions/functions.h"
#include "services/lambda/lambda.h"

namespace mill::lambda {
namespace {

struct Input {
    std::optional<std::string> function_name, qualifier;
    static constexpr auto shape() {
        return wire::structure("GetFunctionRequest",
                               wire::member<&Input::function_name>("FunctionName").required().uri(),
                               wire::member<&Input::qualifier>("Qualifier").query("Qualifier"));
    }
};

struct CodeLocation {
    std::string repository_type = "S3";
    static constexpr auto shape() {
        return wire::structure("FunctionCodeLocation",
                               wire::member<&CodeLocation::repository_type>("RepositoryType"));
    }
};

struct Output {
    FunctionConfiguration configuration;
    CodeLocation code;
    std::optional<std::map<std::string, std::string>> tags;
    std::optional<Concurrency> concurrency;
    static constexpr auto shape() {
        return wire::structure(
            "GetFunctionResponse", wire::member<&Output::configuration>("Configuration"),
            wire::member<&Output::code>("Code"), wire::member<&Output::tags>("Tags"),
            wire::member<&Output::concurrency>("Concurrency"));
    }
};

Task<Result<Output>> get_function(Lambda& lambda, Caller caller, Input input) {
    MILL_CO_TRY(const FunctionReference reference,
                parse_function_name(caller, *input.function_name, input.qualifier.value_or("")));
    MILL_CO_TRY(const FunctionPtr function, lambda.functions().find(reference));
    Output output{.configuration = configuration_of(*function, Shown::settled)};
    output.configuration.function_arn = reference.arn();
    MILL_CO_TRY(const FunctionPtr whole, lambda.functions().find({reference.id, ""}));
    if (!whole->tags.empty()) output.tags = whole->tags;
    if (whole->reserved_concurrency) output.concurrency = Concurrency{whole->reserved_concurrency};
    co_return output;
}

}  // namespace

extern const wire::Operation get_function_operation;
const wire::Operation get_function_operation = wire::operation<&get_function>(
    "GetFunction", {.method = "GET", .path = "/2015-03-31/functions/{FunctionName}"});

}  // namespace mill::lambda
