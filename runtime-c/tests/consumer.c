/* A host that uses the runtime as it is installed: by its headers, as C and as C++, with the static or the shared
 * library. `cargo xtask ci` compiles it by the flags that pkg-config gives. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cfunc_containers.h"
#include "cfunc_runtime.h"

static int wrong;

static void check(int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "consumer: %s\n", what);
        wrong = 1;
    }
}

static void collect(void *data, const char *text, size_t length) {
    strncat((char *)data, text, length);
}

int main(void) {
    cfunc_memory_account account = {0, 1 << 20};
    cfunc_memory_counters counters;
    cfunc_call_settings settings;
    cfunc_error error;
    cfunc_dict_entry entries[4];
    cfunc_list *list;
    cfunc_dict *dict;
    int64_t elements[4], cursor = 0, sum = 0;
    char printed[64] = "";

    check(cfunc_abi_version() == CFUNC_ABI_VERSION, "the library is of the header's version");
    check(cfunc_integer_power(3, 4) == 81 && cfunc_float_modulo(-1.0, 3.0) == 2.0, "arithmetic");

    cfunc_memory_account_set(&account);
    list = cfunc_list_new(sizeof(int64_t), 1);
    dict = cfunc_dict_new(2);
    check(list != NULL && dict != NULL, "there is memory");
    for (int64_t value = 0; value < 10; value += 1) {
        check(cfunc_list_append(list, &value, 1) == 1, "append");
        cfunc_dict_insert(dict, -value)->value = (uint64_t)value;
    }
    for (int64_t count = cfunc_list_read(list, &cursor, elements, 4); count > 0;
         count = cfunc_list_read(list, &cursor, elements, 4)) {
        for (int64_t index = 0; index < count; index += 1) {
            sum += elements[index];
        }
    }
    cursor = 0;
    check(cfunc_dict_read(dict, &cursor, entries, 4) == 4 && entries[3].key == -3, "entries in order");
    check(sum == 45 && account.used > 0, "elements");
    cfunc_list_release(list);
    cfunc_dict_release(dict);
    cfunc_memory_counters_read(&counters);
    check(counters.blocks == 0 && account.used == 0, "memory is given back");
    cfunc_memory_account_set(NULL);

    cfunc_error_raise(NULL, 7);
    check(cfunc_error_pending() == 1 && cfunc_error_take(&error) == 1, "an error is recorded");
    check(error.kind == CFUNC_ERROR_RUNTIME_ERROR && error.site == 7, "and says what and where");
    check(strcmp(cfunc_error_kind_name(error.kind), "RuntimeError") == 0, "and what that is called");

    memset(&settings, 0, sizeof settings);
    settings.print_hook = collect;
    settings.print_data = printed;
    cfunc_call_settings_exchange(&settings);
    cfunc_print_float(0.1);
    cfunc_print_end();
    check(strncmp(printed, "0.1", 3) == 0, "what is printed comes to the hook");

    if (!wrong) {
        printf("consumer: %" PRId64 "\n", sum);
    }
    return wrong;
}
