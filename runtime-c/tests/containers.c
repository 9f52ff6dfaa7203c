/* Lists and dicts against simple models, with an allocator that fails when told to. */
#include <stdlib.h>
#include <string.h>

#include "cfunc_containers.h"
#include "check.h"

/* The number of the allocation that fails; 0: none. */
static int64_t failing;
static int64_t seen;

static int fails(void) {
    seen += 1;
    return seen == failing;
}

static void *test_allocate(void *user, size_t size) {
    (void)user;
    return fails() || size > (size_t)1 << 32 ? NULL : malloc(size);
}

static void *test_reallocate(void *user, void *block, size_t old_size, size_t new_size) {
    (void)user;
    (void)old_size;
    return fails() || new_size > (size_t)1 << 32 ? NULL : realloc(block, new_size);
}

static void test_release(void *user, void *block, size_t size) {
    (void)user;
    (void)size;
    free(block);
}

static uint64_t random_state = 1;

static int64_t random_below(int64_t bound) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (int64_t)(random_state % (uint64_t)bound);
}

static int64_t *items(const cfunc_list *list) {
    return (int64_t *)(void *)list->data;
}

static int append(cfunc_list *list, int64_t value) {
    if (!cfunc_list_reserve(list)) {
        return 0;
    }
    items(list)[list->length] = value;
    list->length += 1;
    return 1;
}

static void check_list(const cfunc_list *list, const int64_t *expected, int64_t length) {
    CHECK_INTEGER(list->length, length);
    CHECK(list->length <= list->capacity);
    CHECK(length == 0 || memcmp(list->data, expected, (size_t)length * sizeof *expected) == 0);
}

static void lists_follow_a_model(void) {
    static int64_t model[4096];
    int64_t length = 0;
    cfunc_list *list = cfunc_list_new(8, 1);
    for (int step = 0; step < 20000; step += 1) {
        int64_t choice = random_below(10);
        int64_t index = length == 0 ? 0 : random_below(length);
        if (choice < 4 && length < 4000) {
            CHECK(append(list, step));
            model[length] = step;
            length += 1;
        } else if (choice < 6 && length > 0) {
            index = choice == 4 ? 0 : index;
            cfunc_list_close(list, index);
            memmove(model + index, model + index + 1, (size_t)(length - index - 1) * sizeof *model);
            length -= 1;
        } else if (choice == 6 && length < 4000) {
            index = random_below(2) ? 0 : index;
            CHECK(cfunc_list_open(list, index));
            items(list)[index] = -step;
            memmove(model + index + 1, model + index, (size_t)(length - index) * sizeof *model);
            model[index] = -step;
            length += 1;
        } else if (choice == 7 && length < 2000) {
            CHECK(cfunc_list_extend(list, list));
            memcpy(model + length, model, (size_t)length * sizeof *model);
            length *= 2;
        } else if (choice == 8) {
            int64_t start = index, stop = length, count, kept = 0, direction = random_below(2) ? 1 : -1;
            int64_t by = direction * (1 + random_below(4));
            count = cfunc_slice_length(length, &start, &stop, by, 1);
            cfunc_list *slice = cfunc_list_slice(list, start, count, by);
            for (int64_t position = 0; position < count; position += 1) {
                CHECK_INTEGER(items(slice)[position], model[start + position * by]);
            }
            cfunc_list_release(slice);
            cfunc_list_delete(list, start, count, by);
            for (int64_t position = 0; position < length; position += 1) {
                int64_t away = (position - start) * direction;
                if (away < 0 || away % (by * direction) != 0 || away / (by * direction) >= count) {
                    model[kept] = model[position];
                    kept += 1;
                }
            }
            length = kept;
        } else if (choice == 9) {
            cfunc_list_reverse(list);
            for (int64_t low = 0; low < length / 2; low += 1) {
                int64_t held = model[low];
                model[low] = model[length - 1 - low];
                model[length - 1 - low] = held;
            }
        }
        check_list(list, model, length);
    }
    cfunc_list_release(list);
}

static void windows_stay_small(void) {
    cfunc_list *list = cfunc_list_new(8, 1);
    for (int64_t tick = 0; tick < 100000; tick += 1) {
        CHECK(append(list, tick));
        if (list->length > 100) {
            CHECK_INTEGER(items(list)[0], tick - 100);
            cfunc_list_close(list, 0);
        }
    }
    CHECK(list->block_bytes < 8192);
    cfunc_list_release(list);
}

static int by_value(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static void sorting(void) {
    for (int64_t length = 0; length < 300; length += 1) {
        static int64_t model[300];
        cfunc_list *list = cfunc_list_new(8, 1);
        for (int64_t index = 0; index < length; index += 1) {
            model[index] = random_below(50) - 25;
            CHECK(append(list, model[index]));
        }
        qsort(model, (size_t)length, sizeof *model, by_value);
        CHECK(cfunc_list_sort_integer(list, 0));
        check_list(list, model, length);
        CHECK(cfunc_list_sort_integer(list, 1));
        for (int64_t index = 0; index < length; index += 1) {
            CHECK_INTEGER(items(list)[index], model[length - 1 - index]);
        }
        cfunc_list_release(list);
    }
    /* Zeros of both signs are equal, so they stay in their order, descending too. */
    for (int64_t length = 4; length < 200; length += 49) {
        for (int8_t descending = 0; descending < 2; descending += 1) {
            cfunc_list *list = cfunc_list_new(8, 2);
            for (int64_t index = 0; index < length; index += 1) {
                double zero = index % 3 == 0 ? -0.0 : 0.0;
                CHECK(cfunc_list_reserve(list));
                ((double *)(void *)list->data)[index] = zero;
                list->length += 1;
            }
            CHECK(cfunc_list_sort_float(list, descending));
            for (int64_t index = 0; index < length; index += 1) {
                CHECK_FLOAT(((double *)(void *)list->data)[index], index % 3 == 0 ? -0.0 : 0.0);
            }
            cfunc_list_release(list);
        }
    }
}

static void slices(void) {
    int64_t start = -100, stop = 100;
    CHECK_INTEGER(cfunc_slice_length(5, &start, &stop, 2, 3), 3);
    start = INT64_MIN, stop = INT64_MAX;
    CHECK_INTEGER(cfunc_slice_length(5, &start, &stop, INT64_MAX, 3), 1);
    start = INT64_MAX, stop = INT64_MIN;
    CHECK_INTEGER(cfunc_slice_length(5, &start, &stop, INT64_MIN, 3), 1);
    CHECK_INTEGER(start, 4);
    start = 3, stop = 3;
    CHECK_INTEGER(cfunc_slice_length(5, &start, &stop, 1, 3), 0);
    CHECK_INTEGER(cfunc_slice_length(5, &start, &stop, -1, 0), 5);
}

#define MODEL_KEYS 600

static int64_t key_of(int64_t number) {
    switch (number) {
    case 0:
        return INT64_MIN;
    case 1:
        return INT64_MAX;
    case 2:
        return -1;
    default:
        return number % 2 == 0 ? number << 40 : -number;
    }
}

static void dicts_follow_a_model(void) {
    static int64_t order[MODEL_KEYS], values[MODEL_KEYS];
    int64_t length = 0;
    cfunc_dict *dict = cfunc_dict_new(1);
    for (int64_t step = 0; step < 60000; step += 1) {
        int64_t number = random_below(step / 20000 * 290 + 10), found = -1;
        for (int64_t index = 0; index < length; index += 1) {
            found = order[index] == number ? index : found;
        }
        cfunc_dict_entry *entry = cfunc_dict_find(dict, key_of(number));
        CHECK((entry != NULL) == (found >= 0));
        CHECK(entry == NULL || entry->value == (uint64_t)values[number]);
        switch (random_below(8)) {
        case 0:
        case 1:
        case 2:
            if (entry != NULL) {
                cfunc_dict_remove(dict, entry);
                memmove(order + found, order + found + 1, (size_t)(length - found - 1) * sizeof *order);
                length -= 1;
            }
            break;
        case 3:
            if (length > 0) {
                entry = cfunc_dict_last(dict);
                CHECK_INTEGER(entry->key, key_of(order[length - 1]));
                cfunc_dict_remove(dict, entry);
                length -= 1;
            }
            break;
        default:
            entry = cfunc_dict_insert(dict, key_of(number));
            entry->value = (uint64_t)step;
            values[number] = step;
            if (found < 0) {
                order[length] = number;
                length += 1;
            }
        }
        CHECK_INTEGER(dict->length, length);
        if (step % 500 == 0) {
            int64_t position = cfunc_dict_next(dict, 0);
            cfunc_dict *copy = cfunc_dict_copy(dict);
            for (int64_t index = 0; index < length; index += 1) {
                CHECK_INTEGER(dict->entries[position].key, key_of(order[index]));
                CHECK_INTEGER(copy->entries[index].key, key_of(order[index]));
                position = cfunc_dict_next(dict, position + 1);
            }
            CHECK_INTEGER(position, -1);
            cfunc_dict_release(copy);
        }
        if (step % 17000 == 16999) {
            cfunc_dict_clear(dict);
            length = 0;
        }
    }
    cfunc_dict_release(dict);
}

/* One entry in and out, over and over, under ever new keys: the table neither fills up nor grows. */
static void churn_does_not_grow(void) {
    cfunc_dict *dict = cfunc_dict_new(1);
    uint64_t bytes = 0;
    for (int64_t key = 0; key < 100000; key += 1) {
        cfunc_dict_insert(dict, key);
        if (key >= 5) {
            cfunc_dict_remove(dict, cfunc_dict_find(dict, key - 5));
        }
        bytes = key == 1000 ? dict->block_bytes : bytes;
    }
    CHECK_INTEGER((int64_t)dict->block_bytes, (int64_t)bytes);
    cfunc_dict_release(dict);
}

static int64_t failure_scenario(void) {
    int64_t done = 0;
    cfunc_list *list = cfunc_list_new(8, 1);
    cfunc_dict *dict = cfunc_dict_new(1);
    if (list != NULL) {
        for (int64_t value = 0; value < 200; value += 1) {
            done += append(list, 200 - value);
        }
        int64_t before = list->length;
        if (!cfunc_list_extend(list, list)) {
            CHECK_INTEGER(list->length, before);
        }
        done += cfunc_list_sort_integer(list, 0);
        cfunc_list *slice = cfunc_list_slice(list, 0, list->length, 1);
        if (slice != NULL) {
            done += cfunc_list_open(slice, 0);
            cfunc_list_release(slice);
        }
        cfunc_list *repeated = cfunc_list_repeat(list, 3);
        if (repeated != NULL) {
            cfunc_list_release(repeated);
        }
        cfunc_list_release(list);
    }
    if (dict != NULL) {
        for (int64_t key = 0; key < 100; key += 1) {
            done += cfunc_dict_insert(dict, key) != NULL;
        }
        cfunc_dict *copy = cfunc_dict_copy(dict);
        if (copy != NULL) {
            cfunc_dict_release(copy);
        }
        cfunc_dict_release(dict);
    }
    return done;
}

static void allocations_may_fail(void) {
    cfunc_memory_counters before, after;
    int64_t total, whole;
    cfunc_memory_counters_read(&before);
    seen = 0;
    whole = failure_scenario();
    total = seen;
    CHECK(total > 10);
    for (int64_t number = 1; number <= total; number += 1) {
        seen = 0;
        failing = number;
        failure_scenario();
        CHECK_INTEGER(cfunc_memory_failure(), CFUNC_ERROR_MEMORY_ERROR);
        failing = 0;
        cfunc_memory_counters_read(&after);
        CHECK_INTEGER(after.blocks, before.blocks);
        CHECK_INTEGER(after.bytes, before.bytes);
    }
    CHECK_INTEGER(failure_scenario(), whole);
    /* More elements than there can be: told as a failure, not computed with. */
    cfunc_list *list = cfunc_list_new(8, 1);
    CHECK(append(list, 1));
    CHECK(cfunc_list_repeat(list, INT64_MAX) == NULL);
    cfunc_list_release(list);
}

static void accounts_have_limits(void) {
    cfunc_memory_account account = {0, 4096};
    cfunc_memory_account *outer = cfunc_memory_account_set(&account);
    cfunc_list *list = cfunc_list_new(8, 1);
    int64_t count = 0;
    while (append(list, count)) {
        count += 1;
    }
    CHECK_INTEGER(cfunc_memory_failure(), CFUNC_ERROR_MEMORY_LIMIT);
    CHECK(count > 100 && count < 512);
    CHECK_INTEGER(list->length, count);
    cfunc_list_release(list);
    CHECK_INTEGER((int64_t)account.used, 0);
    CHECK(cfunc_memory_account_set(outer) == &account);
}

static void tags_and_counts(void) {
    cfunc_list *list = cfunc_list_new(8, 3);
    CHECK(list->tag == cfunc_container_tag(list, 3));
    CHECK(list->tag != cfunc_container_tag(list, 4));
    cfunc_list_retain(list);
    cfunc_list_release(list);
    CHECK(append(list, 1));
    list->users = -1;
    cfunc_list_retain(list);
    cfunc_list_release(list);
    CHECK_INTEGER(list->users, -1);
    list->users = 1;
    cfunc_list_release(list);
}

static void items_make_the_same_container(void) {
    cfunc_dict_entry entries[7];
    int64_t elements[3], cursor = 0, count;
    cfunc_list *list = cfunc_list_new(8, 3), *same;
    cfunc_dict *dict = cfunc_dict_new(4), *again = cfunc_dict_new(4);
    CHECK(list != NULL && dict != NULL && again != NULL);
    same = cfunc_list_new(8, 3);
    CHECK(same != NULL);
    for (int64_t value = 0; value < 20; value += 1) {
        CHECK_INTEGER(cfunc_list_append(list, &value, 1), 1);
        cfunc_dict_insert(dict, value * 7 % 20 - 5)->value = (uint64_t)value;
    }
    cfunc_list_close(list, 0);
    cfunc_dict_remove(dict, cfunc_dict_find(dict, -5));
    cfunc_dict_remove(dict, cfunc_dict_find(dict, 3));
    while ((count = cfunc_list_read(list, &cursor, elements, 3)) > 0) {
        CHECK_INTEGER(cfunc_list_append(same, elements, count), 1);
    }
    CHECK_INTEGER(same->length, 19);
    CHECK(memcmp(same->data, list->data, 19 * 8) == 0);
    cursor = 0;
    while ((count = cfunc_dict_read(dict, &cursor, entries, 7)) > 0) {
        CHECK_INTEGER(cfunc_dict_append(again, entries, count), 1);
    }
    CHECK_INTEGER(again->length, 18);
    for (int64_t position = cfunc_dict_next(dict, 0), other = 0; position >= 0;
         position = cfunc_dict_next(dict, position + 1), other += 1) {
        CHECK_INTEGER(again->entries[other].key, dict->entries[position].key);
        CHECK_INTEGER((int64_t)again->entries[other].value, (int64_t)dict->entries[position].value);
    }
    CHECK_INTEGER(cfunc_dict_append(again, again->entries, 1), -1);
    CHECK_INTEGER(again->length, 18);
    cfunc_list_release(list);
    cfunc_list_release(same);
    cfunc_dict_release(dict);
    cfunc_dict_release(again);
}

void test_containers(void) {
    cfunc_allocator allocator = {test_allocate, test_reallocate, test_release, NULL};
    cfunc_memory_counters counters;
    CHECK_INTEGER(cfunc_set_allocator(&allocator), 1);
    CHECK_INTEGER(cfunc_set_allocator(&allocator), 0);
    lists_follow_a_model();
    windows_stay_small();
    sorting();
    slices();
    dicts_follow_a_model();
    churn_does_not_grow();
    allocations_may_fail();
    accounts_have_limits();
    tags_and_counts();
    items_make_the_same_container();
    cfunc_memory_counters_read(&counters);
    CHECK_INTEGER(counters.blocks, 0);
    CHECK_INTEGER(counters.bytes, 0);
    CHECK(seen > 0);
}
