/* Reading cpio archives of the "newc" kind (magic 070701; 070702 has a checksum of the data), as
 * Linux's Documentation/driver-api/early-userspace/buffer-format.rst describes them. Pure.
 *
 * Several archives may follow each other with zeroes between. Files with several names carry their
 * data with one of them: the first name met is reported as the file with its data, the others as
 * hard links to it. */
#include "lib/errno.h"
#include "lib/format.h"
#include "lib/string.h"
#include "vfs/archive_priv.h"

#define KIND "newc"
#define HEADER 110u /* magic and 13 fields of 8 hexadecimal digits */
#define NAME_LIMIT 4096u

enum field { F_INO, F_MODE, F_UID, F_GID, F_NLINK, F_MTIME, F_SIZE, F_MAJOR, F_MINOR, F_RMAJOR, F_RMINOR, F_NAMESIZE,
             F_CHECK, FIELDS };

struct record {
    u32 field[FIELDS];
    const char *name;
    size_t name_len;
    const u8 *data;
    u64 next; /* offset of the record behind */
};

struct reader {
    const u8 *data;
    u64 size, at;
    u64 shared; /* the first record of this archive whose file may have more names */
    bool has_shared;
    struct newc_indexes *index;    /* of such records; NULL: none */
    u64 names_beyond, data_beyond; /* the first ones that did not go in */
    char *error;
};

static int damaged(struct reader *r, const char *what) { return archive_damaged(r->error, KIND, what, r->at); }

static bool hex8(const u8 *p, u32 *out)
{
    u32 v = 0;
    for (int i = 0; i < 8; i++) {
        u8 c = p[i], lower = c | 0x20;
        if (c >= '0' && c <= '9')
            v = v << 4 | (u32)(c - '0');
        else if (lower >= 'a' && lower <= 'f')
            v = v << 4 | (u32)(lower - 'a' + 10);
        else
            return false;
    }
    *out = v;
    return true;
}

static bool magic_ok(const u8 *p) { return memcmp(p, "07070", 5) == 0 && (p[5] == '1' || p[5] == '2'); }

bool newc_detect(const void *data, u64 size) { return size >= HEADER && magic_ok(data); }

/* Takes the record at offset `at` apart; NULL or what is wrong with it. */
static const char *record_read(const struct reader *r, u64 at, struct record *rec)
{
    const u8 *h = r->data + at;
    u64 left = r->size - at;
    if (left < HEADER)
        return "archive cut off (no end mark)";
    if (!magic_ok(h))
        return "bad magic";
    for (int i = 0; i < FIELDS; i++)
        if (!hex8(h + 6 + 8 * i, &rec->field[i]))
            return "bad number in the header";
    u64 name_size = rec->field[F_NAMESIZE], size = rec->field[F_SIZE];
    if (name_size == 0 || name_size > NAME_LIMIT)
        return "bad length of a name";
    /* 32-bit fields: none of these sums can wrap. */
    u64 data_at = ROUND_UP(HEADER + name_size, 4);
    if (data_at > left || size > left - data_at)
        return "archive cut off inside an entry";
    rec->name = (const char *)h + HEADER;
    rec->name_len = name_size - 1;
    if (rec->name[name_size - 1] != 0)
        return "name without an end";
    rec->data = h + data_at;
    rec->next = at + MIN(ROUND_UP(data_at + size, 4), left); /* the last padding may be missing */
    return NULL;
}

static bool is_trailer(const struct record *rec)
{
    return rec->name_len == 10 && memcmp(rec->name, "TRAILER!!!", 10) == 0;
}

static bool is_shared(const struct record *rec)
{
    return (rec->field[F_MODE] & 0170000) == 0100000 && rec->field[F_NLINK] > 1;
}

static bool same_file(const struct record *a, const struct record *b)
{
    return is_shared(b) && a->field[F_INO] == b->field[F_INO] && a->field[F_MAJOR] == b->field[F_MAJOR] &&
        a->field[F_MINOR] == b->field[F_MINOR];
}

static bool find_from(const struct reader *r, u64 at, const struct record *rec, struct record *first)
{
    for (; at < r->at && !record_read(r, at, first); at = first->next)
        if (same_file(rec, first))
            return true;
    return false;
}

static u32 hash_of(const struct record *rec)
{
    u64 key = (rec->field[F_INO] ^ (u64)rec->field[F_MAJOR] << 48 ^ (u64)rec->field[F_MINOR] << 32) * 0x9e3779b97f4a7c15ull;
    return (u32)(key >> 32);
}

/* Where rec's file is in the index; else *room is where it may be put. A slot is an offset and one; what an earlier
 * archive left in it is not read any more, and gives its slot away. */
static bool index_find(const struct reader *r, struct newc_index *ix, const struct record *rec, struct record *found,
                       u64 **room)
{
    u32 mask = ix->nslots - 1, i = hash_of(rec) & mask;
    *room = NULL;
    for (; ix->slots[i]; i = (i + 1) & mask) {
        u64 at = ix->slots[i] - 1;
        if (at < r->shared)
            *room = *room ? *room : &ix->slots[i];
        else if (!record_read(r, at, found) && same_file(rec, found))
            return true;
    }
    *room = *room ? *room : &ix->slots[i];
    return false;
}

/* What does not go in is found by reading on from *beyond. */
static void index_add(struct newc_index *ix, u64 *room, u64 at, u64 *beyond)
{
    if (!*room && ix->used >= ix->nslots / 4 * 3) {
        *beyond = MIN(*beyond, at);
        return;
    }
    ix->used += !*room;
    *room = at + 1;
}

/* Other names of the same file: the first one before rec, or the first with data from rec on. */
static bool find_name(struct reader *r, const struct record *rec, struct record *first)
{
    u64 *room;
    if (!r->index)
        return find_from(r, r->shared, rec, first);
    if (index_find(r, &r->index->names, rec, first, &room) || find_from(r, r->names_beyond, rec, first))
        return true;
    index_add(&r->index->names, room, r->at, &r->names_beyond);
    return false;
}

static void find_data(const struct reader *r, struct record *rec)
{
    struct record other;
    u64 *room, at = r->index ? r->data_beyond : rec->next;
    if (rec->field[F_SIZE])
        return;
    bool found = r->index && index_find(r, &r->index->data, rec, &other, &room);
    for (; !found && at < r->size && !record_read(r, at, &other) && !is_trailer(&other); at = other.next)
        found = other.field[F_SIZE] && same_file(rec, &other);
    if (found) {
        rec->field[F_SIZE] = other.field[F_SIZE];
        rec->data = other.data;
    }
}

/* Once for each archive, from its first shared file on. */
static void index_data(struct reader *r)
{
    struct record rec, other;
    u64 *room;
    for (u64 at = r->shared; r->index && !record_read(r, at, &rec) && !is_trailer(&rec); at = rec.next)
        if (is_shared(&rec) && rec.field[F_SIZE] && !index_find(r, &r->index->data, &rec, &other, &room))
            index_add(&r->index->data, room, at, &r->data_beyond);
}

static bool checksum_ok(const struct reader *r, const struct record *rec)
{
    u32 sum = 0;
    if (r->data[r->at + 5] != '2' || (rec->field[F_MODE] & 0170000) != 0100000)
        return true;
    for (u32 i = 0; i < rec->field[F_SIZE]; i++)
        sum += rec->data[i];
    return sum == rec->field[F_CHECK];
}

static void note_shared(struct reader *r, const struct record *rec)
{
    if (r->has_shared || !is_shared(rec))
        return;
    r->has_shared = true;
    r->shared = r->at;
    r->names_beyond = r->data_beyond = UINT64_MAX;
    index_data(r);
}

static int report(struct reader *r, struct record *rec, archive_fn fn, void *ctx)
{
    note_shared(r, rec);
    const u32 *f = rec->field;
    u32 type = f[F_MODE] & 0170000;
    struct archive_entry e = {
        .path = rec->name, .path_len = rec->name_len, .mode = f[F_MODE] & 0177777, .uid = f[F_UID], .gid = f[F_GID],
        .major = f[F_RMAJOR], .minor = f[F_RMINOR], .mtime_s = f[F_MTIME],
        .behind = r->data + (r->has_shared ? r->shared : rec->next),
    };
    struct record first;
    if (!archive_clean_path(&e.path, &e.path_len))
        return damaged(r, "name with \"..\" or NUL");
    if (e.path_len == 0)
        return type == 0040000 ? 0 : damaged(r, "entry without a name");
    if (type == 0120000) {
        e.link = (const char *)rec->data;
        e.link_len = f[F_SIZE];
        if (e.link_len == 0 || e.link_len >= NAME_LIMIT || memchr(e.link, 0, e.link_len))
            return damaged(r, "link without a proper target");
    } else if (type == 0100000 && is_shared(rec) && find_name(r, rec, &first)) {
        e.hardlink = true;
        e.link = first.name;
        e.link_len = first.name_len;
        if (!archive_clean_path(&e.link, &e.link_len))
            return damaged(r, "link target with \"..\" or NUL");
    } else if (type == 0100000) {
        if (is_shared(rec))
            find_data(r, rec);
        e.data = rec->data;
        e.size = rec->field[F_SIZE];
    }
    return fn(&e, ctx);
}

/* Behind a trailer: the next archive, if one follows. */
static bool next_archive(struct reader *r)
{
    while (r->at < r->size && r->data[r->at] == 0)
        r->at++;
    r->has_shared = false;
    return r->at < r->size && newc_detect(r->data + r->at, r->size - r->at);
}

int newc_walk(const void *data, u64 size, archive_fn fn, void *ctx, char error[ARCHIVE_ERROR_MAX])
{
    return newc_walk_indexed(data, size, NULL, fn, ctx, error);
}

int newc_walk_indexed(const void *data, u64 size, struct newc_indexes *index, archive_fn fn, void *ctx,
                      char error[ARCHIVE_ERROR_MAX])
{
    struct reader r = { .data = data, .size = size, .error = error, .index = index };
    struct record rec;
    error[0] = 0;
    for (;;) {
        const char *what = record_read(&r, r.at, &rec);
        if (what)
            return damaged(&r, what);
        if (is_trailer(&rec)) {
            r.at = rec.next;
            if (next_archive(&r))
                continue;
            return r.at == size ? 0 : damaged(&r, "unknown data behind the archive");
        }
        if (!checksum_ok(&r, &rec))
            return damaged(&r, "bad checksum");
        int result = report(&r, &rec, fn, ctx);
        if (result)
            return result;
        r.at = rec.next;
    }
}
