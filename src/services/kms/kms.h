// SPDX-License-Identifier: Apache-2.0
// KMS: keys and aliases as honest records, so that what refers to a key finds one. There is no
// cryptography: Encrypt, Decrypt, GenerateDataKey, Sign and their like are not served, and nothing
// that names a key is encrypted with it.
//
// One row a key, "kms/key/<account>/<region>/<id>", and an alias,
// "kms/alias/<account>/<region>/<name>"; durable when answered. A key whose waiting time has passed
// is gone, and its row goes with one of the next keys that are made. Operations read, decide and
// begin their commit without suspending in between. No operation's cost grows with the number of
// keys. Executor thread only. https://docs.aws.amazon.com/kms/latest/APIReference/Welcome.html
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>

#include "machine/machine.h"
#include "services/kms/index.h"
#include "services/ports/key_store.h"
#include "services/ports/resource_provider.h"
#include "storage/stream_log.h"
#include "wire/operation.h"

namespace mill::kms {

using Text = std::optional<std::string>;
using Tags = std::map<std::string, std::string>;

struct Key {
    std::string account, region, id;
    WallTime created;
    std::string description, policy;
    std::string usage = "ENCRYPT_DECRYPT", spec = "SYMMETRIC_DEFAULT";
    bool is_enabled = true;
    std::optional<WallTime> deletion;           // when it goes
    std::optional<std::int64_t> rotation_days;  // none: it is not rotated
    Tags tags;

    std::string arn() const { return "arn:aws:kms:" + region + ":" + account + ":key/" + id; }
    static constexpr auto shape() {
        using K = Key;
        using wire::member;
        return wire::structure(
            "Key", member<&K::account>("account"), member<&K::region>("region"),
            member<&K::id>("id"), member<&K::created>("created"),
            member<&K::description>("description"), member<&K::policy>("policy"),
            member<&K::usage>("usage"), member<&K::spec>("spec"),
            member<&K::is_enabled>("is_enabled"), member<&K::deletion>("deletion"),
            member<&K::rotation_days>("rotation_days"), member<&K::tags>("tags"));
    }
};

struct Alias {
    std::string account, region, name;  // "alias/..."
    std::string key_id;
    WallTime created, updated;

    std::string arn() const { return "arn:aws:kms:" + region + ":" + account + ":" + name; }
    static constexpr auto shape() {
        using A = Alias;
        using wire::member;
        return wire::structure("Alias", member<&A::account>("account"),
                               member<&A::region>("region"), member<&A::name>("name"),
                               member<&A::key_id>("key_id"), member<&A::created>("created"),
                               member<&A::updated>("updated"));
    }
};

struct KeyDraft {
    Text description, policy, usage, spec;
    bool is_enabled = true;
    std::optional<std::int64_t> rotation_days = {};
    Tags tags = {};
};

class Kms final : public ports::ResourceProvider, public ports::KeyStore {
  public:
    static Result<std::unique_ptr<Kms>> open(Machine& machine, storage::Engine& engine);
    wire::Service service();
    WallTime now() const { return machine_.clock.wall(); }

    // By id or ARN, or `or_alias` by an alias's name or ARN. NotFoundException.
    Result<Key> need(const Caller& caller, const std::string& text, bool or_alias = false) const;
    // As need(), of a key that does not wait for its deletion. KMSInvalidStateException.
    Result<Key> need_living(const Caller& caller, const std::string& text) const;
    Result<std::optional<Alias>> find_alias(const Caller& caller, const std::string& name) const;
    // In the order of their ids, after the one of that id.
    Result<std::vector<Key>> keys(const Caller& caller, const std::string& after,
                                  std::size_t limit) const;
    // In the order of their names, after the one of that name.
    Result<std::vector<Alias>> aliases(const Caller& caller, const std::string& after,
                                       std::size_t limit) const;
    Result<std::vector<Alias>> aliases_of(const Key& key, const std::string& after,
                                          std::size_t limit) const;

    // MalformedPolicyDocumentException, ValidationException, UnsupportedOperationException.
    Task<Result<Key>> add(Caller caller, KeyDraft draft);
    Task<Result<void>> store(Key key);
    // AlreadyExistsException, InvalidAliasNameException.
    Task<Result<void>> add_alias(Caller caller, std::string name, std::string key);
    Task<Result<void>> move_alias(Caller caller, std::string name, std::string key);
    // NotFoundException.
    Task<Result<void>> drop_alias(Caller caller, std::string name);

    // KeyStore
    Result<void> check_key(const Caller& caller, const std::string& arn) const override;

    // ResourceProvider
    std::span<const std::string_view> types() const override;
    std::span<const std::string_view> create_only(std::string_view type) const override;
    Task<Result<ports::Resource>> create(ports::ResourceRequest request) override;
    Task<Result<ports::Resource>> update(ports::ResourceRequest request, std::string physical_id,
                                         wire::Value old_properties) override;
    Task<Result<void>> remove(ports::ResourceRequest request, std::string physical_id) override;

  private:
    Kms(Machine& machine, storage::Table& table) : machine_(machine), table_(table) {}

    Result<void> load();

    Machine& machine_;
    storage::Table& table_;
    Index index_;
};

std::span<const wire::Operation* const> operations();

}  // namespace mill::kms
