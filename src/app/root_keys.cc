// SPDX-License-Identifier: Apache-2.0
#include "app/root_keys.h"

#include "wire/value.h"

namespace mill::app {
namespace {

// AWS: an access key id is AKIA and 16 of A-Z, 2-7.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
constexpr std::size_t key_characters = 16;
constexpr std::size_t secret_bytes = 30;  // 40 characters of base64

std::string path_in(const std::string& directory) { return directory + "/root-key.json"; }

}  // namespace

Result<wire::Credentials> ensure_root_key(Machine& machine, const std::string& directory) {
    const std::string path = path_in(directory);
    if (machine.files.exists(path)) return read_root_key(machine.files, directory);
    const wire::Credentials made{
        .access_key = "AKIA" + machine::random_base32(machine.entropy, key_characters),
        .secret_key = machine::random_base64(machine.entropy, secret_bytes),
        .session_token = {}};
    wire::Value keys = wire::Value::map();
    keys["AccessKeyId"] = made.access_key;
    keys["SecretAccessKey"] = made.secret_key;
    MILL_CHECK(
        machine::write_file_durably(machine.files, path, wire::write_json_pretty(keys) + "\n"));
    MILL_CHECK(machine.files.set_mode(path, 0600));
    return made;
}

Result<wire::Credentials> read_root_key(machine::Files& files, const std::string& directory) {
    const std::string path = path_in(directory);
    MILL_TRY(const Bytes text, machine::read_file(files, path));
    const wire::Value keys = wire::parse_json(text).value_or(wire::Value::map());
    wire::Credentials found{.access_key = wire::text_of(keys, "AccessKeyId"),
                            .secret_key = wire::text_of(keys, "SecretAccessKey"),
                            .session_token = {}};
    // An empty secret would be one that everybody knows.
    if (found.access_key.empty() || found.secret_key.empty())
        return fail("storage.corrupt",
                    path + " is damaged: remove it, and the next start makes a new one");
    return found;
}

}  // namespace mill::app
