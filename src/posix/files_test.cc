// SPDX-License-Identifier: Apache-2.0
#include "posix/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <csignal>

#include "posix/test_support.h"

namespace mill::posix {
namespace {

using machine::DirectoryEntry;
using machine::Open;
using testing::ElementsAre;
using testing::HasSubstr;

struct HostFiles : testing::Test {
    TemporaryDirectory directory;
    std::unique_ptr<machine::Files> files = make_files();
};

TEST_F(HostFiles, ReadsBackWhatWasWritten) {
    auto file = files->open(directory / "a", Open::create);
    ASSERT_TRUE(file);
    ASSERT_TRUE((*file)->write_at(3, "world"));
    ASSERT_TRUE((*file)->write_at(0, "he,"));
    ASSERT_TRUE((*file)->sync());
    EXPECT_EQ((*file)->size(), 8u);
    EXPECT_EQ(machine::read_file(*files, directory / "a"), "he,world");
    ASSERT_TRUE((*file)->truncate(2));
    char buffer[8];
    EXPECT_EQ((*file)->read_at(1, buffer, sizeof buffer), 1u);
    EXPECT_EQ((*file)->read_at(5, buffer, sizeof buffer), 0u);
}

TEST_F(HostFiles, WritesPastTheCacheAreReadBackLikeOthers) {
    constexpr std::size_t page = machine::page_bytes;
    ASSERT_TRUE(files->open(directory / "a", Open::create));
    auto file = files->open(directory / "a", Open::write_direct);
    ASSERT_TRUE(file);
    alignas(page) static const std::array<char, 2 * page> zeros{};
    const BytesView pages(zeros.data(), zeros.size());
    ASSERT_TRUE((*file)->write_at(page, pages));
    ASSERT_TRUE((*file)->write_at(page + 1, "odd"));
    ASSERT_TRUE((*file)->write_at(2 * page, pages.substr(0, page)));
    ASSERT_TRUE((*file)->write_at(0, std::string(page, 'x')));
    ASSERT_TRUE((*file)->sync());
    const std::string expected = std::string(page, 'x') + '\0' + "odd";
    EXPECT_EQ(machine::read_file(*files, directory / "a"),
              expected + std::string(3 * page - expected.size(), '\0'));
}

TEST_F(HostFiles, BegunWritesAreThereOnceTheyAreFinished) {
    constexpr std::size_t page = machine::page_bytes;
    ASSERT_TRUE(files->open(directory / "a", Open::create));
    auto file = files->open(directory / "a", Open::write_direct);
    ASSERT_TRUE(file);
    EXPECT_TRUE((*file)->finish_write()) << "of nothing";
    alignas(page) std::array<char, page> pages[3];
    std::string expected;
    for (std::size_t i = 0; i < std::size(pages); ++i) {
        pages[i].fill(static_cast<char>('a' + i));
        const BytesView bytes(pages[i].data(), page);
        expected += bytes;
        ASSERT_TRUE((*file)->begin_write_at(i * page, bytes));
        ASSERT_TRUE((*file)->finish_write());
        ASSERT_TRUE((*file)->sync());
    }
    ASSERT_TRUE((*file)->begin_write_at(3 * page, "odd"));  // such are written in the usual way
    ASSERT_TRUE((*file)->finish_write());
    EXPECT_EQ(machine::read_file(*files, directory / "a"), expected + "odd");
    ASSERT_TRUE((*file)->begin_write_at(0, {pages[2].data(), page}));
    file->reset();  // waits for it
    expected.replace(0, page, page, 'c');
    EXPECT_EQ(machine::read_file(*files, directory / "a"), expected + "odd");
}

TEST_F(HostFiles, ABegunWriteThatFailsSaysSo) {
    constexpr std::size_t page = machine::page_bytes;
    alignas(page) static const std::array<char, page> zeros{};
    ASSERT_TRUE(files->open(directory / "a", Open::create));
    ASSERT_EQ(::truncate((directory / "a").c_str(), page), 0);
    auto file = files->open(directory / "a", Open::write_direct);
    ASSERT_TRUE(file);
    rlimit before;
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const auto usual = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit page_at_most{page, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &page_at_most), 0);
    const Result<void> taken = (*file)->begin_write_at(page, {zeros.data(), page});
    const Result<void> written = taken ? (*file)->finish_write() : taken;
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, usual);
    ASSERT_FALSE(written);
    EXPECT_THAT(written.error().message, HasSubstr("cannot write"));
}

TEST_F(HostFiles, WritesMorePiecesThanOneSystemCallTakes) {
    std::string expected;
    std::vector<std::string> texts;
    for (int i = 0; i < 3000; ++i) texts.push_back(std::to_string(i) + ";");
    const std::vector<BytesView> pieces(texts.begin(), texts.end());
    for (const auto& text : texts) expected += text;
    auto file = files->open(directory / "a", Open::create_new);
    ASSERT_TRUE(file && (*file)->write_at(2, pieces));
    EXPECT_EQ(machine::read_file(*files, directory / "a")->substr(2), expected);
}

TEST_F(HostFiles, ErrorsHaveCodesAndNameThePath) {
    const auto missing = files->open(directory / "none", Open::write);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "io.not_found");
    EXPECT_THAT(missing.error().message, HasSubstr(directory / "none"));
    ASSERT_TRUE(files->open(directory / "a", Open::create_new));
    EXPECT_EQ(files->open(directory / "a", Open::create_new).error().code, "io.exists");
    EXPECT_EQ(files->remove(directory / "none").error().code, "io.not_found");
    EXPECT_EQ(files->list(directory / "none").error().code, "io.not_found");
    EXPECT_EQ(files->open("/proc/version", Open::create_new).error().code, "io.exists");
    EXPECT_EQ(files->open(directory / "a/b", Open::read).error().code, "io");
}

TEST_F(HostFiles, FullDiskHasItsOwnCode) {
    auto full = files->open("/dev/full", Open::write);
    ASSERT_TRUE(full);
    const auto written = (*full)->write_at(0, "x");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, "io.no_space");
}

TEST_F(HostFiles, ListsSortedAndRemovesTrees) {
    ASSERT_TRUE(files->make_directories(directory / "d/e"));
    ASSERT_TRUE(files->make_directories(directory / "d/e"));
    ASSERT_TRUE(files->open(directory / "d/c", Open::create));
    ASSERT_TRUE(files->sync_directory(directory / "d"));
    EXPECT_THAT(*files->list(directory / "d"),
                ElementsAre(DirectoryEntry{"c", false}, DirectoryEntry{"e", true}));
    ASSERT_TRUE(files->rename(directory / "d/c", directory / "d/f"));
    EXPECT_FALSE(files->exists(directory / "d/c"));
    ASSERT_TRUE(files->set_mode(directory / "d/f", 0750));
    struct stat status;
    ASSERT_EQ(::stat((directory / "d/f").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0750u);
    ASSERT_TRUE(files->remove_tree(directory / "d"));
    EXPECT_TRUE(files->remove_tree(directory / "d"));
    EXPECT_FALSE(files->exists(directory / "d"));
}

TEST_F(HostFiles, LockNamesTheProcessThatHoldsIt) {
    {
        auto held = files->lock(directory / "lock");
        ASSERT_TRUE(held);
        const auto second = files->lock(directory / "lock");
        ASSERT_FALSE(second);
        EXPECT_EQ(second.error().code, "io.locked");
        EXPECT_THAT(second.error().message, HasSubstr("process " + std::to_string(::getpid())));
    }
    EXPECT_TRUE(files->lock(directory / "lock"));
}

}  // namespace
}  // namespace mill::posix
