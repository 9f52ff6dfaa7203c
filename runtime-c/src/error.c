/* The error record and the per-thread block that holds it. */
#include <stddef.h>
#include <string.h>

#include "thread_block.h"

_Thread_local cfunc_thread_state cfunc_internal_thread_block;

/* The descriptor is data of any alignment and always little-endian. */
static uint32_t read_uint32(const unsigned char *bytes) {
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static int32_t to_int32(uint32_t value) {
    return value <= INT32_MAX ? (int32_t)value : (int32_t)(value - (uint32_t)INT32_MAX - 1u) + INT32_MIN;
}

/* Copies a string, cut between two characters where it does not fit. */
static void copy_string(char *target, size_t capacity, const char *source) {
    size_t length = 0;
    while (length < capacity && source[length] != '\0') {
        length += 1;
    }
    if (length == capacity) {
        length = capacity - 1;
        /* 10xxxxxx continues a character: step back to the byte that starts the one being cut. */
        while (length > 0 && ((unsigned char)source[length] & 0xC0u) == 0x80u) {
            length -= 1;
        }
    }
    memcpy(target, source, length);
    target[length] = '\0';
}

/* What a function of the host said when it failed, and the error site that it stands for, once that is known. A unit is
 * known by its name too: another one may stand at its address after it is gone. */
static _Thread_local struct {
    const void *unit; /* NULL: nobody's yet */
    uint32_t site;
    int32_t present;
    char native_name[CFUNC_ERROR_NAME_CAPACITY];
    char text[CFUNC_ERROR_MESSAGE_CAPACITY];
} left_message;

static int is_unit(const unsigned char *bytes) {
    return bytes != NULL && read_uint32(bytes) == CFUNC_UNIT_MAGIC && read_uint32(bytes + 4) == CFUNC_UNIT_VERSION;
}

void cfunc_error_message_set(const char *text, size_t length) {
    size_t room = sizeof left_message.text - 1;
    left_message.unit = NULL;
    left_message.present = text != NULL;
    if (text == NULL) {
        return;
    }
    if (length > room) {
        length = room;
        while (length > 0 && ((unsigned char)text[length] & 0xC0u) == 0x80u) {
            length -= 1;
        }
    }
    memcpy(left_message.text, text, length);
    left_message.text[length] = '\0';
}

void cfunc_error_message_keep(const void *unit, uint32_t site) {
    const unsigned char *bytes = unit;
    /* One that is somebody's already is older than the failure. */
    left_message.present = left_message.present && left_message.unit == NULL && is_unit(bytes);
    if (left_message.present) {
        left_message.unit = unit;
        left_message.site = site;
        copy_string(left_message.native_name, sizeof left_message.native_name,
                    (const char *)bytes + read_uint32(bytes + 8));
    }
}

/* The message that was left for a site of a unit, or its own. */
static const char *message_of(const void *unit, uint32_t site, const char *native_name, const char *own) {
    size_t most = sizeof left_message.native_name - 1;
    if (!left_message.present || left_message.unit != unit || left_message.site != site) {
        return own;
    }
    left_message.present = 0;
    return strncmp(left_message.native_name, native_name, most) == 0 ? left_message.text : own;
}

static void record(int32_t kind, uint32_t site, const char *native_name, const char *message) {
    cfunc_thread_state *block = &cfunc_internal_thread_block;
    block->error.kind = kind;
    block->error.site = site;
    copy_string(block->error.native_name, sizeof block->error.native_name, native_name);
    copy_string(block->error.message, sizeof block->error.message, message);
    block->error_pending = 1;
}

void cfunc_error_raise(const void *unit, uint32_t site) {
    const unsigned char *bytes = unit;
    const char *native_name;
    const unsigned char *entry;

    if (cfunc_internal_thread_block.error_pending) {
        return;
    }
    if (!is_unit(bytes)) {
        record(CFUNC_ERROR_RUNTIME_ERROR, site, "", "not a unit descriptor of this runtime's version");
        return;
    }
    native_name = (const char *)bytes + read_uint32(bytes + 8);
    if (site >= read_uint32(bytes + 12)) {
        record(CFUNC_ERROR_RUNTIME_ERROR, site, native_name, "error site beyond those of the unit");
        return;
    }
    entry = bytes + 16 + (size_t)site * 8;
    record(to_int32(read_uint32(entry)), site, native_name,
           message_of(unit, site, native_name, (const char *)bytes + read_uint32(entry + 4)));
}

int32_t cfunc_error_pending(void) {
    return cfunc_internal_thread_block.error_pending;
}

int32_t cfunc_error_take(cfunc_error *out) {
    cfunc_thread_state *block = &cfunc_internal_thread_block;
    if (!block->error_pending) {
        return 0;
    }
    if (out != NULL) {
        *out = block->error;
    }
    block->error_pending = 0;
    return 1;
}

void cfunc_error_clear(void) {
    cfunc_internal_thread_block.error_pending = 0;
}

const char *cfunc_error_kind_name(int32_t kind) {
    switch (kind) {
    case CFUNC_ERROR_NONE: return "none";
    case CFUNC_ERROR_EXCEPTION: return "Exception";
    case CFUNC_ERROR_INDEX_ERROR: return "IndexError";
    case CFUNC_ERROR_KEY_ERROR: return "KeyError";
    case CFUNC_ERROR_VALUE_ERROR: return "ValueError";
    case CFUNC_ERROR_UNBOUND_LOCAL_ERROR: return "UnboundLocalError";
    case CFUNC_ERROR_ASSERTION_ERROR: return "AssertionError";
    case CFUNC_ERROR_RUNTIME_ERROR: return "RuntimeError";
    case CFUNC_ERROR_ZERO_DIVISION_ERROR: return "ZeroDivisionError";
    case CFUNC_ERROR_OVERFLOW_ERROR: return "OverflowError";
    case CFUNC_ERROR_TYPE_ERROR: return "TypeError";
    case CFUNC_ERROR_ARITHMETIC_ERROR: return "ArithmeticError";
    case CFUNC_ERROR_LOOKUP_ERROR: return "LookupError";
    case CFUNC_ERROR_STOP_ITERATION: return "StopIteration";
    case CFUNC_ERROR_NOT_IMPLEMENTED_ERROR: return "NotImplementedError";
    case CFUNC_ERROR_MEMORY_ERROR: return "MemoryError";
    case CFUNC_ERROR_NAME_ERROR: return "NameError";
    case CFUNC_ERROR_ATTRIBUTE_ERROR: return "AttributeError";
    case CFUNC_ERROR_FLOATING_POINT_ERROR: return "FloatingPointError";
    case CFUNC_ERROR_RECURSION_ERROR: return "RecursionError";
    case CFUNC_ERROR_OS_ERROR: return "OSError";
    case CFUNC_ERROR_TIMEOUT_ERROR: return "TimeoutError";
    case CFUNC_ERROR_BUFFER_ERROR: return "BufferError";
    case CFUNC_ERROR_EOF_ERROR: return "EOFError";
    case CFUNC_ERROR_REFERENCE_ERROR: return "ReferenceError";
    case CFUNC_ERROR_SYSTEM_ERROR: return "SystemError";
    case CFUNC_ERROR_IMPORT_ERROR: return "ImportError";
    case CFUNC_ERROR_UNICODE_ERROR: return "UnicodeError";
    case CFUNC_ERROR_FOREIGN_ERROR: return "ForeignError";
    case CFUNC_ERROR_INTERRUPTED: return "Interrupted";
    case CFUNC_ERROR_MEMORY_LIMIT: return "MemoryLimit";
    case CFUNC_ERROR_LIFECYCLE: return "Lifecycle";
    default: return "unknown";
    }
}

/* The record is large and rarely there: it is copied only when it holds an error. */
static void copy_state(cfunc_thread_state *target, const cfunc_thread_state *source) {
    memcpy(target, source, offsetof(cfunc_thread_state, error));
    if (source->error_pending) {
        target->error = source->error;
    }
}

void cfunc_thread_state_save(cfunc_thread_state *saved) {
    copy_state(saved, &cfunc_internal_thread_block);
    memset(&cfunc_internal_thread_block, 0, offsetof(cfunc_thread_state, error));
}

void cfunc_thread_state_restore(const cfunc_thread_state *saved) {
    copy_state(&cfunc_internal_thread_block, saved);
}
