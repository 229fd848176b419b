// SPDX-License-Identifier: Apache-2.0
#include "services/s3/body.h"

#include "services/s3/content.h"

namespace mill::s3 {
namespace {

constexpr std::string_view checksum_prefix = "x-amz-checksum-";

Failure bad_digest(const std::string& what) {
    return fail("BadDigest", "The " + what + " you specified did not match what we received.", 400);
}

Result<void> verify_md5(const std::string& text, BytesView digest) {
    const auto claimed = base64_decode(text);
    if (!claimed || claimed->size() != digest.size())
        return fail("InvalidDigest", "The Content-MD5 you specified was invalid.", 400);
    return *claimed == digest ? Result<void>() : bad_digest("Content-MD5");
}

// Job of offload(): a copyable function.
struct TakePiece {
    std::shared_ptr<Intake> intake;
    std::shared_ptr<Digest> of_blob;  // if it is to be verified
    std::shared_ptr<Bytes> piece;
    std::shared_ptr<Result<void>> result;
    void operator()() const {
        if (of_blob) of_blob->add(*piece);
        *result = intake->take(*piece);
    }
};

}  // namespace

Intake::Intake(Machine& machine, const std::string& directory, std::string random,
               BodyClaims claims)
    : claims_(std::move(claims)), file_(machine.files, directory, std::move(random)) {
    constexpr std::size_t sha256_digits = 64;
    const std::string signed_as = claims_.content_sha256.value_or("");
    if (signed_as.starts_with("STREAMING-")) unchunker_.emplace();
    if (signed_as.size() == sha256_digits) raw_sha256_.emplace(Digest::Kind::sha256);
    // These two name a checksum and are none.
    claims_.checksums.erase("algorithm");
    claims_.checksums.erase("type");
    std::set<std::string> wanted = claims_.computed;
    for (const auto& [algorithm, value] : claims_.checksums) wanted.insert(algorithm);
    for (const std::string& algorithm : wanted) {
        if (Checksum::is_known(algorithm)) {
            sums_.emplace_back(algorithm);
        } else if (failed_) {
            failed_ = unknown_checksum(algorithm);
        }
    }
}

Result<void> Intake::take(BytesView piece) {
    MILL_CHECK(failed_);
    if (raw_sha256_) raw_sha256_->add(piece);
    if (!unchunker_) return failed_ = take_data(piece);
    auto data = unchunker_->take(piece);
    if (!data) return failed_ = std::unexpected(data.error());
    for (const BytesView view : *data) {
        failed_ = take_data(view);
        MILL_CHECK(failed_);
    }
    return {};
}

Result<void> Intake::take_data(BytesView data) {
    md5_.add(data);
    for (Checksum& sum : sums_) sum.add(data);
    received_.size += static_cast<std::int64_t>(data.size());
    return file_.append(data);
}

// A checksum that came as a trailer was not known before the bytes.
Result<void> Intake::compare() {
    if (unchunker_) {
        MILL_CHECK(unchunker_->finish());
        for (const auto& [name, value] : unchunker_->trailers()) {
            if (name.starts_with(checksum_prefix))
                claims_.checksums[name.substr(checksum_prefix.size())] = value;
        }
        if (claims_.decoded_length.value_or(received_.size) != received_.size) {
            return fail("IncompleteBody",
                        "You did not provide the number of bytes specified by the Content-Length "
                        "HTTP header",
                        400);
        }
    }
    const Bytes md5 = md5_.finish();
    received_.etag = etag_of(md5);
    if (raw_sha256_ && *claims_.content_sha256 != hex(raw_sha256_->finish())) {
        return fail("XAmzContentSHA256Mismatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                    400);
    }
    if (claims_.content_md5) MILL_CHECK(verify_md5(*claims_.content_md5, md5));
    for (Checksum& sum : sums_) received_.checksums[sum.algorithm()] = base64_encode(sum.raw());
    for (const auto& [algorithm, claimed] : claims_.checksums) {
        const auto computed = received_.checksums.find(algorithm);
        if (computed == received_.checksums.end()) {  // of a trailer that was not announced
            return fail("MalformedTrailerError",
                        "The request contained trailing data that was not well-formed or did not "
                        "conform to our published schema.",
                        400);
        }
        if (computed->second != claimed) {
            return fail("BadDigest",
                        "The " + checksum_name(algorithm) +
                            " you specified did not match the calculated checksum.",
                        400);
        }
    }
    return {};
}

Result<Received> Intake::finish() {
    MILL_CHECK(failed_);
    MILL_CHECK(compare());
    MILL_TRY(received_.blob, file_.finish());
    return std::move(received_);
}

std::set<std::string> announced(const std::optional<std::string>& trailer) {
    const std::string name = checksum_key(trailer.value_or(""));
    if (!name.starts_with(checksum_prefix)) return {};
    return {name.substr(checksum_prefix.size())};
}

void take_content(Object& object, const Received& received) {
    object.blob = received.blob;
    object.size = received.size;
    object.etag = received.etag;
    object.checksums = received.checksums;
    object.checksum_type.reset();
}

std::string etag_of(BytesView md5) { return "\"" + hex(md5) + "\""; }

std::shared_ptr<Intake> make_intake(S3& s3, BodyClaims claims) {
    constexpr std::size_t digits = 16;
    return std::make_shared<Intake>(s3.machine(), s3.blobs().directory(),
                                    s3.new_id().substr(0, digits), std::move(claims));
}

Task<Result<Received>> receive(S3& s3, Bytes bytes, BodyClaims claims) {
    struct Work {
        Bytes bytes;
        Result<Received> result;
    };
    auto work = std::make_shared<Work>(std::move(bytes), Received());
    co_await machine::offload(
        s3.machine().executor, [work, intake = make_intake(s3, std::move(claims))] {
            const auto taken = intake->take(work->bytes);
            work->result = taken ? intake->finish() : std::unexpected(taken.error());
        });
    co_return std::move(work->result);
}

Task<Result<Received>> copy_bytes(S3& s3, Object source, std::uint64_t offset, std::uint64_t count,
                                  std::set<std::string> computed) {
    constexpr std::uint64_t piece_bytes = 4 * 1024 * 1024;
    MILL_CO_TRY(const auto segments, segments_of(s3.objects(), source, offset, count));
    const S3::Reading reading(s3, blobs_of(segments));
    const auto intake = make_intake(s3, {.computed = std::move(computed)});
    for (const Segment& segment : segments) {
        const auto of_blob =
            segment.is_whole() ? std::make_shared<Digest>(Digest::Kind::sha256) : nullptr;
        for (std::uint64_t done = 0; done < segment.count;) {
            const std::uint64_t size = std::min(piece_bytes, segment.count - done);
            MILL_CO_TRY(Bytes bytes, co_await s3.blobs().get(segment.blob, segment.offset + done,
                                                             static_cast<std::size_t>(size)));
            const TakePiece take{intake, of_blob, std::make_shared<Bytes>(std::move(bytes)),
                                 std::make_shared<Result<void>>()};
            co_await machine::offload(s3.machine().executor, take);
            MILL_CO_CHECK(*take.result);
            done += size;
        }
        if (of_blob)
            MILL_CO_CHECK(
                storage::verify_blob(s3.blobs().directory(), segment.blob, of_blob->finish()));
    }
    auto result = std::make_shared<Result<Received>>();
    co_await machine::offload(s3.machine().executor,
                              [result, intake] { *result = intake->finish(); });
    co_return std::move(*result);
}

}  // namespace mill::s3
