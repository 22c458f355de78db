// The kinds of entries, from the store's words to the verifier's, which does not know the store. Private to
// the module.
#pragma once

#include "store/ledger.hpp"
#include "verify/entry.hpp"

namespace parmana::bulk {

inline verify::EntryKind kind_of(store::EntryKind kind) {
    using store::EntryKind;
    switch (kind) {
        case EntryKind::decision:
            return verify::EntryKind::decision;
        case EntryKind::refusal:
            return verify::EntryKind::refusal;
        case EntryKind::group:
            return verify::EntryKind::group;
        case EntryKind::replay:
            return verify::EntryKind::replay;
        case EntryKind::policy:
            return verify::EntryKind::policy;
        case EntryKind::key:
            return verify::EntryKind::key;
        case EntryKind::release:
            return verify::EntryKind::release;
    }
    return verify::EntryKind::decision;
}

}  // namespace parmana::bulk
