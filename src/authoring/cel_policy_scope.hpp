// What the CEL of a policy can name at one place of the document. Internal to the module.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "authoring/cel_policy_draft.hpp"
#include "authoring/cel_policy_findings.hpp"

namespace parmana::authoring::cel_policy {

/// What an expression is for: how messages name it, and its type. Where one is asked for, dyn will do as well
/// and is looked at when it is evaluated.
struct Purpose {
    std::string_view name;
    std::optional<cel::TypeKind> type = {};
};

class Scope {
  public:
    Scope(const Config& config, FindingList& findings);

    /// A short name for a qualified one.
    void import_name(yaml::Node name);
    /// The expression that a string holds, when it checks.
    std::optional<Expression> read(yaml::Node text, const Purpose& purpose);
    /// True for an expression that checks, reads no variable and is false.
    bool is_always_false(yaml::Node text) const;

    /// Adds a variable of policies and hides one of the same name; gives the name that no other has.
    std::string declare(std::string_view name, cel::Type type);
    /// Adds a variable that is bound from outside; `forget` takes the last one away.
    void bind(std::string_view name, cel::Type type);
    void forget() { visible_.environment.variables.pop_back(); }

    /// What can be named now, to return to later.
    struct Visible {
        cel::Environment environment;
        std::map<std::string, std::string, std::less<>> storage;  // the unique name of each variable
    };
    Visible visible() const { return visible_; }
    void restore(Visible visible) { visible_ = std::move(visible); }

  private:
    void give_storage_names(cel::Expr& expr) const;
    void report(yaml::Node text, const cel::Issues& issues);

    FindingList& findings_;
    Visible visible_;
    std::set<std::string> taken_;
    std::size_t nodes_ = 0;
};

}  // namespace parmana::authoring::cel_policy
