// SPDX-License-Identifier: Apache-2.0
#include "app/root_keys.h"

#include "wire/value.h"

namespace mill::app {
namespace {

// AWS: an access key id is AKIA and 16 of A-Z, 2-7.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
std::string access_key_id(machine::Entropy& entropy) {
    static constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string id(16, '\0');
    entropy.fill(id.data(), id.size());
    for (char& c : id) c = alphabet[c & 31];
    return "AKIA" + id;
}

std::string secret_access_key(machine::Entropy& entropy) {
    Bytes raw(30, '\0');  // 40 characters of base64
    entropy.fill(raw.data(), raw.size());
    return base64_encode(raw);
}

std::string path_in(const std::string& directory) { return directory + "/root-key.json"; }

}  // namespace

Result<wire::Credentials> ensure_root_key(Machine& machine, const std::string& directory) {
    const std::string path = path_in(directory);
    if (machine.files.exists(path)) return read_root_key(machine.files, directory);
    const wire::Credentials made{.access_key = access_key_id(machine.entropy),
                                 .secret_key = secret_access_key(machine.entropy),
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
