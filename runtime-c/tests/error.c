/* The error record and the per-thread state. */
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* A descriptor in the making, at an odd address so that nothing may rely on alignment. */
static unsigned char storage[4096];
static unsigned char *const unit = storage + 1;

static void put(size_t offset, uint32_t value) {
    unit[offset] = (unsigned char)(value & 0xFF);
    unit[offset + 1] = (unsigned char)(value >> 8 & 0xFF);
    unit[offset + 2] = (unsigned char)(value >> 16 & 0xFF);
    unit[offset + 3] = (unsigned char)(value >> 24);
}

/* Two sites: IndexError with the message given, Lifecycle with the name as its message. */
static void build_unit(const char *name, const char *message) {
    uint32_t name_offset = 32;
    uint32_t message_offset = name_offset + (uint32_t)strlen(name) + 1;
    put(0, CFUNC_UNIT_MAGIC);
    put(4, CFUNC_UNIT_VERSION);
    put(8, name_offset);
    put(12, 2);
    put(16, CFUNC_ERROR_INDEX_ERROR);
    put(20, message_offset);
    put(24, CFUNC_ERROR_LIFECYCLE);
    put(28, name_offset);
    strcpy((char *)unit + name_offset, name);
    strcpy((char *)unit + message_offset, message);
}

static void test_record(void) {
    cfunc_error error;
    memset(&error, 0x55, sizeof error);
    CHECK_INTEGER(cfunc_error_pending(), 0);
    CHECK_INTEGER(cfunc_error_take(&error), 0);
    CHECK_INTEGER(error.kind, 0x55555555);

    build_unit("node", "list index out of range");
    cfunc_error_raise(unit, 0);
    cfunc_error_raise(unit, 1);
    memset(storage, 0, sizeof storage); /* the record outlives the unit */
    CHECK_INTEGER(cfunc_error_pending(), 1);
    CHECK_INTEGER(cfunc_error_take(&error), 1);
    CHECK_INTEGER(error.kind, CFUNC_ERROR_INDEX_ERROR);
    CHECK_INTEGER(error.site, 0);
    CHECK_STRING(error.native_name, "node");
    CHECK_STRING(error.message, "list index out of range");
    CHECK_INTEGER(cfunc_error_pending(), 0);
    CHECK_INTEGER(cfunc_error_take(&error), 0);

    build_unit("node", "m");
    cfunc_error_raise(unit, 1);
    CHECK_INTEGER(cfunc_error_take(NULL), 1);
    CHECK_INTEGER(cfunc_error_pending(), 0);
    cfunc_error_raise(unit, 1);
    cfunc_error_clear();
    CHECK_INTEGER(cfunc_error_pending(), 0);
}

static void test_damage(void) {
    cfunc_error error;
    cfunc_error_raise(NULL, 7);
    CHECK_INTEGER(cfunc_error_take(&error), 1);
    CHECK_INTEGER(error.kind, CFUNC_ERROR_RUNTIME_ERROR);
    CHECK_INTEGER(error.site, 7);
    build_unit("node", "m");
    cfunc_error_raise(unit, 2);
    CHECK_INTEGER(cfunc_error_take(&error), 1);
    CHECK_INTEGER(error.kind, CFUNC_ERROR_RUNTIME_ERROR);
    CHECK_STRING(error.native_name, "node");
    put(4, CFUNC_UNIT_VERSION + 1);
    cfunc_error_raise(unit, 0);
    CHECK_INTEGER(cfunc_error_take(&error), 1);
    CHECK_INTEGER(error.kind, CFUNC_ERROR_RUNTIME_ERROR);
    CHECK_STRING(error.native_name, "");
}

/* Strings of `length` bytes and their cuts: characters of 1, 2, 3 and 4 bytes around the capacity. */
static void test_cut(void) {
    static const char *const characters[] = {"x", "\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    cfunc_error error;
    for (size_t index = 0; index < 4; index += 1) {
        size_t width = strlen(characters[index]);
        for (size_t lead = 0; lead < 4; lead += 1) {
            char message[700];
            size_t length = lead;
            memset(message, 'a', lead);
            while (length + width < 600) {
                memcpy(message + length, characters[index], width);
                length += width;
            }
            message[length] = '\0';
            build_unit("node", message);
            cfunc_error_raise(unit, 0);
            CHECK_INTEGER(cfunc_error_take(&error), 1);
            size_t kept = lead + (CFUNC_ERROR_MESSAGE_CAPACITY - 1 - lead) / width * width;
            CHECK_INTEGER((int64_t)strlen(error.message), (int64_t)kept);
            CHECK(memcmp(error.message, message, kept) == 0);
        }
    }
}

static void test_nesting(void) {
    /* On the heap, so that a sanitizer sees any byte too many. */
    cfunc_thread_state *saved = malloc(sizeof *saved);
    cfunc_error error;
    CHECK(saved != NULL);
    if (saved == NULL) {
        return;
    }
    build_unit("outer", "m");
    cfunc_error_raise(unit, 0);
    cfunc_thread_state_save(saved);
    CHECK_INTEGER(cfunc_error_pending(), 0);
    build_unit("inner", "m");
    cfunc_error_raise(unit, 1);
    cfunc_thread_state_restore(saved);
    CHECK_INTEGER(cfunc_error_take(&error), 1);
    CHECK_STRING(error.native_name, "outer");

    cfunc_thread_state_save(saved);
    cfunc_error_raise(unit, 1);
    cfunc_thread_state_restore(saved);
    CHECK_INTEGER(cfunc_error_pending(), 0);
    free(saved);
}

/* The message that a site's error has now. */
static void check_message(uint32_t site, const char *expected) {
    cfunc_error error;
    cfunc_error_raise(unit, site);
    CHECK_INTEGER(cfunc_error_take(&error), 1);
    CHECK_STRING(error.message, expected);
}

static void test_left_message(void) {
    char text[2 * CFUNC_ERROR_MESSAGE_CAPACITY];
    cfunc_error error;
    build_unit("node", "own");
    cfunc_error_message_set("left behind", 4);
    cfunc_error_message_keep(unit, 1);
    check_message(0, "own");
    check_message(1, "left");
    check_message(1, "node");
    /* Nothing was left for the second failure. */
    cfunc_error_message_set("first", 5);
    cfunc_error_message_keep(unit, 1);
    cfunc_error_message_keep(unit, 0);
    check_message(0, "own");
    check_message(1, "node");
    /* The latest counts; none is left by NULL. */
    cfunc_error_message_set("first", 5);
    cfunc_error_message_set("second", 6);
    cfunc_error_message_keep(unit, 0);
    check_message(0, "second");
    cfunc_error_message_set("first", 5);
    cfunc_error_message_set(NULL, 0);
    cfunc_error_message_keep(unit, 0);
    check_message(0, "own");
    memset(text, 'x', sizeof text);
    text[CFUNC_ERROR_MESSAGE_CAPACITY - 2] = (char)0xC3; /* a character of two bytes, which is not cut in two */
    text[CFUNC_ERROR_MESSAGE_CAPACITY - 1] = (char)0xBC;
    cfunc_error_message_set(text, sizeof text);
    cfunc_error_message_keep(unit, 0);
    cfunc_error_raise(unit, 0);
    CHECK_INTEGER(cfunc_error_take(&error), 1);
    CHECK_INTEGER((int64_t)strlen(error.message), CFUNC_ERROR_MESSAGE_CAPACITY - 2);
    /* Another unit at the same place, as after the first one was freed. */
    cfunc_error_message_set("first", 5);
    cfunc_error_message_keep(unit, 0);
    build_unit("other", "own");
    check_message(0, "own");
    cfunc_error_message_keep(NULL, 0);
}

void test_error(void) {
    test_record();
    test_damage();
    test_cut();
    test_nesting();
    test_left_message();
    CHECK_STRING(cfunc_error_kind_name(CFUNC_ERROR_ZERO_DIVISION_ERROR), "ZeroDivisionError");
    CHECK_STRING(cfunc_error_kind_name(CFUNC_ERROR_MEMORY_LIMIT), "MemoryLimit");
    CHECK_STRING(cfunc_error_kind_name(0), "none");
    CHECK_STRING(cfunc_error_kind_name(-5), "unknown");
}
