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

}  // namespace

Result<void> ensure_root_keys(Machine& machine, const std::string& directory) {
    const std::string path = directory + "/root-key.json";
    if (machine.files.exists(path)) return {};
    wire::Value keys = wire::Value::map();
    keys["AccessKeyId"] = access_key_id(machine.entropy);
    keys["SecretAccessKey"] = secret_access_key(machine.entropy);
    MILL_CHECK(
        machine::write_file_durably(machine.files, path, wire::write_json_pretty(keys) + "\n"));
    return machine.files.set_mode(path, 0600);
}

}  // namespace mill::app
