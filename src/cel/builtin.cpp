#include "cel/builtin.hpp"

namespace parmana::cel {

const Builtin* find_builtin(std::string_view name, std::size_t arity) {
    for (const std::span<const Builtin> table :
         {arithmetic_builtins(), comparison_builtins(), container_builtins(), conversion_builtins(),
          time_builtins(), string_builtins(), text_builtins(), math_builtins(), encoder_builtins(),
          optional_builtins()}) {
        for (const Builtin& builtin : table) {
            if (builtin.name == name && builtin.arity == arity) return &builtin;
        }
    }
    return nullptr;
}

}  // namespace parmana::cel
