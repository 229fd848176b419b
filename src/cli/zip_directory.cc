// SPDX-License-Identifier: Apache-2.0
#include <zip.h>

#include <algorithm>

#include "cli/sam.h"

namespace mill::cli {
namespace {

constexpr std::uint64_t unzipped_bytes_max =
    262'144'000;  // https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
constexpr std::uint32_t regular_file = 0100000;

struct Member {
    std::string name;
    Bytes bytes;
};

Result<void> collect(machine::Files& files, const std::string& directory, const std::string& prefix,
                     std::vector<Member>& members, std::uint64_t& total) {
    MILL_TRY(const auto entries, files.list(directory));
    for (const auto& entry : entries) {
        const std::string path = directory + "/" + entry.name;
        if (entry.is_directory) {
            if (entry.name == "__pycache__") continue;
            MILL_CHECK(collect(files, path, prefix + entry.name + "/", members, total));
            continue;
        }
        MILL_TRY(Bytes bytes, machine::read_file(files, path));
        total += bytes.size();
        if (total > unzipped_bytes_max) {
            return fail(
                "zip", directory +
                           " holds more than 262144000 bytes, the most that Lambda takes unzipped");
        }
        members.push_back({prefix + entry.name, std::move(bytes)});
    }
    return {};
}

bool is_program(const Bytes& bytes) {
    return bytes.starts_with("\177ELF") || bytes.starts_with("#!");
}

Result<void> add(zip_t* archive, const Member& member, bool compresses) {
    zip_source_t* source = zip_source_buffer(archive, member.bytes.data(), member.bytes.size(), 0);
    const zip_int64_t index =
        source ? zip_file_add(archive, member.name.c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
    if (index < 0)
        return fail("zip", "adding " + member.name + " failed: " + zip_strerror(archive));
    const auto place = static_cast<zip_uint64_t>(index);
    const std::uint32_t mode = regular_file | (is_program(member.bytes) ? 0755 : 0644);
    zip_file_set_external_attributes(archive, place, 0, ZIP_OPSYS_UNIX, mode << 16);
    // 1980-01-01, the oldest time a zip can hold.
    zip_file_set_dostime(archive, place, 0, 0x21, 0);
    zip_set_file_compression(archive, place, compresses ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 1);
    return {};
}

}  // namespace

Result<Bytes> zip_directory(machine::Files& files, const std::string& directory, bool compresses) {
    std::vector<Member> members;
    std::uint64_t total = 0;
    MILL_CHECK(collect(files, directory, "", members, total));
    if (members.empty()) return fail("zip", directory + " is empty: nothing to deploy");
    std::ranges::sort(members, {}, &Member::name);

    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* buffer = zip_source_buffer_create(nullptr, 0, 0, &error);
    zip_source_keep(buffer);  // read back after the archive is closed
    const std::unique_ptr<zip_source_t, decltype(&zip_source_free)> kept(buffer, &zip_source_free);
    zip_t* archive = zip_open_from_source(buffer, ZIP_TRUNCATE, &error);
    if (!archive) return fail("zip", zip_error_strerror(&error));
    for (const Member& member : members) {
        if (auto added = add(archive, member, compresses); !added) {
            zip_discard(archive);
            return std::unexpected(added.error());
        }
    }
    if (zip_close(archive) != 0) {
        std::string reason = zip_strerror(archive);
        zip_discard(archive);
        return fail("zip", reason);
    }
    zip_source_open(buffer);
    zip_source_seek(buffer, 0, SEEK_END);
    Bytes bytes(static_cast<std::size_t>(zip_source_tell(buffer)), '\0');
    zip_source_seek(buffer, 0, SEEK_SET);
    zip_source_read(buffer, bytes.data(), bytes.size());
    zip_source_close(buffer);
    return bytes;
}

}  // namespace mill::cli
