/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CBOR into the tree: every item, whatever a reader would refuse, up to the
 * first byte that cannot be read.  What readers refuse is noted as odd.
 */
#include "inspect.h"

#include <stdlib.h>
#include <string.h>

static const inspect_shape anything = { 0 };

/** What a byte string holds, read as CBOR into the same node. */
static void
read_inside(inspect *in, inspect_node *node, const inspect_shape *inside, const char *tag)
{
    carnet_span content = node->content;
    const char *is = node->is;
    const uint8_t *end;

    if (content.len == 0) {
        node->value = "h''";
        return;
    }
    end = inspect_item(in, node, content, inside);
    node->type = inspect_format("%s<<%s>>", tag, node->type != NULL ? node->type : "?");
    node->value = inspect_format("%s, %zu byte%s", node->value != NULL ? node->value : "not CBOR", content.len,
                                 content.len == 1 ? "" : "s");
    node->content = content;
    node->is = is != NULL ? is : node->is;
    if (end != NULL && end != content.ptr + content.len) {
        inspect_odd(node, "bytes after the end of the item inside");
    }
}

static const uint8_t *
read_string(inspect *in, inspect_node *node, carnet_span cbor, const inspect_head *head, const inspect_shape *shape)
{
    const uint8_t *end;

    node->kind = head->major == 2 ? INSPECT_BSTR : INSPECT_TSTR;
    node->type = head->major == 2 ? "bstr" : "tstr";
    end = inspect_read_content(in, node, cbor, head, shape->secret);
    if (end == NULL) {
        return NULL;
    }
    if (head->major == 3) {
        inspect_show_text(in, node);
        return end;
    }
    if (shape->inside != NULL) {
        read_inside(in, node, shape->inside, "");
        node->kind = INSPECT_BSTR;
        return end;
    }
    node->value = inspect_bytes(in, node->content);
    if (shape->done == NULL) {
        inspect_content(node, node->content);
    }
    return end;
}

/* --- containers --- */

static const char *
counted(uint64_t n, const char *one, const char *many)
{
    return inspect_format("%llu %s", (unsigned long long)n, n == 1 ? one : many);
}

/** A container being read. */
typedef struct walk {
    const inspect_head *head;
    carnet_span rest;
    uint64_t done;
    bool failed;
} walk;

/** Whether an item follows in a container; steps over the break. */
static bool
more(inspect *in, walk *w)
{
    if (!w->head->indefinite) {
        return w->done < w->head->argument;
    }
    if (w->rest.len == 0) {
        inspect_fail(in, CARNET_E_CBOR_TRUNCATED, w->rest.ptr, "the input ends where an item or a break is due");
        w->failed = true;
        return false;
    }
    if (w->rest.ptr[0] == 0xff) {
        w->rest = carnet_span_of(w->rest.ptr + 1, w->rest.len - 1);
        return false;
    }
    return true;
}

/** Read the next item of a container into `child`. */
static bool
step(inspect *in, walk *w, inspect_node *child, const inspect_shape *shape)
{
    const uint8_t *end = inspect_item(in, child, w->rest, shape);

    w->failed = end == NULL;
    w->rest = end != NULL ? inspect_rest(w->rest, end) : w->rest;
    return end != NULL;
}

static const uint8_t *
read_array(inspect *in, inspect_node *node, carnet_span cbor, const inspect_head *head, const inspect_shape *shape)
{
    walk w = { .head = head, .rest = inspect_rest(cbor, head->next) };

    node->kind = INSPECT_ARRAY;
    node->type = "array";
    node->value = head->indefinite ? "entries" : counted(head->argument, "entry", "entries");
    while (more(in, &w)) {
        bool named = shape->row && w.done < shape->count;
        inspect_node *child = inspect_add(
            in, node, named ? shape->members[w.done].name : inspect_format("[%llu]", (unsigned long long)w.done));

        child->number = (int64_t)w.done;
        if (!step(in, &w, child, named ? shape->members[w.done].shape : shape->entry)) {
            return NULL;
        }
        w.done++;
    }
    if (head->indefinite) {
        node->value = counted(w.done, "entry", "entries");
    }
    if (shape->row && w.done != shape->count && !w.failed) {
        inspect_odd(node, "%llu entries where %zu are due", (unsigned long long)w.done, shape->count);
    }
    return w.failed ? NULL : w.rest.ptr;
}

static bool
plain_word(carnet_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '\0' || (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
                          strchr("_.-:/", c) == NULL)) {
            return false;
        }
    }
    return text.len > 0;
}

/** Name a map's entry after its key, which `key` is the node of. */
static void
name_entry(inspect_node *child, const inspect_node *key)
{
    if (key->kind == INSPECT_TSTR) {
        child->raw = (carnet_str){ (const char *)key->content.ptr, key->content.len };
        child->name = inspect_safe(child->raw, !plain_word(child->raw));
        return;
    }
    child->number = key->kind == INSPECT_UINT || key->kind == INSPECT_NINT ? key->integer : INT64_MIN;
    child->name = key->value != NULL ? key->value : "?";
}

static const inspect_member *
member_of(const inspect_shape *shape, const inspect_node *child)
{
    if (shape->row) {
        return NULL;
    }
    for (size_t i = 0; i < shape->count; i++) {
        const inspect_member *m = &shape->members[i];

        if (m->labelled ? child->raw.ptr == NULL && child->number == m->key
                        : child->raw.ptr != NULL && carnet_str_is(child->raw, m->name)) {
            return m;
        }
    }
    return NULL;
}

/** The keys of a map as received, for finding those met twice. */
typedef struct keys {
    carnet_span *list;
    size_t count, cap;
    bool unsorted;
} keys;

static void
keys_add(keys *k, carnet_span key)
{
    if (k->count > 0 && carnet_span_compare(k->list[k->count - 1], key) > 0) {
        k->unsorted = true;
    }
    if (k->count == k->cap) {
        k->cap = k->cap == 0 ? 16 : 2 * k->cap;
        k->list = reallocarray(k->list, k->cap, sizeof *k->list);
        if (k->list == NULL) {
            cli_die_text("memory", "a map has too many keys");
        }
    }
    k->list[k->count++] = key;
}

static int
by_bytes(const void *a, const void *b)
{
    return carnet_span_compare(*(const carnet_span *)a, *(const carnet_span *)b);
}

static void
keys_check(keys *k, inspect_node *node)
{
    if (k->unsorted) {
        inspect_odd(node, "keys are not in ascending order, which is only recommended");
        node->last_odd->mild = true;
        qsort(k->list, k->count, sizeof *k->list, by_bytes);
    }
    for (size_t i = 1; i < k->count; i++) {
        if (carnet_span_equal(k->list[i - 1], k->list[i])) {
            inspect_odd(node, "a key is there twice: the map is invalid");
            break;
        }
    }
    free(k->list);
}

static void
missing(inspect_node *node, const inspect_shape *shape)
{
    for (size_t i = 0; i < shape->count && !shape->row; i++) {
        const inspect_member *m = &shape->members[i];
        const inspect_node *child = m->labelled ? inspect_child_at(node, m->key) : inspect_child(node, m->name);

        if (m->required && child == NULL) {
            inspect_odd(node, "%s is missing", m->name);
        }
    }
}

/** Read one pair: the key, of which nothing is kept but its text, and the value. */
static bool
read_pair(inspect *in, inspect_node *node, walk *w, keys *k, const inspect_shape *shape)
{
    inspect_node *key = inspect_add(in, NULL, "key");
    const uint8_t *start = w->rest.ptr;
    const inspect_member *m;
    inspect_node *child;

    if (!step(in, w, key, &anything)) {
        return false;
    }
    keys_add(k, carnet_span_of(start, (size_t)(w->rest.ptr - start)));
    child = inspect_add(in, node, "?");
    name_entry(child, key);
    for (const inspect_oddity *o = key->odd; o != NULL; o = o->next) {
        inspect_odd(child, "its key: %s", o->text);
    }
    m = member_of(shape, child);
    if (m != NULL && m->labelled) {
        child->key = child->name;
        child->name = m->name;
    }
    if (m == NULL && shape->count > 0 && !shape->row && shape->others == NULL && !shape->open) {
        inspect_odd(child, "a member that the standard does not name");
    }
    return step(in, w, child, m != NULL ? m->shape : shape->others);
}

static const uint8_t *
read_map(inspect *in, inspect_node *node, carnet_span cbor, const inspect_head *head, const inspect_shape *shape)
{
    walk w = { .head = head, .rest = inspect_rest(cbor, head->next) };
    keys k = { 0 };

    node->kind = INSPECT_MAP;
    node->type = "map";
    node->value = head->indefinite ? "members" : counted(head->argument, "member", "members");
    while (more(in, &w) && read_pair(in, node, &w, &k, shape)) {
        w.done++;
    }
    if (head->indefinite) {
        node->value = counted(w.done, "member", "members");
    }
    keys_check(&k, node);
    if (!w.failed) {
        missing(node, shape);
    }
    return w.failed ? NULL : w.rest.ptr;
}

/* --- tags --- */

/** Tags that stand before something known: #6.0(tstr) and the like become types of their own. */
static bool
read_tagged_string(inspect *in, inspect_node *node, carnet_span cbor, uint64_t tag, const inspect_shape *shape,
                   const uint8_t **end)
{
    inspect_head head;
    carnet_rc rc;
    const char *reason;
    uint8_t major = tag == 0 || tag == 1004 ? 3 : 2;

    if ((tag > 3 && tag != 24 && tag != 1004) || tag == 1 || !inspect_head_read(cbor, &head, &rc, &reason) ||
        head.major != major) {
        return false;
    }
    inspect_check_head(node, &head);
    *end = inspect_read_content(in, node, cbor, &head, shape->secret);
    if (tag == 24 && *end != NULL) {
        read_inside(in, node, shape->inside != NULL ? shape->inside : &anything, "24");
        node->kind = INSPECT_EMBEDDED;
    } else if (*end != NULL && major == 3) {
        inspect_show_text(in, node);
        node->value = inspect_safe((carnet_str){ (const char *)node->content.ptr, node->content.len }, false);
        node->kind = tag == 0 ? INSPECT_TDATE : INSPECT_FULL_DATE;
        node->type = tag == 0 ? "tdate" : "full-date";
    } else if (*end != NULL) {
        node->kind = INSPECT_BIGNUM;
        node->type = tag == 2 ? "biguint" : "bignint";
        node->value = inspect_bytes(in, node->content);
    }
    return true;
}

/** COSE and CWT tags, and the one that says "CBOR": what follows is shown as if they were not there. */
static bool
transparent(uint64_t tag, carnet_span rest)
{
    bool cose = tag == 16 || tag == 17 || tag == 18 || tag == 61 || tag == 96 || tag == 97 || tag == 98;

    return tag == 55799 || (cose && rest.len > 0 && (rest.ptr[0] >> 5 == 4 || rest.ptr[0] >> 5 == 6));
}

static const uint8_t *
read_tag(inspect *in, inspect_node *node, carnet_span cbor, const inspect_head *head, const inspect_shape *shape)
{
    carnet_span rest = inspect_rest(cbor, head->next);
    unsigned long long tag = head->argument;
    const uint8_t *end;
    inspect_node *child;

    if (read_tagged_string(in, node, rest, head->argument, shape, &end)) {
        return end;
    }
    if (transparent(head->argument, rest)) {
        end = inspect_item(in, node, rest, shape);
        node->type = inspect_format("%llu(%s)", tag, node->type != NULL ? node->type : "?");
        if (tag != 55799) {
            inspect_odd(node, "tag %llu, which an mdoc does without", tag);
        }
        return end;
    }
    node->kind = INSPECT_TAG;
    node->type = "tag";
    node->value = inspect_format("#6.%llu", tag);
    child = inspect_add(in, node, "content");
    return inspect_item(in, child, rest, &anything);
}

/* --- any item --- */

static const char *
types_text(unsigned types)
{
    static const char *const names[] = { "uint",        "nint",  "bstr",      "tstr",   "array",
                                         "map",         "bool",  "null",      "float",  "simple",
                                         "#6.24(bstr)", "tdate", "full-date", "bignum", "tag" };
    const char *text = NULL;

    if ((types & INSPECT_INT) == INSPECT_INT) {
        text = "int";
        types &= ~(unsigned)INSPECT_INT;
    }
    for (unsigned i = 0; i < CARNET_COUNT(names); i++) {
        if ((types >> i & 1) != 0) {
            text = text == NULL ? names[i] : inspect_format("%s or %s", text, names[i]);
        }
    }
    return text != NULL ? text : "nothing";
}

static const uint8_t *
read_by_type(inspect *in, inspect_node *node, carnet_span cbor, const inspect_head *head, const inspect_shape *shape)
{
    switch (head->major) {
    case 0:
    case 1:
        inspect_read_integer(node, head, shape);
        return head->next;
    case 2:
    case 3:
        return read_string(in, node, cbor, head, shape);
    case 4:
        return read_array(in, node, cbor, head, shape);
    case 5:
        return read_map(in, node, cbor, head, shape);
    case 6:
        return read_tag(in, node, cbor, head, shape);
    default:
        return inspect_read_simple(in, node, head) ? head->next : NULL;
    }
}

/** A value that must not be seen: read apart, only its size is told. */
static const uint8_t *
read_secret(inspect *in, inspect_node *node, carnet_span cbor)
{
    static const inspect_shape hidden = { .secret = true };
    inspect_node *apart = inspect_add(in, NULL, "hidden");
    const uint8_t *end = inspect_item(in, apart, cbor, &hidden);

    node->kind = apart->kind;
    node->type = apart->type;
    node->own = (carnet_span){ 0 };
    node->value = end != NULL ? inspect_format("%zu bytes, not shown", apart->content.len) : "not shown";
    inspect_odd(node, "a private part: this must be kept from others");
    return end;
}

static bool
enter(inspect *in, carnet_span cbor)
{
    if (in->depth >= INSPECT_DEPTH_MAX) {
        inspect_fail(in, CARNET_E_CBOR_DEPTH, cbor.ptr, "nested deeper than inspect follows");
        return false;
    }
    if (in->nodes >= INSPECT_NODES_MAX) {
        inspect_fail(in, CARNET_E_CBOR_LIMIT, cbor.ptr, "more items than inspect shows");
        return false;
    }
    in->depth++;
    return true;
}

/** What is read with which shape, when none is asked for. */
static const inspect_shape *
shape_for(carnet_span cbor, const inspect_shape *shape)
{
    const inspect_shape *guessed;

    if (shape != NULL && shape != &anything) {
        return shape;
    }
    guessed = inspect_guess(cbor, true);
    return guessed != NULL ? guessed : &anything;
}

const uint8_t *
inspect_item(inspect *in, inspect_node *node, carnet_span cbor, const inspect_shape *shape)
{
    inspect_head head = { 0 };
    const uint8_t *end = NULL;
    bool container, stripped = false;

    inspect_place(in, node, cbor, (carnet_span){ 0 });
    if (!enter(in, cbor)) {
        return NULL;
    }
    if (inspect_head_of(in, cbor, &head)) {
        shape = shape_for(cbor, shape);
        container = head.major == 4 || head.major == 5;
        stripped = head.major == 6 && transparent(head.argument, inspect_rest(cbor, head.next));
        inspect_check_head(node, &head);
        node->is = shape->is;
        if (shape->secret && node->up != NULL) {
            end = read_secret(in, node, cbor);
        } else {
            end = read_by_type(in, node, cbor, &head, shape);
            node->own = carnet_span_of(cbor.ptr, container || node->first != NULL ? (size_t)(head.next - cbor.ptr)
                                                 : end != NULL                    ? (size_t)(end - cbor.ptr)
                                                                                  : cbor.len);
        }
        if (node->up == NULL && shape->secret) {
            node->own = (carnet_span){ 0 };
        }
    }
    in->depth--;
    inspect_place(in, node, carnet_span_of(cbor.ptr, end != NULL ? (size_t)(end - cbor.ptr) : cbor.len), node->own);
    if (end == NULL || stripped) { /* stripped: seen to by the call for what follows the tag */
        return end;
    }
    if (shape->types != 0 && (shape->types & node->kind) == 0) {
        inspect_odd(node, "%s where %s is due", node->type, types_text(shape->types));
    } else if (shape->done != NULL) {
        shape->done(in, node);
    }
    return end;
}
