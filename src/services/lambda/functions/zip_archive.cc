// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/zip_archive.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zip.h>

#include <algorithm>
#include <map>
#include <memory>

namespace mill::lambda {
namespace {

constexpr unsigned mode_type_mask = 0170000;
constexpr unsigned mode_link = 0120000;
constexpr unsigned mode_directory = 0040000;
constexpr unsigned mode_regular = 0100000;
constexpr std::uint64_t link_bytes_max = 4096;
// What Linux takes, with room for the path of the code's own directory.
constexpr std::size_t name_bytes_max = 255;
constexpr std::size_t path_bytes_max = 2048;

struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

Failure broken() {
    return fail("InvalidParameterValueException",
                "Could not unzip uploaded file. Please check your file, then try to upload again.",
                400);
}

Failure refused(std::string_view path, std::string_view why) {
    return fail("InvalidParameterValueException",
                fmt::format("Could not unzip uploaded file: {} {}. Please check your file, then "
                            "try to upload again.",
                            path, why),
                400);
}

Failure too_large() {
    return fail("InvalidParameterValueException",
                fmt::format("Unzipped size must be smaller than {} bytes", unzipped_bytes_max),
                400);
}

struct Listed {
    zip_uint64_t index = 0;
    std::string name;  // as in the archive
    std::uint64_t size = 0;
    unsigned mode = 0;  // with the type bits; 0 if the archive does not say
};

Result<Archive> open_archive(BytesView zip) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(zip.data(), zip.size(), 0, &error);
    if (source == nullptr) return broken();
    zip_t* archive = zip_open_from_source(source, ZIP_RDONLY, &error);
    zip_error_fini(&error);
    if (archive == nullptr) {
        zip_source_free(source);
        return broken();
    }
    return Archive(archive);
}

unsigned mode_of(zip_t* archive, zip_uint64_t index) {
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    if (zip_file_get_external_attributes(archive, index, 0, &system, &attributes) != 0) return 0;
    return system == ZIP_OPSYS_UNIX || system == ZIP_OPSYS_OS_X ? attributes >> 16 : 0;
}

Result<std::vector<Listed>> list(zip_t* archive) {
    const zip_int64_t count = zip_get_num_entries(archive, 0);
    if (count <= 0)
        return fail("InvalidParameterValueException", "Uploaded file must be a non-empty zip", 400);
    if (static_cast<std::uint64_t>(count) > zip_entries_max)
        return refused("the archive", "has too many entries");
    std::vector<Listed> entries;
    std::uint64_t total = 0;
    for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
        zip_stat_t stat;
        if (zip_stat_index(archive, i, 0, &stat) != 0 || (stat.valid & ZIP_STAT_NAME) == 0 ||
            (stat.valid & ZIP_STAT_SIZE) == 0) {
            return broken();
        }
        if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 &&
            stat.encryption_method != ZIP_EM_NONE) {
            return refused(stat.name, "is encrypted");
        }
        if (stat.size > unzipped_bytes_max || (total += stat.size) > unzipped_bytes_max)
            return too_large();
        entries.push_back({i, stat.name, stat.size, mode_of(archive, i)});
    }
    return entries;
}

// The entry's bytes, exactly as many as the directory says (libzip checks the CRC at the end).
Result<Bytes> contents(zip_t* archive, const Listed& entry) {
    std::unique_ptr<zip_file_t, Discard> file(zip_fopen_index(archive, entry.index, 0));
    if (!file) return broken();
    Bytes bytes(entry.size, '\0');
    std::uint64_t have = 0;
    while (have < entry.size) {
        const zip_int64_t got = zip_fread(file.get(), bytes.data() + have, entry.size - have);
        if (got <= 0) return broken();
        have += static_cast<std::uint64_t>(got);
    }
    char beyond;
    if (zip_fread(file.get(), &beyond, 1) != 0) return broken();
    return bytes;
}

// What the link at `path` points at, as a path of the archive.
std::string link_target(const std::string& path, const Bytes& target) {
    if (target.starts_with('/')) return {};
    const std::size_t slash = path.rfind('/');
    const std::string folder =
        slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
    const std::string joined = folder + target;
    std::vector<std::string> parts;
    std::string_view rest = joined;
    while (!rest.empty()) {
        const std::size_t end = rest.find('/');
        const std::string_view part = rest.substr(0, end);
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            parts.emplace_back(part);
        } else if (parts.empty()) {
            return {};
        } else {
            parts.pop_back();
        }
    }
    return fmt::format("{}", fmt::join(parts, "/"));
}

struct File {
    const Listed* entry;
    std::string path;
};

bool is_link(const Listed& entry) { return (entry.mode & mode_type_mask) == mode_link; }

// The files that a link may mean, by path; of equal paths the first.
using Regular = std::map<std::string, const Listed*, std::less<>>;

Regular regular_files(const std::vector<File>& files) {
    Regular regular;
    for (const File& file : files) {
        if (!is_link(*file.entry)) regular.try_emplace(file.path, file.entry);
    }
    return regular;
}

Result<ZipEntry> follow_link(zip_t* archive, const Regular& regular, const Listed& link,
                             std::string path) {
    if (link.size > link_bytes_max) return refused(link.name, "is a link with an overlong target");
    MILL_TRY(Bytes text, contents(archive, link));
    const std::string target = link_target(path, text);
    if (target.empty()) return refused(link.name, "is a link that leaves the archive");
    const auto entry = regular.find(target);
    if (entry == regular.end())
        return refused(link.name, "is a link to what is not a file of the archive");
    MILL_TRY(Bytes bytes, contents(archive, *entry->second));
    return ZipEntry{std::move(path), entry->second->mode & 0777, std::move(bytes)};
}

}  // namespace

std::string safe_path(std::string_view path) {
    if (path.empty() || path.front() == '/' || path.find('\\') != path.npos ||
        path.find('\0') != path.npos)
        return {};
    std::string out;
    while (!path.empty()) {
        const std::size_t end = path.find('/');
        const std::string_view part = path.substr(0, end);
        path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
        if (part == "..") return {};
        if (part.empty() || part == ".") continue;
        if (!out.empty()) out += '/';
        out += part;
    }
    return out;
}

namespace {

// As paths sort when '/' comes before every other character: what is below a path follows it.
bool comes_before(const File& a, const File& b) {
    return std::ranges::lexicographical_compare(
        a.path, b.path, [](char x, char y) { return x != y && (x == '/' || (y != '/' && x < y)); });
}

// Refuses what no file system could hold side by side, and what would be mostly folders: a path of
// 2 KB names a thousand.
Result<void> check_tree(std::vector<File> files) {
    std::ranges::sort(files, comes_before);
    std::uint64_t folders = 0;
    std::string_view before;
    for (const File& file : files) {
        const std::string_view path = file.path;
        if (!before.empty() && path.starts_with(before) &&
            path.substr(before.size()).starts_with('/'))
            return refused(path, "lies inside what is a file");
        const auto differ = std::ranges::mismatch(path, before).in1;
        folders += static_cast<std::uint64_t>(std::count(differ, path.end(), '/'));
        if (folders > zip_entries_max) return refused("the archive", "has too many folders");
        before = path;
    }
    return {};
}

Result<void> check_length(const std::string& path) {
    if (path.size() > path_bytes_max) return refused(path, "has too long a path");
    std::string_view rest = path;
    while (!rest.empty()) {
        const std::size_t end = rest.find('/');
        if (rest.substr(0, end).size() > name_bytes_max)
            return refused(path, "has too long a name");
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
    return {};
}

// What is to be extracted; folders follow from their files.
Result<std::vector<File>> files_of(const std::vector<Listed>& entries) {
    std::vector<File> files;
    for (const Listed& entry : entries) {
        const unsigned type = entry.mode & mode_type_mask;
        const bool is_directory = entry.name.ends_with('/') || type == mode_directory;
        std::string path = safe_path(entry.name);
        if (path.empty()) {
            if (is_directory && safe_path("x/" + entry.name) == "x") continue;  // "./"
            return refused(entry.name, "leaves the archive's tree");
        }
        if (is_directory) continue;
        if (type != 0 && type != mode_regular && type != mode_link)
            return refused(entry.name, "is not a file");
        MILL_CHECK(check_length(path));
        files.push_back({&entry, std::move(path)});
    }
    return files;
}

}  // namespace

Result<void> read_zip(BytesView zip, const std::function<Result<void>(ZipEntry)>& take) {
    MILL_TRY(Archive archive, open_archive(zip));
    MILL_TRY(const std::vector<Listed> entries, list(archive.get()));
    MILL_TRY(std::vector<File> files, files_of(entries));
    MILL_CHECK(check_tree(files));
    const Regular regular = regular_files(files);
    std::uint64_t total = 0;
    for (auto& [entry, path] : files) {
        ZipEntry file;
        if (is_link(*entry)) {
            MILL_TRY(file, follow_link(archive.get(), regular, *entry, std::move(path)));
        } else {
            MILL_TRY(Bytes bytes, contents(archive.get(), *entry));
            // Archives made without Unix modes: readable, as AWS extracts them.
            file = ZipEntry{std::move(path), entry->mode == 0 ? 0644 : entry->mode & 0777,
                            std::move(bytes)};
        }
        total += file.contents.size();
        if (total > unzipped_bytes_max) return too_large();
        MILL_CHECK(take(std::move(file)));
    }
    return {};
}

Result<Bytes> zip_of(const std::string& path, BytesView contents) {
    const Failure failed = fail("lambda.zip", "cannot pack inline code");
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
    if (target == nullptr) return failed;
    zip_source_keep(target);
    const std::unique_ptr<zip_source_t, decltype(&zip_source_free)> kept(target, &zip_source_free);
    zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
    if (archive == nullptr) {
        zip_source_free(target);
        return failed;
    }
    zip_source_t* file = zip_source_buffer(archive, contents.data(), contents.size(), 0);
    const zip_int64_t index =
        file == nullptr ? -1 : zip_file_add(archive, path.c_str(), file, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        if (file != nullptr) zip_source_free(file);
        zip_discard(archive);
        return failed;
    }
    constexpr zip_uint32_t mode = (mode_regular | 0644U) << 16;
    const auto at = static_cast<zip_uint64_t>(index);
    zip_file_set_external_attributes(archive, at, 0, ZIP_OPSYS_UNIX, mode);
    zip_file_set_dostime(archive, at, 0, 33, 0);  // 1980-01-01: equal code, equal zip
    if (zip_close(archive) != 0) {
        zip_discard(archive);
        return failed;
    }
    zip_stat_t stat;
    if (zip_source_stat(target, &stat) != 0 || zip_source_open(target) != 0) return failed;
    Bytes out(stat.size, '\0');
    const zip_int64_t got = zip_source_read(target, out.data(), out.size());
    zip_source_close(target);
    if (got != static_cast<zip_int64_t>(out.size())) return failed;
    return out;
}

}  // namespace mill::lambda
