// SPDX-License-Identifier: Apache-2.0
// Intrinsic functions over any document: a value or ValidationError, the same each time, and with
// no function left in what is a value. The input is a template in JSON or YAML of which Resources
// is evaluated.
#include "services/cloudformation/intrinsics.h"
#include "fuzz.h"
#include "services/cloudformation/template.h"

namespace mill::cloudformation {
namespace {

class Names final : public References {
  public:
    Result<wire::Value> ref(const std::string& name) const override {
        if (name == "List") return wire::Value(wire::Value::List{"a", "b", 3});
        if (name == "None") return fail("ValidationError", "no " + name, 400);
        return wire::Value(name);
    }
    Result<wire::Value> get_att(const std::string& resource,
                                const std::string& attribute) const override {
        if (attribute == "Map") return wire::Value(wire::Value::Map{{resource, true}});
        return wire::Value(resource + "." + attribute);
    }
    Result<wire::Value> import_value(const std::string& name) const override {
        return wire::Value(name);
    }
    Result<std::string> parameter(const std::string& name) const override {
        if (name.size() > 8) return fail("ValidationError", "no " + name, 400);
        return name;
    }
};

void evaluate_all(const wire::Value& document) {
    const Names names;
    const wire::Value& mappings = section_of(document, "Mappings");
    const auto conditions = evaluate_conditions(document.find("Conditions"), names, mappings);
    if (!conditions) {
        MILL_ASSERT(conditions.error().code == "ValidationError");
        return;
    }
    const wire::Value& value = section_of(document, "Resources");
    const auto evaluated = evaluate(value, {names, mappings, *conditions});
    MILL_ASSERT(evaluated || evaluated.error().code == "ValidationError");
    MILL_ASSERT(evaluated == evaluate(value, {names, mappings, *conditions}));
    std::vector<Reference> references;
    std::vector<std::string> used;
    collect_fn_if(value, used);
    if (collect_references(value, &*conditions, references)) return;
    references.clear();
    MILL_ASSERT(!collect_references(value, nullptr, references));
}

}  // namespace
}  // namespace mill::cloudformation

void mill::fuzz::run(std::string_view bytes) {
    const auto document = wire::parse_template(bytes);
    if (document) cloudformation::evaluate_all(*document);
}
