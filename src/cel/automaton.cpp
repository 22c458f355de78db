// From a pattern to an automaton with choices (Thompson), and from that to one without (the sets of its
// states).
#include "cel/automaton.hpp"

#include <algorithm>
#include <map>

#include "cel/pattern.hpp"
#include "cel/text.hpp"

namespace parmana::cel {
namespace {

constexpr std::size_t kPlacesMax = 1'000;
constexpr std::size_t kStatesMax = 256;
constexpr std::size_t kClassesMax = 64;
constexpr std::size_t kStepsMax = 100'000;  // of the construction

/// A place in the pattern: what must come, and where to go on.
struct Place {
    enum class Kind : std::uint8_t { characters, choice, begin, end, found };
    Kind kind;
    std::uint32_t set = 0;                 // characters: index of the ranges
    std::vector<std::uint32_t> next = {};  // of a choice any number
};

class Places {
  public:
    /// False when there are too many.
    bool make(const Pattern& pattern) {
        const std::uint32_t found = add({.kind = Place::Kind::found});
        first_ = lay(pattern, found);
        return places_.size() < kPlacesMax;
    }
    std::uint32_t first() const { return first_; }
    const Place& operator[](std::uint32_t place) const { return places_[place]; }
    std::size_t size() const { return places_.size(); }
    const std::vector<Ranges>& sets() const { return sets_; }

  private:
    std::uint32_t add(Place place) {
        places_.push_back(std::move(place));
        return static_cast<std::uint32_t>(places_.size() - 1);
    }

    /// Where the pattern begins that goes on at `next`.
    std::uint32_t lay(const Pattern& pattern, std::uint32_t next) {
        if (places_.size() >= kPlacesMax) return next;
        switch (pattern.kind) {
            case Pattern::Kind::characters:
                return add({.kind = Place::Kind::characters, .set = set(pattern.ranges), .next = {next}});
            case Pattern::Kind::begin:
                return add({.kind = Place::Kind::begin, .next = {next}});
            case Pattern::Kind::end:
                return add({.kind = Place::Kind::end, .next = {next}});
            case Pattern::Kind::sequence:
                for (auto part = pattern.parts.rbegin(); part != pattern.parts.rend(); ++part)
                    next = lay(*part, next);
                return next;
            case Pattern::Kind::choice: {
                Place out{.kind = Place::Kind::choice};
                for (const Pattern& part : pattern.parts)
                    out.next.push_back(lay(part, next));
                return add(std::move(out));
            }
            case Pattern::Kind::repetition:
                break;
        }
        return repeat(pattern, next);
    }

    std::uint32_t repeat(const Pattern& pattern, std::uint32_t next) {
        const Pattern& part = pattern.parts.front();
        std::uint32_t out = next;
        if (!pattern.most) {
            out = add({.kind = Place::Kind::choice});
            const std::uint32_t again = lay(part, out);
            places_[out].next = {again, next};
        } else {
            for (std::uint32_t i = pattern.least; i < *pattern.most && places_.size() < kPlacesMax; ++i) {
                const std::uint32_t once = lay(part, out);
                out = add({.kind = Place::Kind::choice, .next = {once, next}});
            }
        }
        for (std::uint32_t i = 0; i < pattern.least && places_.size() < kPlacesMax; ++i)
            out = lay(part, out);
        return out;
    }

    std::uint32_t set(const Ranges& ranges) {
        const auto known = std::ranges::find(sets_, ranges);
        if (known == sets_.end()) sets_.push_back(ranges);
        return static_cast<std::uint32_t>(std::ranges::find(sets_, ranges) - sets_.begin());
    }

    std::vector<Place> places_;
    std::vector<Ranges> sets_;
    std::uint32_t first_ = 0;
};

bool contains(const Ranges& ranges, std::uint32_t code_point) {
    const auto next = std::ranges::upper_bound(ranges, code_point, {}, &Range::first);
    return next != ranges.begin() && code_point <= std::prev(next)->last;
}

/// Where a text may stand within the pattern: places of characters, in ascending order.
struct Standing {
    std::vector<std::uint32_t> places = {};
    bool found = false;
    bool found_at_end = false;
    auto operator<=>(const Standing&) const = default;
};

}  // namespace

class AutomatonMaker {
  public:
    std::optional<Automaton> make(const Pattern& pattern) {
        if (!places_.make(pattern) || !make_classes()) return std::nullopt;
        add({});  // never found
        out_.found_ = add({.found = true, .found_at_end = true});
        out_.start_ = add(standing({places_.first()}, true));
        for (std::size_t state = 2; state < standings_.size(); ++state) {
            for (std::uint32_t c = 0; c < out_.width_; ++c) {
                const std::uint32_t next = add(after(standings_[state], c));
                out_.next_[state * out_.width_ + c] = next;
            }
            if (standings_.size() > kStatesMax || steps_ > kStepsMax) return std::nullopt;
        }
        for (const Standing& standing : standings_)
            out_.found_at_end_.push_back(standing.found_at_end);
        return std::move(out_);
    }

  private:
    /// Two code points that are in the same sets are of one class.
    bool make_classes() {
        std::vector<std::uint32_t>& begins = out_.begins_;
        begins = {0};
        for (const Ranges& set : places_.sets()) {
            for (const Range range : set) {
                begins.push_back(range.first);
                if (range.last < kCodePointMax) begins.push_back(range.last + 1);
            }
        }
        std::ranges::sort(begins);
        const auto rest = std::ranges::unique(begins);
        begins.erase(rest.begin(), rest.end());
        std::map<std::vector<bool>, std::uint8_t> known;
        for (const std::uint32_t first : begins) {
            std::vector<bool> in;
            for (const Ranges& set : places_.sets())
                in.push_back(contains(set, first));
            const auto number = static_cast<std::uint8_t>(known.size());
            const auto [place, is_new] = known.emplace(in, number);
            if (is_new) members_.push_back(in);
            if (members_.size() > kClassesMax) return false;
            out_.classes_.push_back(place->second);
        }
        out_.width_ = static_cast<std::uint32_t>(members_.size());
        out_.direct_.resize(Automaton::kDirect);
        for (std::size_t i = 0; i < begins.size() && begins[i] < Automaton::kDirect; ++i)
            std::fill(out_.direct_.begin() + begins[i], out_.direct_.end(), out_.classes_[i]);
        return true;
    }

    /// The state of this standing, as an offset; a new one leads to where nothing is found, until it is
    /// filled in.
    std::uint32_t add(Standing standing) {
        if (standing.found) standing = {.found = true, .found_at_end = true};
        const auto number = static_cast<std::uint32_t>(standings_.size());
        const auto [place, is_new] = numbers_.emplace(standing, number);
        if (is_new) {
            standings_.push_back(std::move(standing));
            const std::uint32_t itself = number * out_.width_;
            out_.next_.resize(out_.next_.size() + out_.width_, number < 2 ? itself : Automaton::kNeverFound);
        }
        return place->second * out_.width_;
    }

    /// Follows choices, and anchors that hold here.
    Standing standing(const std::vector<std::uint32_t>& from, bool at_begin) {
        Standing out;
        out.found = reach(from, at_begin, false, &out.places);
        out.found_at_end = out.found || reach(from, at_begin, true, nullptr);
        std::ranges::sort(out.places);
        return out;
    }

    bool reach(std::vector<std::uint32_t> open, bool at_begin, bool at_end,
               std::vector<std::uint32_t>* characters) {
        std::vector<bool> seen(places_.size());
        bool found = false;
        while (!open.empty()) {
            const std::uint32_t at = open.back();
            open.pop_back();
            if (seen[at]) continue;
            seen[at] = true;
            ++steps_;
            const Place& place = places_[at];
            if (place.kind == Place::Kind::found) found = true;
            if (place.kind == Place::Kind::characters && characters != nullptr) characters->push_back(at);
            if (place.kind == Place::Kind::choice || (place.kind == Place::Kind::begin && at_begin) ||
                (place.kind == Place::Kind::end && at_end)) {
                open.insert(open.end(), place.next.begin(), place.next.end());
            }
        }
        return found;
    }

    /// A match may begin at any place, so the first one is always among those reached.
    Standing after(const Standing& before, std::uint32_t of_class) {
        std::vector<std::uint32_t> reached = {places_.first()};
        for (const std::uint32_t at : before.places)
            if (members_[of_class][places_[at].set]) reached.push_back(places_[at].next.front());
        steps_ += before.places.size();
        return standing(reached, false);
    }

    Automaton out_;
    Places places_;
    std::vector<std::vector<bool>> members_;  // by class: in which sets it is
    std::vector<Standing> standings_;
    std::map<Standing, std::uint32_t> numbers_;
    std::size_t steps_ = 0;
};

std::optional<Automaton> Automaton::make(std::string_view pattern) {
    const auto tree = read_pattern(pattern);
    return tree ? AutomatonMaker().make(*tree) : std::nullopt;
}

std::uint32_t Automaton::class_of(std::uint32_t code_point) const {
    const auto next = std::ranges::upper_bound(begins_, code_point);
    return classes_[static_cast<std::size_t>(next - begins_.begin() - 1)];
}

bool Automaton::is_found_in(std::string_view text) const {
    std::uint32_t state = start_;
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end && state > found_) {
        const auto byte = static_cast<unsigned char>(*at);
        if (byte < 0x80) {
            state = next_.data()[state + direct_.data()[byte]];
            ++at;
            continue;
        }
        const std::string_view rest(at, static_cast<std::size_t>(end - at));
        const std::uint32_t c = first_code_point(rest);
        state = next_.data()[state + (c < kDirect ? direct_.data()[c] : class_of(c))];
        at += code_point_bytes(rest);
    }
    return state == found_ || (state != kNeverFound && found_at_end_[state / width_]);
}

}  // namespace parmana::cel
