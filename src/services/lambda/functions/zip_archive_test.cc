// SPDX-License-Identifier: Apache-2.0
#include "services/lambda/functions/zip_archive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

namespace mill::lambda {
namespace {

using ::testing::HasSubstr;

struct File {
    std::string name;
    std::string contents;
    unsigned mode = 0100644;
};

Bytes pack(const std::vector<File>& files) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
    zip_source_keep(target);
    zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
    for (const File& file : files) {
        zip_source_t* source =
            zip_source_buffer(archive, file.contents.data(), file.contents.size(), 0);
        const auto index = static_cast<zip_uint64_t>(
            zip_file_add(archive, file.name.c_str(), source, ZIP_FL_ENC_UTF_8));
        zip_file_set_external_attributes(archive, index, 0, ZIP_OPSYS_UNIX, file.mode << 16);
    }
    zip_close(archive);
    zip_stat_t stat;
    zip_source_stat(target, &stat);
    Bytes out(stat.size, '\0');
    zip_source_open(target);
    zip_source_read(target, out.data(), out.size());
    zip_source_close(target);
    zip_source_free(target);
    return out;
}

Result<std::vector<ZipEntry>> unpack(BytesView zip) {
    std::vector<ZipEntry> entries;
    MILL_CHECK(read_zip(zip, [&](ZipEntry entry) {
        entries.push_back(std::move(entry));
        return Result<void>();
    }));
    return entries;
}

TEST(Zip, GivesFilesWithTheirModes) {
    const auto entries =
        unpack(pack({{"bootstrap", "#!", 0100755}, {"lib/", "", 0040755}, {"lib/./a.py", "x"}}));
    ASSERT_TRUE(entries) << entries.error().message;
    ASSERT_EQ(entries->size(), 2U);
    EXPECT_EQ((*entries)[0].path, "bootstrap");
    EXPECT_EQ((*entries)[0].mode, 0755U);
    EXPECT_EQ((*entries)[1].path, "lib/a.py");
    EXPECT_EQ((*entries)[1].contents, "x");
}

TEST(Zip, RefusesNamesThatNoFileSystemHolds) {
    const std::vector<std::vector<File>> archives = {
        {{"a", "x"}, {"a/b", "x"}},
        {{"a/b/c", "x"}, {"a/b", "x"}},
        {{std::string(256, 'n'), "x"}},
        {{"folder/" + std::string(256, 'n') + "/file", "x"}},
    };
    for (const auto& files : archives) {
        const auto entries = unpack(pack(files));
        ASSERT_FALSE(entries) << files.back().name;
        EXPECT_EQ(entries.error().code, "InvalidParameterValueException");
        EXPECT_THAT(entries.error().message, HasSubstr("Could not unzip uploaded file"));
    }
    EXPECT_TRUE(unpack(pack({{"a/b", "x"}, {"a/c", "x"}, {std::string(255, 'n'), "x"}})));
}

TEST(Zip, RefusesNamesThatLeaveTheTree) {
    for (const std::string name : {"/etc/passwd", "../x", "a/../../x", "a/..", "..\\x"}) {
        const auto entries = unpack(pack({{name, "x"}}));
        ASSERT_FALSE(entries) << name;
        EXPECT_EQ(entries.error().code, "InvalidParameterValueException");
        EXPECT_THAT(entries.error().message, HasSubstr("leaves the archive's tree"));
    }
}

TEST(Zip, CopiesLinksInsideAndRefusesLinksOutside) {
    const auto inside =
        unpack(pack({{"lib/real.so", "elf", 0100755}, {"lib/link.so", "../lib/real.so", 0120777}}));
    ASSERT_TRUE(inside) << inside.error().message;
    EXPECT_EQ((*inside)[1].path, "lib/link.so");
    EXPECT_EQ((*inside)[1].contents, "elf");
    EXPECT_EQ((*inside)[1].mode, 0755U);
    for (const std::string target : {"/etc/passwd", "../../x", "../.."}) {
        EXPECT_THAT(unpack(pack({{"a/link", target, 0120777}})).error().message,
                    HasSubstr("leaves the archive"))
            << target;
    }
    EXPECT_THAT(unpack(pack({{"link", "nowhere", 0120777}})).error().message,
                HasSubstr("not a file of the archive"));
}

TEST(Zip, RefusesDevices) { EXPECT_FALSE(unpack(pack({{"null", "", 0020666}}))); }

TEST(Zip, RefusesBombs) {
    const std::string chunk(100 * 1024 * 1024, 'a');
    EXPECT_EQ(unpack(pack({{"a", chunk}, {"b", chunk}, {"c", chunk}})).error().message,
              "Unzipped size must be smaller than 262144000 bytes");
}

TEST(Zip, RefusesLinksThatMultiply) {
    std::vector<File> files = {
        {"a", std::string(100 * 1024 * 1024, 'a')}, {"b", "a", 0120777}, {"c", "a", 0120777}};
    EXPECT_EQ(unpack(pack(files)).error().message,
              "Unzipped size must be smaller than 262144000 bytes");
}

TEST(Zip, RefusesWhatIsMostlyFolders) {
    std::vector<File> files;
    for (int i = 0; i < 120; ++i) {
        std::string path = std::to_string(i);
        while (path.size() < 2000) path += "/d";
        files.push_back({path + "/file", "x"});
    }
    const auto entries = unpack(pack(files));
    ASSERT_FALSE(entries);
    EXPECT_THAT(entries.error().message, HasSubstr("too many folders"));
    EXPECT_TRUE(unpack(pack({files[0], files[1]})));
}

TEST(Zip, RefusesWhatIsBroken) {
    const std::string message =
        "Could not unzip uploaded file. Please check your file, then try to upload again.";
    EXPECT_EQ(unpack("not a zip").error().message, message);
    Bytes zip = pack({{"bootstrap", std::string(1000, 'a') + "b"}});
    zip[45] = static_cast<char>(zip[45] + 1);
    EXPECT_EQ(unpack(zip).error().message, message) << "a wrong byte in the middle";
    EXPECT_FALSE(unpack(Bytes(zip, 0, zip.size() / 2)));
}

TEST(Zip, PacksInlineCodeAlikeEachTime) {
    const auto zip = zip_of("index.py", "pass");
    ASSERT_TRUE(zip);
    EXPECT_EQ(*zip, *zip_of("index.py", "pass"));
    const auto entries = unpack(*zip);
    ASSERT_TRUE(entries);
    EXPECT_EQ((*entries)[0].path, "index.py");
    EXPECT_EQ((*entries)[0].contents, "pass");
}

TEST(SafePath, KeepsOrRefuses) {
    EXPECT_EQ(safe_path("a//./b"), "a/b");
    EXPECT_EQ(safe_path("..a/b.."), "..a/b..");
    EXPECT_EQ(safe_path(""), "");
    EXPECT_EQ(safe_path("./"), "");
    EXPECT_EQ(safe_path(std::string_view("a\0b", 3)), "");
}

}  // namespace
}  // namespace mill::lambda
