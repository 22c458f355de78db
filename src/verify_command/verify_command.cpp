#include "verify_command/verify_command.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>

#include "verify/verify.hpp"

namespace parmana {

Result<std::string> read_small_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string content(std::istreambuf_iterator<char>(file), {});
    if (!file.good() && !file.eof()) return fail(Code::io_failed, "`" + path + "` cannot be read");
    if (content.size() > limits::kVerifyBodyBytesMax)
        return fail(Code::body_too_large, "`" + path + "` is too large");
    return content;
}

Result<int> run_verify(const VerifyArguments& arguments) {
    const std::string text = TRY(read_small_file(arguments.file));
    std::optional<trust::Root> root;
    if (arguments.trust) root = TRY(trust::Root::parse(TRY(read_small_file(*arguments.trust))));
    std::optional<note::WitnessPolicy> witnesses;
    if (arguments.witnesses) witnesses = TRY(note::WitnessPolicy::parse(TRY(read_small_file(*arguments.witnesses))));
    const verify::Report report =
        verify::verify(text, root ? &*root : nullptr, witnesses ? &*witnesses : nullptr);
    const std::string out =
        arguments.json ? verify::json_report(report) + "\n" : verify::human_report(report);
    std::fwrite(out.data(), 1, out.size(), stdout);
    return report.exit_code();
}

}  // namespace parmana
