/* sed's options, and its memory. See sed.h. */
#include "sed.h"

#include "../lib/options.h"
#include "../lib/util.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool silent, extended, in_place, separate, substituted;
const char *kept_suffix;
char line_end = '\n';
unsigned visible_width = 70;
struct buffer space;
int exit_code;

void wrong(const char *what)
{
    warn_text("script", what);
    exit(1);
}

void *get(void *p)
{
    if (!p)
        die("memory");
    return p;
}

void buffer_add(struct buffer *b, const char *text, size_t len)
{
    if (b->len + len + 1 > b->size) {
        b->size = (b->len + len + 1) * 2;
        b->text = get(realloc(b->text, b->size));
    }
    memcpy(b->text + b->len, text, len);
    b->len += len;
    b->text[b->len] = 0;
}

void buffer_set(struct buffer *b, const char *text, size_t len)
{
    b->len = 0;
    buffer_add(b, text, len);
}

int main(int argc, char **argv)
{
    static char *standard[] = { "-" };
    bool have_script = false;
    static const char letters[] = "nErszui::e:f:l:";
    uint64_t number;
    tool_init(argv, "usage: sed [-nEszu] [-i[SUFFIX]] [-l COLUMNS] SCRIPT [FILE...]\n"
                    "       sed [-nEszu] [-i[SUFFIX]] [-e SCRIPT]... [-f FILE]... [FILE...]\n"
                    "Edit lines. -n: print only what p says, -E: extended expressions, -s: files one by one,\n"
                    "-i: change the files themselves (and keep the old ones as FILE+SUFFIX), -z: lines end in a zero, -u: no line waits,\n"
                    "-l: width of what l prints.\n"
                    "Commands: s/RE/TEXT/[gpiN] p d q[N] a i c TEXT, = l n N D P g G h H x y/AB/CD/ { } b t T :LABEL r w FILE\n"
                    "Addresses: N $ /RE/ FIRST~STEP, two of them with ',' or FIRST,+N; ! turns them round.\n");
    options_arrange(argc, argv, letters,
                    "quiet=n silent=n regexp-extended=E separate=s in-place=i null-data=z unbuffered=u "
                    "expression=e file=f line-length=l");
    for (int c; (c = getopt(argc, argv, letters)) != -1;) {
        if (c == '?' || (c == 'l' && (!parse_u64(optarg, &number) || number > 100000)))
            die_usage();
        visible_width = c == 'l' ? (unsigned)number : visible_width;
        line_end = c == 'z' ? 0 : line_end;
        kept_suffix = c == 'i' && optarg ? optarg : kept_suffix;
        if (c == 'u')
            setvbuf(stdout, NULL, _IOLBF, 0);
        silent |= c == 'n', extended |= c == 'E' || c == 'r', separate |= c == 's' || c == 'i', in_place |= c == 'i';
        have_script |= c == 'e' || c == 'f';
        if (c == 'e')
            add_script(optarg);
        if (c == 'f')
            add_script_file(optarg);
    }
    if (!have_script) {
        if (optind == argc)
            die_usage();
        add_script(argv[optind++]);
    }
    read_script();
    inputs = optind < argc ? argv + optind : standard;
    ninputs = optind < argc ? argc - optind : 1;
    output = stdout;
    if (separate)
        edit_separately();
    else
        edit();
    return flush_output() ? 4 : exit_code;
}
