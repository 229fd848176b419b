// SPDX-License-Identifier: Apache-2.0
#include "services/sts/sts.h"

#include <fmt/format.h>

namespace mill::sts {
namespace {

constexpr std::string_view sessions_prefix = "sts/session/";
constexpr std::string_view expiry_prefix = "sts/expiry/";
constexpr std::size_t forgotten_max = 8;    // at each new session
constexpr std::size_t key_characters = 16;  // after ASIA
constexpr std::size_t secret_bytes = 30;
constexpr std::size_t token_bytes = 240;

std::string session_row(const std::string& access_key) {
    return std::string(sessions_prefix) + access_key;
}
std::string expiry_row(const Session& session) {
    return fmt::format("{}{:015}/{}", expiry_prefix, epoch_ms(session.expires), session.access_key);
}

}  // namespace

Result<std::unique_ptr<Sts>> Sts::open(Machine& machine, storage::Engine& engine,
                                       const ports::Identities& identities) {
    return std::unique_ptr<Sts>(new Sts(machine, *engine.table, identities));
}

wire::Service Sts::service() {
    return {.signing_name = "sts",
            .target_prefix = {},
            .protocol = wire::Protocol::query,
            .json_version = {},
            .api_version = "2011-06-15",
            .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
            .operations = operations(),
            .instance = this};
}

Result<ports::Identity> Sts::identity_of(const Caller& caller) const {
    MILL_TRY(const auto row, table_.get(session_row(caller.access_key)));
    if (!row) return identities_.identity_of(caller);
    MILL_TRY(Session session, wire::from_json<Session>(*row));
    if (session.expires <= machine_.clock.wall()) {
        return fail("ExpiredToken", "The security token included in the request is expired", 403);
    }
    return ports::Identity{.account = std::move(session.account),
                           .arn = std::move(session.arn),
                           .id = std::move(session.user_id)};
}

Task<Result<Credentials>> Sts::begin_session(ports::Identity identity, std::int64_t seconds) {
    const WallTime now = machine_.clock.wall();
    const Session session{
        .access_key = "ASIA" + machine::random_base32(machine_.entropy, key_characters),
        .account = std::move(identity.account),
        .arn = std::move(identity.arn),
        .user_id = std::move(identity.id),
        .expires = now + std::chrono::seconds(seconds)};
    storage::Table::Commit commit;
    MILL_CO_TRY(const auto oldest, table_.scan(expiry_prefix, {}, forgotten_max));
    for (const auto& entry : oldest) {
        MILL_CO_TRY(const Session old, wire::from_json<Session>(entry.value));
        if (old.expires > now - std::chrono::hours(1)) break;  // told for a while that it is over
        commit.erases.push_back(entry.key);
        commit.erases.push_back(session_row(old.access_key));
    }
    commit.puts = {{session_row(session.access_key), wire::to_json(session)},
                   {expiry_row(session), wire::to_json(session)}};
    MILL_CO_CHECK(co_await table_.commit(std::move(commit)));
    co_return Credentials{.access_key = session.access_key,
                          .secret_key = machine::random_base64(machine_.entropy, secret_bytes),
                          .session_token = machine::random_base64(machine_.entropy, token_bytes),
                          .expiration = session.expires};
}

}  // namespace mill::sts
