// Time zones. zones_expected.txt holds what Python's zoneinfo says (tools/zones.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "civil/civil.hpp"
#include "civil/zone_tables.hpp"

namespace parmana::civil {
namespace {

std::int32_t offset_at(std::string_view zone, std::string_view time) {
    return find_zone(zone).value().offset_seconds(parse_rfc3339(time).value().seconds).value();
}

TEST(Zones, AgreeWithPythonsZoneinfo) {
    std::ifstream file(PARMANA_SOURCE_DIR "/src/civil/zones_expected.txt");
    std::string name;
    std::int64_t seconds = 0;
    std::int32_t offset = 0;
    std::set<std::string> names;
    int rows = 0;
    while (file.peek() == '#')
        std::getline(file, name);
    while (file >> name >> seconds >> offset) {
        const auto zone = find_zone(name);
        ASSERT_TRUE(zone.has_value()) << name;
        EXPECT_EQ(zone->offset_seconds(seconds), offset) << name << ' ' << seconds;
        names.insert(name);
        ++rows;
    }
    EXPECT_TRUE(file.eof()) << name;
    EXPECT_GE(rows, 300);
    EXPECT_GE(names.size(), 60u);
}

TEST(Zones, ChangeTheirOffsetAtTheSecond) {
    struct Row {
        std::string_view zone, time;
        std::int32_t before, from;
    };
    const std::vector<Row> rows = {
        {"America/New_York", "2006-04-02T07:00:00Z", -18'000, -14'400},  // an explicit change
        {"America/New_York", "2025-03-09T07:00:00Z", -18'000, -14'400},  // by rule from here
        {"America/New_York", "2025-11-02T06:00:00Z", -14'400, -18'000},
        {"Europe/Berlin", "1980-04-06T01:00:00Z", 3'600, 7'200},
        {"Europe/Berlin", "2100-03-28T01:00:00Z", 3'600, 7'200},
        {"Europe/Berlin", "9999-10-31T01:00:00Z", 7'200, 3'600},
        {"Europe/Dublin", "2030-03-31T01:00:00Z", 0, 3'600},  // winter time is the exception here
        {"Europe/Dublin", "2030-10-27T01:00:00Z", 3'600, 0},
        {"Australia/Lord_Howe", "2040-03-31T15:00:00Z", 39'600, 37'800},  // half an hour
        {"Australia/Lord_Howe", "2040-10-06T15:30:00Z", 37'800, 39'600},
        {"Pacific/Chatham", "2040-03-31T14:00:00Z", 49'500, 45'900},
        {"America/Nuuk", "2040-03-25T01:00:00Z", -7'200, -3'600},        // an hour before a Sunday begins
        {"America/Santiago", "2040-04-08T03:00:00Z", -10'800, -14'400},  // the south
        {"America/Santiago", "2040-09-02T04:00:00Z", -14'400, -10'800},
        {"Asia/Gaza", "2090-03-25T00:00:00Z", 7'200, 10'800},       // 50 hours after a Thursday began
        {"Africa/Casablanca", "2087-05-11T02:00:00Z", 0, 3'600},    // the last explicit change of all
        {"Africa/Monrovia", "1972-01-07T00:44:30Z", -2'670, 0},     // seconds
        {"Pacific/Apia", "2011-12-30T10:00:00Z", -36'000, 50'400},  // a day left out
        {"Asia/Pyongyang", "2018-05-04T15:00:00Z", 30'600, 32'400},
        {"Antarctica/Troll", "2050-03-27T01:00:00Z", 0, 7'200},
    };
    for (const auto& [name, time, before, from] : rows) {
        const auto zone = find_zone(name);
        ASSERT_TRUE(zone.has_value()) << name;
        const std::int64_t seconds = parse_rfc3339(time).value().seconds;
        EXPECT_EQ(zone->offset_seconds(seconds - 1), before) << name << ' ' << time;
        EXPECT_EQ(zone->offset_seconds(seconds), from) << name << ' ' << time;
        EXPECT_EQ(zone->offset_seconds(seconds + 1), from) << name << ' ' << time;
    }
}

TEST(Zones, HaveNoAnswerBefore1970UnlessTheyNeverChanged) {
    for (const char* name : {"Europe/Berlin", "America/New_York", "Africa/Abidjan", "Asia/Tokyo", "GB"}) {
        EXPECT_EQ(find_zone(name)->offset_seconds(-1), std::nullopt) << name;
        EXPECT_EQ(find_zone(name)->offset_seconds(kInstantMin.seconds), std::nullopt) << name;
        EXPECT_NE(find_zone(name)->offset_seconds(0), std::nullopt) << name;
    }
    for (const char* name : {"UTC", "Etc/UTC", "GMT", "Zulu", "Etc/GMT+5", "Etc/GMT-14", "+05:30", "00:00"}) {
        const auto now = find_zone(name)->offset_seconds(1'750'000'000);
        EXPECT_NE(now, std::nullopt) << name;
        EXPECT_EQ(find_zone(name)->offset_seconds(-1), now) << name;
        EXPECT_EQ(find_zone(name)->offset_seconds(kInstantMin.seconds), now) << name;
    }
}

TEST(Zones, HaveNoAnswerOutOfTheRangeOfInstants) {
    for (const char* name : {"UTC", "Europe/Berlin", "America/Santiago", "-05:00"}) {
        EXPECT_EQ(find_zone(name)->offset_seconds(kInstantMin.seconds - 1), std::nullopt) << name;
        EXPECT_EQ(find_zone(name)->offset_seconds(INT64_MIN), std::nullopt) << name;
        EXPECT_EQ(find_zone(name)->offset_seconds(kInstantMax.seconds + 1), std::nullopt) << name;
        EXPECT_EQ(find_zone(name)->offset_seconds(INT64_MAX), std::nullopt) << name;
        EXPECT_NE(find_zone(name)->offset_seconds(kInstantMax.seconds), std::nullopt) << name;
    }
}

TEST(Zones, GoByTheSpellingOfTheDatabase) {
    EXPECT_EQ(offset_at("Europe/Berlin", "2025-07-01T00:00:00Z"), 7'200);
    EXPECT_EQ(offset_at("Asia/Calcutta", "2025-07-01T00:00:00Z"), 19'800);  // a link
    EXPECT_EQ(offset_at("Asia/Kolkata", "2025-07-01T00:00:00Z"), 19'800);
    EXPECT_EQ(offset_at("America/Argentina/Buenos_Aires", "2025-07-01T00:00:00Z"), -10'800);
    EXPECT_EQ(offset_at("Etc/GMT+5", "2025-07-01T00:00:00Z"), -18'000);  // west, as POSIX has it
    EXPECT_EQ(offset_at("CST6CDT", "2025-07-01T00:00:00Z"), -18'000);
    const std::vector<std::string> unknown = {
        "",
        "Z",
        "z",
        "utc",
        "Utc",
        "UTC ",
        " UTC",
        "UTC+1",
        "UTC+01:00",
        "GMT+1",
        "europe/berlin",
        "EUROPE/BERLIN",
        "Europe/Berlin\n",
        "Europe/Berli",
        "Europe/Berlinn",
        "Europe",
        "Europe/",
        "/",
        "CEST",
        "Factory",
        "localtime",
        "posixrules",
        "posix/UTC",
        "right/UTC",
        "posix/Europe/Berlin",
        "leapseconds",
        "tzdata.zi",
        "zone.tab",
        "../UTC",
        "Europe/../UTC",
        ":UTC",
        "CET-1CEST",
        "AAA",
        "zzz",
        "\xff",
        std::string("UTC\0", 4),
        std::string("\0", 1),
    };
    for (const std::string& name : unknown)
        EXPECT_FALSE(find_zone(name).has_value()) << name;
}

TEST(Zones, CanBeFixedOffsets) {
    const std::vector<std::pair<std::string, std::int32_t>> rows = {
        {"00:00", 0},       {"+00:00", 0},      {"-00:00", 0},       {"02:00", 7'200},  {"+02:00", 7'200},
        {"-02:00", -7'200}, {"+05:45", 20'700}, {"-09:30", -34'200}, {"23:59", 86'340}, {"-23:59", -86'340},
    };
    for (const auto& [name, offset] : rows) {
        const auto zone = find_zone(name);
        ASSERT_TRUE(zone.has_value()) << name;
        for (const std::int64_t seconds : {kInstantMin.seconds, std::int64_t{0}, kInstantMax.seconds})
            EXPECT_EQ(zone->offset_seconds(seconds), offset) << name;
    }
    for (const char* name :
         {"24:00", "+24:00", "00:60",  "2:00",     "+2:00",   "0200",    "+0200", "02",
          "+02",   "02:0",   "02:000", "02:00:00", "+-02:00", "--02:00", "+",     "-",
          ":",     "+:",     " 02:00", "02:00 ",   "02:00Z",  "a2:00",   "02-00", "\u221202:00"})
        EXPECT_FALSE(find_zone(name).has_value()) << name;
}

TEST(ZoneTables, HoldNamesInOrderAndEachIsFound) {
    const auto names = zone_names();
    EXPECT_GT(names.size(), 500u);
    EXPECT_TRUE(std::ranges::is_sorted(names, {}, &ZoneName::name));
    EXPECT_EQ(std::ranges::adjacent_find(names, {}, &ZoneName::name), names.end());
    for (const ZoneName& row : names) {
        ASSERT_LT(row.history, zone_histories().size()) << row.name;
        ASSERT_TRUE(find_zone(row.name).has_value()) << row.name;
    }
}

bool is_sound(const YearlyChange& change) {
    return change.month >= 2 && change.month <= 11 && change.week >= 1 && change.week <= 5 &&
           change.day_of_week >= 0 && change.day_of_week <= 6 && change.seconds > -7 * 86'400 &&
           change.seconds < 7 * 86'400;
}

TEST(ZoneTables, HoldChangesThatChangeSomethingInTheirOrder) {
    for (const ZoneHistory& history : zone_histories()) {
        std::int64_t last = 0;
        std::int32_t offset = history.first;
        for (const ZoneChange& change : history.changes) {
            EXPECT_GT(change.at, last);
            EXPECT_NE(change.offset, offset);
            EXPECT_LT(std::abs(change.offset), 86'400);
            last = change.at;
            offset = change.offset;
        }
        const ZoneRule& rule = history.rule;
        if (rule.start.month == 0) {
            EXPECT_EQ(rule.standard, offset);
            EXPECT_EQ(rule.end.month, 0);
        } else {
            EXPECT_TRUE(is_sound(rule.start) && is_sound(rule.end));
            EXPECT_TRUE(rule.standard == offset || rule.daylight == offset);
        }
        EXPECT_TRUE(!history.is_constant || (history.changes.empty() && rule.start.month == 0));
    }
}

// Every zone, twelve decades: offsets are those of civil clocks, and a zone changes at most twelve times a
// year.
TEST(Zones, AnswerEveryTimeFrom1970On) {
    for (const ZoneName& row : zone_names()) {
        const Zone zone = find_zone(row.name).value();
        for (std::int64_t seconds = 0; seconds < 4'102'444'800; seconds += 1'000'003) {
            const auto offset = zone.offset_seconds(seconds);
            ASSERT_TRUE(offset.has_value()) << row.name << ' ' << seconds;
            ASSERT_LE(std::abs(*offset), 14 * 3'600) << row.name << ' ' << seconds;
        }
    }
}

TEST(Zones, NameTheReleaseOfTheirData) {
    const std::string_view version = zone_data_version();
    ASSERT_EQ(version.size(), 5u);
    EXPECT_GE(version, "2025b");
    EXPECT_TRUE(version.back() >= 'a' && version.back() <= 'z');
}

}  // namespace
}  // namespace parmana::civil
