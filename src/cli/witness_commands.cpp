// Commands of a witness.
#include "cli/cli.hpp"
#include "witness/witness.hpp"

namespace parmana::cli {

Result<int> witness_init(const WitnessArguments& arguments) {
    SystemEntropy entropy;
    print(TRY(witness::init(arguments.data, arguments.name, entropy)) + "\n");
    return 0;
}

Result<int> witness_add_log(const WitnessArguments& arguments) {
    TRY(witness::add_log(TRY(witness::Directory::open(arguments.data)), arguments.log_key));
    return 0;
}

Result<int> witness_key(const WitnessArguments& arguments) {
    const note::VerifierKey key = TRY(witness::Directory::open(arguments.data)).key();
    print(note::verifier_key(key.name, key.key, key.type) + "\n");
    return 0;
}

Result<int> witness_serve(const WitnessArguments& arguments) {
    TRY(witness::serve(TRY(witness::Directory::open(arguments.data)), arguments.listen));
    return 0;
}

}  // namespace parmana::cli
