// SPDX-License-Identifier: Apache-2.0
// `millrace sam ...`: the SAM verbs without SAM or Docker, same flags, samconfig.toml, output and
// exit codes.
// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-command-reference.html
#pragma once

#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/aws_client.h"
#include "cli/sam_options.h"
#include "cli/session.h"
#include "wire/value.h"

namespace mill::cli {

// The verb's words after "sam". Prints, returns an exit code.
Task<int> sam(Session& session, std::vector<std::string> words);
std::string sam_help();
// For completion: verbs ("local invoke") with the options of each.
std::vector<std::pair<std::string, std::vector<std::string>>> sam_verb_options();

// The verbs. They print as SAM does and return errors to be printed.
Task<Result<void>> sam_build(Session& session, SamOptions options);
Task<Result<void>> sam_delete(Session& session, SamOptions options);
Task<Result<void>> sam_deploy(Session& session, SamOptions options);
Task<Result<void>> sam_init(Session& session, SamOptions options);
Task<Result<void>> sam_list_endpoints(Session& session, SamOptions options);
Task<Result<void>> sam_list_outputs(Session& session, SamOptions options);
Task<Result<void>> sam_list_resources(Session& session, SamOptions options);
Task<Result<void>> sam_logs(Session& session, SamOptions options);
Task<Result<void>> sam_package(Session& session, SamOptions options);
Task<Result<void>> sam_remote_invoke(Session& session, SamOptions options);
Task<Result<void>> sam_sync(Session& session, SamOptions options);
Task<Result<void>> sam_validate(Session& session, SamOptions options);

// What sam_build does, without its last words; the built template.
Task<Result<std::string>> build_project(Session& session, SamOptions options);

// Where the server is: the endpoint given, AWS_ENDPOINT_URL, that of the profile, or
// 127.0.0.1:4566; region and credentials likewise. A profile that is given goes before the
// credentials of the environment, those go before the one that AWS_PROFILE names.
Result<Target> find_target(const Session& session, const std::string& endpoint_url,
                           const std::string& region, const std::string& profile = {});
// --endpoint-url, --region, --profile.
Result<Target> find_target(const Session& session, const SamOptions& options);

// Projects.
struct CodeSource {  // a function or a layer
    std::string logical_id;
    std::string type;
    std::string uri;      // as the template has it, Globals applied; empty if it is no local path
    std::string handler;  // of a function, as the runtime
    std::string runtime;
    std::string architecture = "x86_64";
    std::string build_method;  // Metadata.BuildMethod
    bool skip_build = false;
    bool is_computed = false;  // the uri is an intrinsic function: not known before the deployment

    bool is_layer() const { return type.ends_with("LayerVersion"); }
    std::string_view property() const;  // that holds the uri: "CodeUri"
};
// template.yaml, .yml or .json in the directory, or the path given.
Result<std::string> find_template(machine::Files& files, const std::string& directory,
                                  const std::string& given);
// The one that `sam build` made if there is one, unless the command line names another.
Result<std::string> find_built_template(machine::Files& files, const SamOptions& options);
Result<wire::Value> load_template(machine::Files& files, const std::string& path);
std::vector<CodeSource> sources_of(const wire::Value& document);  // functions and layers
std::vector<CodeSource> functions_of(const wire::Value& document);
// The document with each Ref to a parameter replaced that has one of these values or a default.
wire::Value with_parameters(wire::Value document, const Pairs& given);
// Sets where the code of a function or layer is; makes Properties if need be.
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
// `compresses`: smaller, and slower to make and to unpack.
Result<Bytes> zip_directory(machine::Files& files, const std::string& directory,
                            bool compresses = true);

}  // namespace mill::cli
