#include <gtest/gtest.h>

#include <vector>

#include "note/note.hpp"

namespace parmana::note {
namespace {

const std::string kDash = "\xe2\x80\x94 ";

std::string line(const std::string& name, const std::string& payload = "hint and bytes") {
    return kDash + name + " " + to_base64(payload) + "\n";
}
std::string lines(int count) {
    std::string out;
    for (int i = 0; i < count; ++i)
        out += line("name" + std::to_string(i));
    return out;
}

void expect_refused(const std::string& note) {
    const auto parsed = parse_note(note);
    ASSERT_FALSE(parsed) << note;
    EXPECT_EQ(parsed.error().code, Code::member_invalid);
    EXPECT_EQ(parsed.error().detail.find('\n'), std::string::npos);
}

TEST(ParseNote, GivesTextAndSignatures) {
    const auto note = parse_note("a\nb\n\n" + line("one", "\x01\x02\x03\x04rest") + line("two", "wxyzq"));
    ASSERT_TRUE(note) << note.error().detail;
    EXPECT_EQ(note->text, "a\nb\n");
    ASSERT_EQ(note->signatures.size(), 2u);
    EXPECT_EQ(note->signatures[0].name, "one");
    EXPECT_EQ(note->signatures[0].key_hint, 0x01020304u);
    EXPECT_EQ(note->signatures[0].signature, "rest");
    EXPECT_EQ(note->signatures[1].name, "two");
    EXPECT_EQ(note->signatures[1].signature, "q");
}

TEST(ParseNote, IsSplitAtTheLastBlankLine) {
    const std::string inner = "text\n\n" + line("inner");
    const auto note = parse_note(inner + "\n" + line("outer"));
    ASSERT_TRUE(note);
    EXPECT_EQ(note->text, inner);
    ASSERT_EQ(note->signatures.size(), 1u);
    EXPECT_EQ(note->signatures[0].name, "outer");
}

TEST(ParseNote, TakesOneToSixteenSignatures) {
    expect_refused("text\n\n");
    EXPECT_TRUE(parse_note("text\n\n" + lines(1)));
    EXPECT_TRUE(parse_note("text\n\n" + lines(16)));
    expect_refused("text\n\n" + lines(17));
}

TEST(ParseNote, TakesAtMost64KiB) {
    const std::string end = "\n\n" + line("name");
    const std::string fits(64 * 1024 - end.size(), 'x');
    EXPECT_TRUE(parse_note(fits + end));
    expect_refused(fits + "x" + end);
}

TEST(ParseNote, RefusesAnotherShape) {
    const std::string good = "text\n\n" + line("name");
    ASSERT_TRUE(parse_note(good));
    for (std::size_t size = 0; size < good.size(); ++size)
        expect_refused(good.substr(0, size));
    const std::vector<std::string> notes = {
        "text\n" + line("name"),                      // no blank line
        good + "\n",                                  // a second one at the end
        good + "more\n",                              // a line that is no signature
        "text\n\n- name aGludGhpbnQ=\n",              // another dash
        "text\n\n\xe2\x80\x94name aGludGhpbnQ=\n",    // no space behind it
        "text\n\n" + kDash + "name\n",                // no signature
        "text\n\n" + kDash + "name \n",               // an empty one
        "text\n\n" + kDash + " aGludGhpbnQ=\n",       // no name
        "text\n\n" + line("name", "hint"),            // nothing behind the hint
        "text\n\n" + kDash + "na me aGludGhpbnQ=\n",  // white space in the name
        "text\n\n" + line("na+me"),                   // the separator of verifier keys
        "text\n\n" + line("na\xc2\xa0me"),            // no-break space
        "text\n\n" + line("na\xe3\x80\x80me"),        // ideographic space
        "text\n\n" + line("na\xe2\x80\x89me"),        // thin space
        "text\n\n" + kDash + "name  aGludGhpbnQ=\n",  // two spaces
        "text\n\n" + kDash + "name aGludGhpbnQ= \n",  // a space at the end
        "text\n\n" + kDash + "name aGludGhpbnR=\n",   // unused bits set
        "text\n\n" + kDash + "name aGludGhpbnQ\n",    // no padding
        "text\n\n" + kDash + "name aGlu_Ghp\n",       // the alphabet for URLs
        "te\rxt\r\n\r\n" + line("name"),              // other line ends
        "te\txt\n\n" + line("name"),                  // control characters
        "te" + std::string(1, '\0') + "xt\n\n" + line("name"),
    };
    for (const std::string& note : notes)
        expect_refused(note);
}

TEST(ParseNote, RefusesWhatIsNotUtf8) {
    for (const char* text :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xef\xbf",
          "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
        expect_refused(std::string(text) + "\n\n" + line("name"));
        expect_refused("text\n\n" + line(std::string("name") + text));
    }
    for (const char* text : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                             "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\x7f"}) {
        EXPECT_TRUE(parse_note(std::string(text) + "\n\n" + line("name"))) << text;
    }
}

}  // namespace
}  // namespace parmana::note
