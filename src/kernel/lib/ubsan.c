/* make UBSAN=1: the compiler checks at run time what C leaves undefined (shifts too far, signed overflow,
 * indices outside of an array, ...) and calls one of these when it happened. Each gets first where that was,
 * then facts that differ; all end in a panic, for undefined behaviour in the kernel is our bug.
 *
 * Names and the record are the compiler's: GCC, libsanitizer/ubsan/ubsan_handlers.h. */
#include "lib/assert.h"

struct source_location { const char *file; u32 line, column; };

static NORETURN void undefined(const char *what, const struct source_location *at)
{
    panic("undefined behaviour, %s, at %s:%u:%u", what, at->file, at->line, at->column);
}

#define HANDLER(name, what)                                                                       \
    NORETURN void __ubsan_handle_##name##_abort(const struct source_location *at);                \
    NORETURN void __ubsan_handle_##name##_abort(const struct source_location *at) { undefined(what, at); }

/* Behind what does not return the compiler names no way on. */
NORETURN void __ubsan_handle_builtin_unreachable(const struct source_location *at);

NORETURN void __ubsan_handle_builtin_unreachable(const struct source_location *at)
{
    undefined("a place never reached", at);
}

HANDLER(add_overflow, "signed +")
HANDLER(sub_overflow, "signed -")
HANDLER(mul_overflow, "signed *")
HANDLER(negate_overflow, "signed negation")
HANDLER(divrem_overflow, "division")
HANDLER(shift_out_of_bounds, "shift")
HANDLER(out_of_bounds, "index")
HANDLER(pointer_overflow, "pointer that wraps")
HANDLER(type_mismatch_v1, "pointer too near the end of its object")
HANDLER(load_invalid_value, "value that the type has not")
HANDLER(vla_bound_not_positive, "array of no length")
HANDLER(nonnull_arg, "null argument")
HANDLER(invalid_builtin, "zero to a count of zeroes")
