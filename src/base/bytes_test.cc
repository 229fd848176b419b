// SPDX-License-Identifier: Apache-2.0
#include "base/bytes.h"

#include <gtest/gtest.h>

namespace mill {
namespace {

std::string raw(const Digest16& digest) {
    return std::string(reinterpret_cast<const char*>(digest.data()), 16);
}

TEST(Base64, EncodesTheVectorsOfRfc4648) {
    EXPECT_EQ(base64_encode(""), "");
    EXPECT_EQ(base64_encode("f"), "Zg==");
    EXPECT_EQ(base64_encode("fo"), "Zm8=");
    EXPECT_EQ(base64_encode("foo"), "Zm9v");
    EXPECT_EQ(base64_encode("foob"), "Zm9vYg==");
    EXPECT_EQ(base64_encode("\xff\xfe\xfd"), "//79");
}

TEST(Base64, DecodesWhatItEncoded) {
    std::string bytes;
    for (int length = 0; length < 260; ++length) {
        EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes) << length;
        bytes += static_cast<char>(length * 7);
    }
}

TEST(Base64, AppendsBehindWhatIsThere) {
    std::string out = "x";
    base64_append("foo", out);
    EXPECT_EQ(out, "xZm9v");
}

TEST(Base64, RefusesEverythingElse) {
    for (const char* text : {"Z", "Zg", "Zg=", "Zm9v\n", "Zm 9", "Zm9-", "====", "Z===", "=Zm9",
                             "Zg==Zg==", "Zh==", "Zm9="}) {
        const auto decoded = base64_decode(text);
        ASSERT_FALSE(decoded) << text;
        EXPECT_EQ(decoded.error().code, "base64");
    }
}

TEST(Hashes, GiveThePublishedValues) {
    EXPECT_EQ(hex(raw(md5(""))), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(hex(raw(md5("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
    EXPECT_EQ(hex(sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
    EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
    EXPECT_EQ(crc32c(""), 0U);
}

TEST(Hashes, OfManyTextsAreThoseOfEach) {
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < 131; ++i)
        texts.emplace_back(i * 7 % 70, static_cast<char>('a' + i % 26));
    for (std::size_t count = 0; count <= texts.size(); ++count) {
        const std::vector<std::string_view> views(
            texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(count));
        std::vector<Digest16> digests(count);
        md5(views, digests.data());
        for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(digests[i], md5(texts[i])) << i;
    }
}

TEST(Crc32c, ContinuesWhereItStopped) {
    const std::string text = "The quick brown fox jumps over the lazy dog, twice";
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        EXPECT_EQ(crc32c(text.substr(cut), crc32c(text.substr(0, cut))), crc32c(text));
    }
}

TEST(Crc32c, OfLongBytesIsThatOfTheirPieces) {
    std::string text(5000, '\0');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 31 % 251);
    std::uint32_t crc = 0;
    for (std::size_t size = 0; size < text.size(); ++size) {
        ASSERT_EQ(crc32c(text.substr(0, size)), crc) << size;
        crc = crc32c(text.substr(size, 1), crc);
    }
}

TEST(LittleEndian, RoundTrips) {
    std::string out;
    append_le<std::uint32_t>(out, 0x01020304);
    append_le<std::uint64_t>(out, 0xF0E0D0C0B0A09080U);
    EXPECT_EQ(hex(out),
              "04030201"
              "8090a0b0c0d0e0f0");
    EXPECT_EQ(load_le<std::uint32_t>(out.data()), 0x01020304U);
    EXPECT_EQ(load_le<std::uint64_t>(out.data() + 4), 0xF0E0D0C0B0A09080U);
}

}  // namespace
}  // namespace mill
