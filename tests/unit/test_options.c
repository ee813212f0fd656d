/* Sources: src/user/lib/options.c src/user/lib/util.c */
/* Arguments in the order people type them, as the ones getopt() reads. */
#include "tests/unit/host.h"
#include "src/user/lib/options.h"
#include <stdlib.h>
#include <string.h>

static void expect(const char *typed, const char *wanted)
{
    char text[256], got[256] = "", *argv[32] = { "tool" };
    int argc = 1;
    strcpy(text, typed);
    for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    options_arrange(argc, argv, "rfvt:S:i::-", "recursive=r force=f verbose=v version=V target-directory=t suffix=S in-place=i");
    for (int i = 1; i < argc; i++) {
        strcat(strcat(got, i > 1 ? " " : ""), argv[i]);
        if (argv[i] < text || argv[i] >= text + sizeof text)
            free(argv[i]);
    }
    assert_string_equal(got, wanted);
}

static void test_options_come_first(void **state)
{
    expect("", "");
    expect("a b", "a b");
    expect("a -r b", "-r a b");
    expect("a -t d b -fv", "-t d -fv a b");
    expect("a -rtd b", "-rtd a b");
    expect("a -rt d b", "-rt d a b");
    expect("a -t", "-t a");
    expect("a - b -r", "-r a - b");
    expect("a -r -- -b -f", "-r -- a -b -f");
    expect("-- -r", "-- -r");
    expect("a -i b", "-i a b");
    expect("a -i.bak b", "-i.bak a b");
}

static void test_commands_keep_theirs(void **state)
{
    char *argv[] = { "tool", "--force", "--target-directory", "d", "command", "--recursive", "-f", "--", "x", NULL };
    options_arrange(9, argv, "+rft:", "recursive=r force=f target-directory=t");
    assert_string_equal(argv[1], "-f");
    assert_string_equal(argv[2], "-t");
    assert_string_equal(argv[4], "command");
    assert_string_equal(argv[5], "--recursive");
    assert_string_equal(argv[7], "--");
    free(argv[1]);
    free(argv[2]);
}

static void test_long_names(void **state)
{
    expect("a --force", "-f a");
    expect("a --target-directory=d", "-td a");
    expect("a --target-directory d b", "-t d a b");
    expect("--recu a", "-r a");
    expect("--ver a", "--ver a"); /* two begin so */
    expect("--nonsense a", "--nonsense a");
    expect("--force=yes a", "--force=yes a");
    expect("--target-directory= a", "--target-directory= a"); /* "-t" would take the a */
    expect("--in-place= a", "-i a");
    expect("--in-place=.o a", "-i.o a");
    expect("--in-place a", "-i a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options_come_first),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_commands_keep_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
