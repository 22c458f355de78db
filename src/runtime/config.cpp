#include "runtime/config.hpp"

#include <charconv>
#include <cstdlib>

#include "json/json.hpp"

namespace parmana::runtime {
namespace {

std::unexpected<Error> invalid(std::string_view key, std::string_view must_be) {
    return fail(Code::configuration_invalid, "`" + std::string(key) + "` must be " + std::string(must_be));
}

Status set_integer(std::string_view key, std::int64_t value, std::int64_t minimum, std::int64_t maximum,
                   std::int64_t& out) {
    if (value < minimum || value > maximum) {
        return invalid(key, "between " + std::to_string(minimum) + " and " + std::to_string(maximum));
    }
    out = value;
    return {};
}

/// The one place that knows the keys. Exactly one of the three values is given, by the type of the setting.
struct Setting {
    const bool* boolean = nullptr;
    const std::int64_t* integer = nullptr;
    const std::string* string = nullptr;
};

Status set(Config& config, std::string_view key, const Setting& value) {
    const auto integer = [&](std::int64_t minimum, std::int64_t maximum, std::int64_t& out) -> Status {
        if (value.integer == nullptr) return invalid(key, "an integer");
        return set_integer(key, *value.integer, minimum, maximum, out);
    };
    if (key == "allow_derived_ids") {
        if (value.boolean == nullptr) return invalid(key, "true or false");
        config.allow_derived_ids = *value.boolean;
        return {};
    }
    if (key == "checkpoint_interval_ms") return integer(100, 60'000, config.checkpoint_interval_ms);
    if (key == "checkpoint_entries_max") return integer(1, 1'000'000, config.checkpoint_entries_max);
    if (key == "index_file_entries") return integer(1, 1'000'000, config.index_file_entries);
    if (key == "commit_batch_max") return integer(1, 1024, config.commit_batch_max);
    if (key == "threads") return integer(0, 256, config.threads);
    if (key == "identities_max") return integer(1, 1'000'000'000, config.identities_max);
    if (key == "high_water" || key == "witnesses") {
        if (value.string == nullptr) return invalid(key, "a path");
        (key == "high_water" ? config.high_water : config.witnesses) = *value.string;
        return {};
    }
    if (key == "key_passphrase_file") {
        if (value.string == nullptr || (!value.string->empty() && !value.string->starts_with('/')))
            return invalid(key, "an absolute path");
        config.key_passphrase_file = *value.string;
        return {};
    }
    if (key == "keys_directory") {
        if (value.string == nullptr || value.string->empty()) return invalid(key, "a path");
        config.keys_directory = *value.string;
        return {};
    }
    return fail(Code::configuration_invalid, "`" + std::string(key) + "` is not a configuration key");
}

Status set_text(Config& config, std::string_view key, const std::string& text) {
    const bool yes = text == "true";
    std::int64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return set(config, key, {yes || text == "false" ? &yes : nullptr, is_number ? &number : nullptr, &text});
}

}  // namespace

Result<Config> parse_config(std::string_view text) {
    const auto document = json::parse(text);
    if (!document) return fail(Code::configuration_invalid, document.error().detail);
    if (!document->root().is(json::Type::object)) return invalid("config.json", "an object");
    Config config;
    for (const json::Value member : document->root().members()) {
        const bool boolean = member.is(json::Type::boolean) && member.boolean();
        const std::int64_t integer = member.is(json::Type::integer) ? member.integer() : 0;
        const std::string string =
            member.is(json::Type::string) ? std::string(member.string()) : std::string();
        TRY(set(config, member.name(),
                {member.is(json::Type::boolean) ? &boolean : nullptr,
                 member.is(json::Type::integer) ? &integer : nullptr,
                 member.is(json::Type::string) ? &string : nullptr}));
    }
    return config;
}

Result<Config> with_environment(Config config) {
    constexpr std::pair<const char*, const char*> kVariables[] = {
        {"PARMANA_ALLOW_DERIVED_IDS", "allow_derived_ids"},
        {"PARMANA_CHECKPOINT_INTERVAL_MS", "checkpoint_interval_ms"},
        {"PARMANA_CHECKPOINT_ENTRIES_MAX", "checkpoint_entries_max"},
        {"PARMANA_HIGH_WATER", "high_water"},
        {"PARMANA_WITNESSES", "witnesses"},
        {"PARMANA_INDEX_FILE_ENTRIES", "index_file_entries"},
        {"PARMANA_COMMIT_BATCH_MAX", "commit_batch_max"},
        {"PARMANA_THREADS", "threads"},
        {"PARMANA_KEYS_DIRECTORY", "keys_directory"},
        {"PARMANA_KEY_PASSPHRASE_FILE", "key_passphrase_file"},
        {"PARMANA_IDENTITIES_MAX", "identities_max"},
    };
    for (const auto& [variable, key] : kVariables) {
        if (const char* text = std::getenv(variable)) TRY(set_text(config, key, text));
    }
    return config;
}

std::string render_config(const Config& config) {
    std::string out;
    json::Writer(out)
        .object()
        .name("allow_derived_ids")
        .boolean(config.allow_derived_ids)
        .name("checkpoint_entries_max")
        .integer(config.checkpoint_entries_max)
        .name("checkpoint_interval_ms")
        .integer(config.checkpoint_interval_ms)
        .name("commit_batch_max")
        .integer(config.commit_batch_max)
        .name("high_water")
        .string(config.high_water)
        .name("identities_max")
        .integer(config.identities_max)
        .name("index_file_entries")
        .integer(config.index_file_entries)
        .name("key_passphrase_file")
        .string(config.key_passphrase_file)
        .name("keys_directory")
        .string(config.keys_directory)
        .name("threads")
        .integer(config.threads)
        .name("witnesses")
        .string(config.witnesses)
        .end();
    return out + "\n";
}

}  // namespace parmana::runtime
