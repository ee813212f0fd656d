/* See versions.h. */
#include "versions.h"

#include <ctype.h>
#include <string.h>

/* Numbers in names count as numbers: file9 before file10 (strverscmp(3)'s idea, without its zeros). */
int version_compare(const char *a, const char *b)
{
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            a += strspn(a, "0"), b += strspn(b, "0");
            size_t n = strspn(a, "0123456789"), m = strspn(b, "0123456789");
            int order = n != m ? (n > m) - (n < m) : memcmp(a, b, n);
            if (order)
                return order;
            a += n, b += m;
        } else if (*a != *b) {
            return (unsigned char)*a - (unsigned char)*b;
        } else {
            a++, b++;
        }
    }
    return (unsigned char)*a - (unsigned char)*b;
}
