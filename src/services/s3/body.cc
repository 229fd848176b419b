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

Failure too_large() {
    return fail("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400);
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
constexpr std::int64_t body_bytes_max = 5LL * 1024 * 1024 * 1024;

// The front door speaks of connections.
std::unexpected<Error> in_words_of_s3(const Error& error) {
    const bool is_of_connection = error.code.starts_with("net") || error.code.starts_with("http.");
    return is_of_connection ? incomplete_body() : std::unexpected(error);
}

// Has pieces taken in aside, one at a time. What is not finished is removed aside as well.
class Taking {
  public:
    using Piece = wire::http::IncomingBody::Piece;

    Taking(S3& s3, BodyClaims claims)
        : executor_(s3.machine().executor),
          state_(std::make_shared<State>(s3, std::move(claims))) {}
    Taking(const Taking&) = delete;
    Taking& operator=(const Taking&) = delete;
    ~Taking() {
        if (state_) executor_.offload([state = std::move(state_)] {}, [] {});
    }

    // When the one before is done. The last one finishes all.
    void begin(Piece piece) {
        under_way_.emplace(executor_);
        executor_.offload(
            [state = state_, piece = std::move(piece)] {
                state->taken = state->intake.take(piece.bytes);
                if (state->taken && piece.is_last) state->received = state->intake.finish();
            },
            [done = *under_way_] { done.set(true); });
    }
    Task<Result<void>> done() {
        if (under_way_) co_await under_way_->take();
        under_way_.reset();
        co_return state_->taken;
    }
    Task<Result<Received>> finish() {
        MILL_CO_CHECK(co_await done());
        auto received = std::move(state_->received);
        if (received) state_.reset();  // nothing is to be removed
        co_return received;
    }

  private:
    struct State {
        State(S3& s3, BodyClaims claims)
            : intake(s3.machine(), s3.blobs().directory(), s3.new_id().substr(0, random_digits),
                     std::move(claims)) {}
        static constexpr std::size_t random_digits = 16;
        Intake intake;
        Result<void> taken;
        Result<Received> received;
    };
    machine::Executor& executor_;
    std::shared_ptr<State> state_;
    std::optional<machine::OneShot<bool>> under_way_;
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
    if (received_.size > body_bytes_max) return too_large();
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
        if (computed == received_.checksums.end()) return malformed_trailer();  // not announced
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

Task<Result<Received>> receive(S3& s3, wire::http::IncomingBody& body, BodyClaims claims) {
    if (claims.decoded_length.value_or(claims.content_length.value_or(0)) > body_bytes_max)
        co_return too_large();
    Taking taking(s3, std::move(claims));
    while (true) {
        auto piece = co_await body.next();
        MILL_CO_CHECK(co_await taking.done());
        if (!piece) co_return in_words_of_s3(piece.error());
        const bool is_last = piece->is_last;
        taking.begin(*std::move(piece));
        if (is_last) co_return co_await taking.finish();
    }
}

Task<Result<Received>> copy_bytes(S3& s3, Object source, std::uint64_t offset, std::uint64_t count,
                                  std::set<std::string> computed) {
    MILL_CO_TRY(auto segments, segments_of(s3.objects(), source, offset, count));
    ObjectBody body(s3, std::move(segments));
    co_return co_await receive(s3, body, {.computed = std::move(computed)});
}

}  // namespace mill::s3
