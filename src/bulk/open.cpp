#include "bulk/bulk.hpp"
#include "runtime/authenticity.hpp"
#include "runtime/governance.hpp"
#include "store/embedded/embedded.hpp"

namespace parmana::bulk {

Result<OpenLedger> open_ledger(const runtime::DataDirectory& data, Entropy& entropy) {
    trust::History& trust = data.trust();
    OpenLedger out;
    // The head first: a server that is at work only ever adds entries behind it.
    out.log = TRY(tlog::Log::open(data.disk(), trust, tlog::Log::Side::reader));
    out.ledger = TRY(store::read_embedded_ledger(
        data.disk(), entropy, trust.origin(), trust.tenant(),
        runtime::make_entry_checks(
            trust, out.log->published_size(),
            [log = out.log.get()](store::LogIndex index) { return log->leaves(index, 1).front(); }),
        [log = out.log.get()](std::span<store::Leaf> leaves) { log->append(leaves); }));
    TRY(out.log->recover());
    TRY(runtime::settle_roots(trust, *out.ledger));
    return out;
}

}  // namespace parmana::bulk
