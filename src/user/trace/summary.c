/* -c: how often each call was made, how long it took, how often it failed. */
#include "trace.h"

#include <stdlib.h>

struct row { uint64_t nr, calls, errors, ns; };
static struct row *rows;
static size_t nrows;

static struct row *row_of(uint64_t nr)
{
    for (size_t i = 0; i < nrows; i++)
        if (rows[i].nr == nr)
            return &rows[i];
    struct row *more = realloc(rows, (nrows + 1) * sizeof *rows);
    if (!more)
        return NULL;
    rows = more;
    rows[nrows] = (struct row){ .nr = nr };
    return &rows[nrows++];
}

void summary_add(uint64_t nr, uint64_t ns, bool failed)
{
    struct row *r = row_of(nr);
    if (!r)
        return;
    r->calls++;
    r->errors += failed;
    r->ns += ns;
}

static int by_time(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    return x->ns < y->ns ? 1 : x->ns > y->ns ? -1 : (x->nr > y->nr) - (x->nr < y->nr);
}

static void put_row(const struct row *r, uint64_t all_ns, const char *name)
{
    fprintf(options.out, "%6.2f %11.6f %11llu %9llu ", all_ns ? 100.0 * (double)r->ns / (double)all_ns : 0, (double)r->ns / 1e9,
            (unsigned long long)(r->calls ? r->ns / r->calls / 1000 : 0), (unsigned long long)r->calls);
    if (r->errors)
        fprintf(options.out, "%9llu %s\n", (unsigned long long)r->errors, name);
    else
        fprintf(options.out, "%9s %s\n", "", name);
}

void summary_put(void)
{
    static const char line[] = "------ ----------- ----------- --------- --------- ----------------\n";
    struct row all = { 0 };
    if (nrows)
        qsort(rows, nrows, sizeof *rows, by_time);
    for (size_t i = 0; i < nrows; i++) {
        all.calls += rows[i].calls;
        all.errors += rows[i].errors;
        all.ns += rows[i].ns;
    }
    fprintf(options.out, "%% time     seconds  usecs/call     calls    errors syscall\n%s", line);
    for (size_t i = 0; i < nrows; i++)
        put_row(&rows[i], all.ns, call_name(rows[i].nr));
    fputs(line, options.out);
    put_row(&all, all.ns, "total");
}
