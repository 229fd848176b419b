// SPDX-License-Identifier: Apache-2.0
// Thing: something that is created, looked at and deleted through an AWS API: a stream, a function,
// an event source mapping, or a stack of all three. Calls outlive nothing: a Thing must stay while
// one of its tasks runs.
#pragma once

#include <memory>
#include <string>

#include "sim/world/client.h"

namespace mill::sim {

enum class ThingState { absent, making, present, removing, failed };
std::string text_of(ThingState state);

class Thing {
  public:
    Thing(Client& client, std::string name) : client_(client), name_(std::move(name)) {}
    virtual ~Thing() = default;
    const std::string& name() const { return name_; }

    virtual Task<Result<void>> create() = 0;
    virtual Task<Result<void>> remove() = 0;
    virtual Task<Result<ThingState>> look() = 0;
    // The codes of a refusal because it is there already, and because it is not.
    virtual bool says_present(const Error& error) const = 0;
    virtual bool says_absent(const Error& error) const = 0;
    // Leaves traces of this one, by which it can be told from a later one of its name.
    virtual Task<Result<void>> use();
    // What is left where nothing should be, or what is missing of the whole. Once it is settled.
    virtual Task<Result<void>> inspect(ThingState state);

  protected:
    Client& client_;
    const std::string name_;
};

std::unique_ptr<Thing> make_stream(Client& client, std::string name);
std::unique_ptr<Thing> make_function(Client& client, std::string name);
// Of the function and the stream, which stay.
std::unique_ptr<Thing> make_mapping(Client& client, std::string function, std::string stream);
std::unique_ptr<Thing> make_stack(Client& client, std::string name);

}  // namespace mill::sim
