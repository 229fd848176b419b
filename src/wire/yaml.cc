// SPDX-License-Identifier: Apache-2.0
// Short forms of intrinsic functions:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

#include "wire/notation.h"
#include "wire/yaml_scalar.h"

namespace mill::wire {
namespace {

// Aliases make a small text mean a large document; these bound what comes of it.
constexpr std::size_t nodes_max = 1'000'000;
constexpr std::size_t text_bytes_max = 64 * 1024 * 1024;
constexpr std::string_view core_tag = "tag:yaml.org,2002:";

Failure wrong(std::string_view what, const YAML::Mark& mark) {
    if (mark.line < 0) return fail("yaml", std::string(what));
    return fail("yaml",
                fmt::format("{} (line {}, column {})", what, mark.line + 1, mark.column + 1));
}

bool is_intrinsic(std::string_view tag) { return tag.size() > 1 && tag[0] == '!'; }

class Reader {
  public:
    Result<Value> read(const YAML::Node& node, std::size_t depth) {
        const std::string& tag = node.Tag();
        if (is_intrinsic(tag)) return intrinsic(std::string_view(tag).substr(1), node, depth);
        return content(node, depth);
    }

  private:
    Result<Value> content(const YAML::Node& node, std::size_t depth) {
        if (depth > depth_max) return wrong("nested too deeply", node.Mark());
        text_bytes_ += node.IsScalar() ? node.Scalar().size() : 0;
        if (++nodes_ > nodes_max || text_bytes_ > text_bytes_max)
            return wrong("the document is too large", node.Mark());
        switch (node.Type()) {
            case YAML::NodeType::Scalar:
                return scalar(node);
            case YAML::NodeType::Sequence:
                return sequence(node, depth);
            case YAML::NodeType::Map:
                return mapping(node, depth);
            default:
                return Value();
        }
    }

    static Result<Value> scalar(const YAML::Node& node) {
        const std::string& tag = node.Tag();
        const std::string& text = node.Scalar();
        if (tag == "?") return resolve_plain_scalar(text);
        if (!tag.starts_with(core_tag)) return Value(text);
        const std::string_view type = std::string_view(tag).substr(core_tag.size());
        if (type == "binary") {
            std::string packed;
            for (char c : text) {
                if (c != ' ' && c != '\n') packed += c;
            }
            auto bytes = base64_decode(packed);
            if (!bytes) return wrong("invalid base64: " + bytes.error().message, node.Mark());
            return Value(Blob{*std::move(bytes)});
        }
        if (type == "int" || type == "float" || type == "bool" || type == "null")
            return resolve_plain_scalar(text);
        return Value(text);
    }

    Result<Value> sequence(const YAML::Node& node, std::size_t depth) {
        Value::List items;
        items.reserve(node.size());
        for (const YAML::Node& item : node) {
            MILL_TRY(Value value, read(item, depth + 1));
            items.push_back(std::move(value));
        }
        return Value(std::move(items));
    }

    // Merged maps come first, so that what the map itself says is the last word.
    Result<Value> mapping(const YAML::Node& node, std::size_t depth) {
        Value::Map merged, own;
        for (const auto& member : node) {
            const YAML::Node& key = member.first;
            const YAML::Node& item = member.second;
            if (!key.IsScalar() && !key.IsNull())
                return wrong("a key must be a scalar", key.Mark());
            MILL_TRY(Value value, read(item, depth + 1));
            if (key.IsScalar() && key.Tag() == "?" && key.Scalar() == "<<") {
                MILL_CHECK(merge(std::move(value), item.Mark(), merged));
            } else {
                own.emplace_back(key.IsNull() ? "null" : key.Scalar(), std::move(value));
            }
        }
        merged.insert(merged.end(), std::move_iterator(own.begin()), std::move_iterator(own.end()));
        keep_last_of_equal_keys(merged);
        return Value(std::move(merged));
    }

    // One map, or a list of maps of which earlier ones win. https://yaml.org/type/merge.html
    static Result<void> merge(Value from, const YAML::Mark& mark, Value::Map& into) {
        if (from.members()) from = Value(Value::List{std::move(from)});
        if (!from.items()) return wrong("'<<' takes a map or a list of maps", mark);
        for (auto map = from.items()->rbegin(); map != from.items()->rend(); ++map) {
            if (!map->members()) return wrong("'<<' takes a map or a list of maps", mark);
            for (auto& member : *map->members()) into.push_back(std::move(member));
        }
        return {};
    }

    Result<Value> intrinsic(std::string_view name, const YAML::Node& node, std::size_t depth) {
        const bool bare = name == "Ref" || name == "Condition" || name.starts_with("Fn::");
        std::string key = bare ? std::string(name) : fmt::format("Fn::{}", name);
        Value argument;
        if (node.IsScalar()) {  // always text: !Ref 123 names "123"
            argument = node.Scalar();
            if (key == "Fn::GetAtt") argument = split_attribute(node.Scalar());
        } else {
            MILL_TRY(argument, content(node, depth + 1));
        }
        return Value(Value::Map{{std::move(key), std::move(argument)}});
    }

    // "Resource.Outputs.Name" is attribute Outputs.Name of Resource.
    static Value split_attribute(const std::string& text) {
        const std::size_t dot = text.find('.');
        if (dot == std::string::npos) return Value::List{text};
        return Value::List{text.substr(0, dot), text.substr(dot + 1)};
    }

    std::size_t nodes_ = 0;
    std::size_t text_bytes_ = 0;
};

// Sees documents begin, and nothing else.
class DocumentCounter final : public YAML::EventHandler {
  public:
    void OnDocumentStart(const YAML::Mark& mark) override {
        ++count_;
        last_ = mark;
    }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
    int count() const { return count_; }
    const YAML::Mark& last() const { return last_; }

  private:
    int count_ = 0;
    YAML::Mark last_;
};

// YAML::Load ignores what follows the first document, and YAML::LoadAll never ends on texts such as
// ",": yaml-cpp 0.7 takes an entry mark outside of any list for an empty document without reading
// past it.
Result<void> check_single_document(const std::string& source) {
    std::istringstream input(source);
    YAML::Parser parser(input);
    DocumentCounter counter;
    for (int i = 0; i < 2; ++i) parser.HandleNextDocument(counter);
    if (counter.count() > 1) return wrong("unexpected text after the document", counter.last());
    return {};
}

}  // namespace

Result<Value> parse_yaml(std::string_view text) {
    try {
        const std::string source(text);
        MILL_CHECK(check_single_document(source));
        return Reader().read(YAML::Load(source), 0);
    } catch (const YAML::Exception& e) {
        return wrong(e.msg, e.mark);
    }
}

Result<Value> parse_template(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    const bool json = first != std::string_view::npos && text[first] == '{';
    return json ? parse_json(text) : parse_yaml(text);
}

}  // namespace mill::wire
