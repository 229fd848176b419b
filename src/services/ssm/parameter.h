// SPDX-License-Identifier: Apache-2.0
// Parameters as rows of the Table: "ssm/parameter/<account>/<region>/<name>" tells what holds now,
// and "ssm/version/<account>/<region>/<name> <number>" what each version said. Members may be
// added, never renamed: older stores are read.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "wire/shape.h"

namespace mill::ssm {

using Text = std::optional<std::string>;
using Tags = std::map<std::string, std::string>;

struct Version {
    std::int64_t number = 1;
    std::string value;
    std::string type = "String";
    std::string tier = "Standard";
    std::string data_type = "text";
    Text key_id;  // of a SecureString
    Text description, allowed_pattern;
    WallTime modified;
    std::string user;  // who wrote it, an ARN

    static constexpr auto shape() {
        using V = Version;
        using wire::member;
        return wire::structure("Version", member<&V::number>("number"), member<&V::value>("value"),
                               member<&V::type>("type"), member<&V::tier>("tier"),
                               member<&V::data_type>("data_type"), member<&V::key_id>("key_id"),
                               member<&V::description>("description"),
                               member<&V::allowed_pattern>("allowed_pattern"),
                               member<&V::modified>("modified"), member<&V::user>("user"));
    }
};

struct Parameter {
    std::string account, region, name;
    Version now;
    std::int64_t oldest = 1;                     // the first version that is kept
    std::map<std::string, std::int64_t> labels;  // the versions that they mark
    Tags tags;

    std::string arn() const {
        return "arn:aws:ssm:" + region + ":" + account + ":parameter" +
               (name.starts_with('/') ? "" : "/") + name;
    }
    static constexpr auto shape() {
        using P = Parameter;
        using wire::member;
        return wire::structure("Parameter", member<&P::account>("account"),
                               member<&P::region>("region"), member<&P::name>("name"),
                               member<&P::now>("now"), member<&P::oldest>("oldest"),
                               member<&P::labels>("labels"), member<&P::tags>("tags"));
    }
};

}  // namespace mill::ssm
