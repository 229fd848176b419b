// SPDX-License-Identifier: Apache-2.0
// STS: who calls, and temporary credentials for roles and users. Any credentials will do for a
// local server; these tell GetCallerIdentity whom they stand for, until they expire.
//
// A session is a row "sts/session/<access key>", and "sts/expiry/<ms>/<access key>" to find those
// that are over: each new session takes some of them along. Durable when answered. Executor thread
// only. https://docs.aws.amazon.com/STS/latest/APIReference/welcome.html
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "machine/machine.h"
#include "services/ports/identities.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::sts {

struct Session {
    std::string access_key;  // "ASIA..."
    std::string account;
    std::string arn;
    std::string user_id;
    WallTime expires;

    static constexpr auto shape() {
        using S = Session;
        return wire::structure("Session", wire::member<&S::access_key>("access_key"),
                               wire::member<&S::account>("account"), wire::member<&S::arn>("arn"),
                               wire::member<&S::user_id>("user_id"),
                               wire::member<&S::expires>("expires"));
    }
};

struct Credentials {
    std::string access_key, secret_key, session_token;
    WallTime expiration;

    static constexpr auto shape() {
        using C = Credentials;
        return wire::structure("Credentials", wire::member<&C::access_key>("AccessKeyId"),
                               wire::member<&C::secret_key>("SecretAccessKey"),
                               wire::member<&C::session_token>("SessionToken"),
                               wire::member<&C::expiration>("Expiration"));
    }
};

class Sts {
  public:
    static Result<std::unique_ptr<Sts>> open(Machine& machine, storage::Engine& engine,
                                             const ports::Identities& identities);
    wire::Service service();

    const ports::Identities& identities() const { return identities_; }
    // Who the caller's access key stands for. ExpiredToken, as services of the Query
    // protocol call it.
    Result<ports::Identity> identity_of(const Caller& caller) const;
    // Credentials that stand for this identity.
    Task<Result<Credentials>> begin_session(ports::Identity identity, std::int64_t seconds);

  private:
    Sts(Machine& machine, storage::Table& table, const ports::Identities& identities)
        : machine_(machine), table_(table), identities_(identities) {}

    Machine& machine_;
    storage::Table& table_;
    const ports::Identities& identities_;
};

std::span<const wire::Operation* const> operations();

// The members of MFA devices, which there are none of.
constexpr wire::Member refused_serial_number() {
    return wire::refused("SerialNumber", "Leave it out: users have no MFA devices.");
}
constexpr wire::Member refused_token_code() {
    return wire::refused("TokenCode", "Leave it out: users have no MFA devices.");
}

}  // namespace mill::sts
