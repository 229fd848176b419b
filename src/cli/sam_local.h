// SPDX-License-Identifier: Apache-2.0
// `millrace sam local ...`: functions of a project without a deployment and without Docker. They
// run in a server of their own, `millrace serve --ephemeral`, and so in the same sandboxes; the
// resources that their environment variables name are those of the deployed stack, at the usual
// endpoint, if there is one.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/using-sam-cli-local.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/sam.h"

namespace mill::cli {

Task<Result<void>> sam_local_invoke(Session& session, SamOptions options);
Task<Result<void>> sam_local_start_lambda(Session& session, SamOptions options);

// The words after "generate-event": the event, without the line feed at its end.
Result<std::string> generate_event(std::vector<std::string> words);

// What a template's names mean where it is deployed, or would be.
struct LocalNames {
    std::map<std::string, std::string> physical;    // of the stack's resources, by logical id
    std::map<std::string, std::string> parameters;  // of the stack, then of the command line
    std::string endpoint_url;                       // of the server; empty if none runs
    std::string region;
    std::string account = "000000000000";
};

struct LocalFunction {
    std::string logical_id;
    std::string name;  // that it is given
    std::string handler;
    std::string runtime;
};
std::vector<LocalFunction> local_functions(const wire::Value& document, const LocalNames& names);

// Also those that the calls by a logical id reach, where that is not the name.
std::vector<LocalFunction> under_both_names(std::vector<LocalFunction> functions);

// A template of these functions only, every use of another resource replaced by its name.
// `overrides` is what --env-vars holds: values for variables that the template has. Functions whose
// name is not their logical id are there under both with `both_names`.
Result<wire::Value> local_template(const wire::Value& document,
                                   const std::vector<LocalFunction>& functions,
                                   const LocalNames& names, const wire::Value& overrides,
                                   bool both_names);

}  // namespace mill::cli
