/* language.c - what the engine says is there in every language, and every translation takes the same arguments. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../repl/text/language.h"

static void is_translated(const char *english) {
    for (Language language = LANGUAGE_EN + 1; language < LANGUAGE_COUNT; language++)
        if (translated(language, english) == english) fail_msg("%s: not in %s", english, language_name(language));
    assert_ptr_equal(translated(LANGUAGE_EN, english), english);
}

static void sentences_are_translated(void **state) {
    (void)state;
    for (State s = 0; s < STATE_COUNT; s++) is_translated(state_summary(s));
    for (DropReason reason = DROP_NONE + 1; reason < DROP_REASONS; reason++) is_translated(drop_text(reason));
    static const char unknown[] = "nothing of the kind";
    assert_ptr_equal(translated(LANGUAGE_ZH_CN, unknown), unknown);
}

static void all_outcomes(bool brief) {
    for (Outcome outcome = OUTCOME_TAKEN; outcome < OUTCOME_COUNT; outcome++)
        for (int64_t value = 0; value < 5; value++)
            for (Language language = LANGUAGE_EN + 1; language < LANGUAGE_COUNT; language++) {
                Text english = TEXT_EMPTY, other = TEXT_EMPTY;
                text_outcome(&english, LANGUAGE_EN, outcome, value, brief);
                text_outcome(&other, language, outcome, value, brief);
                if (strcmp(text_string(&english), text_string(&other)) == 0)
                    fail_msg("%s: not in %s", text_string(&english), language_name(language));
                text_free(&english);
                text_free(&other);
            }
}

static void outcomes_are_translated(void **state) {
    (void)state;
    all_outcomes(false);
    all_outcomes(true);
    Text text = TEXT_EMPTY;
    text_outcome(&text, LANGUAGE_ZH_CN, OUTCOME_DUPLICATE_ACK, 2, false);
    assert_string_equal(text_string(&text), "重复 ACK 2/3");
    text_free(&text);
}

/* "%lld%d": the conversions of a format, in order. */
static void conversions(const char *format, char *found, size_t size) {
    size_t length = 0;
    found[0] = '\0';
    for (const char *at = strchr(format, '%'); at; at = strchr(at, '%')) {
        size_t more = 1 + strspn(at + 1, "0123456789.hl") + 1;
        assert_true(length + more < size);
        memcpy(found + length, at, more);
        found[length += more] = '\0';
        at += more;
    }
}

static void translations_fit(void **state) {
    (void)state;
    for (size_t i = 0; translation_at(i, LANGUAGE_EN); i++) {
        const char *english = translation_at(i, LANGUAGE_EN);
        char wanted[64], found[64];
        conversions(english, wanted, sizeof wanted);
        for (Language language = 0; language < LANGUAGE_COUNT; language++) {
            conversions(translation_at(i, language), found, sizeof found);
            if (strcmp(wanted, found) != 0) fail_msg("%s: other arguments in %s", english, language_name(language));
        }
        for (size_t k = 0; k < i; k++) assert_string_not_equal(english, translation_at(k, LANGUAGE_EN));
    }
}

static void languages_have_names(void **state) {
    (void)state;
    for (Language language = 0; language < LANGUAGE_COUNT; language++)
        assert_int_equal(language_of(language_name(language)), language);
    assert_int_equal(language_of("zh_TW.UTF-8"), LANGUAGE_ZH_TW);
    assert_int_equal(language_of("fr_FR"), LANGUAGE_EN);
    assert_int_equal(language_of(NULL), LANGUAGE_EN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_are_translated),
        cmocka_unit_test(outcomes_are_translated),
        cmocka_unit_test(translations_fit),
        cmocka_unit_test(languages_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
