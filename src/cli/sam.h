// SPDX-License-Identifier: Apache-2.0
// `millrace sam build|deploy|local|remote|logs|delete`: the SAM verbs without SAM or Docker, same
// flags, samconfig.toml and exit codes.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-command-reference.html
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/aws_client.h"
#include "cli/sam_config.h"
#include "cli/session.h"
#include "wire/value.h"

namespace mill::cli {

// The verb's words after "sam". Prints, returns an exit code.
Task<int> sam(Session& session, std::vector<std::string> words);
std::string sam_help();

// One verb's options: the command line over samconfig.toml.
struct SamOptions {
    Arguments arguments;
    SamConfig config;
    std::string directory = ".";  // where the project lies

    std::string get(const std::string& option, const std::string& fallback = {}) const;
    std::vector<std::string> all(const std::string& option) const;  // split at blanks
    bool flag(const std::string& option) const;
};

// Steps that the demo shares with the verbs. They print as SAM does and return errors to be
// printed.
Task<Result<void>> sam_build(Session& session, SamOptions options);
Task<Result<void>> sam_deploy(Session& session, SamOptions options);
// What sam_deploy does with a template; `directory` is where its local paths begin.
Task<Result<void>> deploy_document(Session& session, Target target, SamOptions options,
                                   wire::Value document, std::string directory);
Task<Result<void>> sam_delete(Session& session, SamOptions options);
Task<Result<void>> sam_remote_invoke(Session& session, SamOptions options);
Task<Result<void>> sam_logs(Session& session, SamOptions options);

// Where the server is: --endpoint-url, AWS_ENDPOINT_URL, or 127.0.0.1:4566.
Result<Target> find_target(const Session& session, const std::string& endpoint_url,
                           const std::string& region);

// --parameter-overrides: "Name=value" and "ParameterKey=Name,ParameterValue=value".
Result<std::vector<std::pair<std::string, std::string>>> parameter_overrides(
    const SamOptions& options);

// Projects.
struct FunctionSource {
    std::string logical_id;
    std::string code_uri;  // as the template has it, Globals applied; empty if it is no local path
    std::string runtime;
    std::string build_method;  // Metadata.BuildMethod
    bool skip_build = false;
};
// template.yaml, .yml or .json in the directory, or the path given.
Result<std::string> find_template(machine::Files& files, const std::string& directory,
                                  const std::string& given);
// The one that `sam build` made if there is one, unless the command line names another.
Result<std::string> find_built_template(machine::Files& files, const SamOptions& options);
Result<wire::Value> load_template(machine::Files& files, const std::string& path);
std::vector<FunctionSource> functions_of(const wire::Value& document);
// Sets where a function's code is; makes Properties if need be.
void set_code_uri(wire::Value& document, const std::string& logical_id, const std::string& uri);
inline std::string join_path(const std::string& directory, const std::string& path) {
    if (path.starts_with('/') || directory.empty() || directory == ".") return path;
    return directory + "/" + path;
}

inline std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : path.substr(0, slash);
}

// A zip of a folder's files: sorted, with fixed times, so that equal content gives equal bytes.
// Programs (ELF or #!) are executable. Bounded by Lambda's 262,144,000 bytes unzipped.
Result<Bytes> zip_directory(machine::Files& files, const std::string& directory);

}  // namespace mill::cli
