/* Numbers of Linux to names. */
#include "trace.h"

#include <errno.h>

#define N(name) [name] = #name
static const char *const errors[] = {
    N(EPERM), N(ENOENT), N(ESRCH), N(EINTR), N(EIO), N(ENXIO), N(E2BIG), N(ENOEXEC), N(EBADF), N(ECHILD), N(EAGAIN),
    N(ENOMEM), N(EACCES), N(EFAULT), N(ENOTBLK), N(EBUSY), N(EEXIST), N(EXDEV), N(ENODEV), N(ENOTDIR), N(EISDIR),
    N(EINVAL), N(ENFILE), N(EMFILE), N(ENOTTY), N(ETXTBSY), N(EFBIG), N(ENOSPC), N(ESPIPE), N(EROFS), N(EMLINK),
    N(EPIPE), N(EDOM), N(ERANGE), N(EDEADLK), N(ENAMETOOLONG), N(ENOLCK), N(ENOSYS), N(ENOTEMPTY), N(ELOOP),
    N(ENODATA), N(ETIME), N(EPROTO), N(EBADMSG), N(EOVERFLOW), N(EILSEQ), N(EUSERS), N(ENOTSOCK), N(EDESTADDRREQ),
    N(EMSGSIZE), N(EPROTOTYPE), N(ENOPROTOOPT), N(EPROTONOSUPPORT), N(ESOCKTNOSUPPORT), N(EOPNOTSUPP), N(EPFNOSUPPORT),
    N(EAFNOSUPPORT), N(EADDRINUSE), N(EADDRNOTAVAIL), N(ENETDOWN), N(ENETUNREACH), N(ENETRESET), N(ECONNABORTED),
    N(ECONNRESET), N(ENOBUFS), N(EISCONN), N(ENOTCONN), N(ESHUTDOWN), N(ETIMEDOUT), N(ECONNREFUSED), N(EHOSTDOWN),
    N(EHOSTUNREACH), N(EALREADY), N(EINPROGRESS), N(ESTALE), N(EDQUOT), N(ENOMEDIUM), N(EMEDIUMTYPE), N(ECANCELED),
    N(EOWNERDEAD), N(ENOTRECOVERABLE),
    /* What a tracer alone sees: the call is begun anew unless a handler runs. */
    [512] = "ERESTARTSYS", [513] = "ERESTARTNOINTR", [514] = "ERESTARTNOHAND", [516] = "ERESTART_RESTARTBLOCK",
};

const char *errno_name(int error)
{
    return error > 0 && (size_t)error < sizeof errors / sizeof *errors && errors[error] ? errors[error] : "E?";
}

static const char *const signals[] = {
    N(SIGHUP), N(SIGINT), N(SIGQUIT), N(SIGILL), N(SIGTRAP), N(SIGABRT), N(SIGBUS), N(SIGFPE), N(SIGKILL), N(SIGUSR1),
    N(SIGSEGV), N(SIGUSR2), N(SIGPIPE), N(SIGALRM), N(SIGTERM), N(SIGSTKFLT), N(SIGCHLD), N(SIGCONT), N(SIGSTOP),
    N(SIGTSTP), N(SIGTTIN), N(SIGTTOU), N(SIGURG), N(SIGXCPU), N(SIGXFSZ), N(SIGVTALRM), N(SIGPROF), N(SIGWINCH),
    N(SIGIO), N(SIGPWR), N(SIGSYS),
};

const char *signal_name(int sig)
{
    static char text[24];
    if (sig > 0 && (size_t)sig < sizeof signals / sizeof *signals && signals[sig])
        return signals[sig];
    snprintf(text, sizeof text, sig >= 32 && sig <= 64 ? "SIGRT_%d" : "%d", sig >= 32 ? sig - 32 : sig);
    return text;
}

void put_flags(const struct name *names, size_t n, uint64_t value, const char *zero)
{
    const char *separator = "";
    if (value == 0) {
        fputs(zero, options.out);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (!names[i].value || (value & names[i].value) != names[i].value)
            continue;
        fprintf(options.out, "%s%s", separator, names[i].name);
        value &= ~names[i].value;
        separator = "|";
    }
    if (value)
        fprintf(options.out, "%s%#llx", separator, (unsigned long long)value);
}

void put_choice(const struct name *names, size_t n, uint64_t value)
{
    for (size_t i = 0; i < n; i++)
        if (names[i].value == value) {
            fputs(names[i].name, options.out);
            return;
        }
    fprintf(options.out, value > 9 ? "%#llx" : "%llu", (unsigned long long)value);
}
