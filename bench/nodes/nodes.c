/* The nodes of this folder in C, under the same ABI: what their texts do, an operation for an operation, with dicts that
 * keep the order of insertion.
 *
 * Each has one state, which NAME_new makes and the host owns for as long as the process runs. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "../peer/driver.h"

/* A dict of 8-byte keys and values: entries in their order, and a table of their indices plus one. */
union word {
    int64_t integer;
    double number;
};

struct entry {
    int64_t key;
    union word value;
};

struct dict {
    struct entry *entries;
    int64_t count;
    int64_t *table;
    uint64_t mask;
};

static int64_t *dict_slot(const struct dict *dict, int64_t key) {
    uint64_t hash = (uint64_t)key * 0x9e3779b97f4a7c15u;
    uint64_t at = (hash >> 32) & dict->mask;

    while (dict->table[at] != 0 && dict->entries[dict->table[at] - 1].key != key) {
        at = (at + 1) & dict->mask;
    }
    return &dict->table[at];
}

static void dict_reserve(struct dict *dict, uint64_t size) {
    free(dict->table);
    dict->mask = size - 1;
    dict->table = calloc(size, sizeof *dict->table);
    dict->entries = realloc(dict->entries, size * sizeof *dict->entries);
    if (dict->table == NULL || dict->entries == NULL) {
        abort();
    }
    for (int64_t index = 0; index < dict->count; index++) {
        *dict_slot(dict, dict->entries[index].key) = index + 1;
    }
}

static union word *dict_find(const struct dict *dict, int64_t key) {
    int64_t index = *dict_slot(dict, key);

    return index == 0 ? NULL : &dict->entries[index - 1].value;
}

/* The value of a key, which is there. */
static union word *dict_at(const struct dict *dict, int64_t key) {
    return &dict->entries[*dict_slot(dict, key) - 1].value;
}

/* The value of a key, which is added where it is not there. */
static union word *dict_put(struct dict *dict, int64_t key) {
    int64_t *slot = dict_slot(dict, key);

    if (*slot != 0) {
        return &dict->entries[*slot - 1].value;
    }
    if ((uint64_t)dict->count * 2 > dict->mask) {
        dict_reserve(dict, (dict->mask + 1) * 2);
        slot = dict_slot(dict, key);
    }
    dict->entries[dict->count].key = key;
    dict->count++;
    *slot = dict->count;
    return &dict->entries[dict->count - 1].value;
}

static void dict_clear(struct dict *dict) {
    for (int64_t index = 0; index < dict->count; index++) {
        *dict_slot(dict, dict->entries[index].key) = 0;
    }
    dict->count = 0;
}

static void *allocated(size_t size) {
    void *memory = calloc(1, size);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

/* strategy.py */

#define SECOND INT64_C(1000000000)
#define DAY (86400 * SECOND)
#define OPENING ((9 * 3600 + 30 * 60) * SECOND)
#define CLOSING (16 * 3600 * SECOND)
#define LAST_ENTRY ((15 * 3600 + 45 * 60) * SECOND)
#define PAUSE (30 * SECOND)
#define SPAN (60 * SECOND)
#define LOT 100

static const double FAST = 0.2, SLOW = 0.02, ENTRY = 1.0, EXIT = 0.25, FEE = 0.0002, SLIPPAGE = 0.0001, MOST_LOST = 0.02;

struct strategy {
    double capital;
    int64_t limit;
    struct {
        int64_t start;
        double open, high, low, close;
        int64_t volume, trades;
    } bar;
    struct {
        int64_t day;
        double realised, fees, carried;
        int64_t orders, wins, losses, streak;
        int8_t halted;
    } account;
    struct {
        double peak;
        int64_t peaked;
        double drawdown, gross, spread;
    } risk;
    struct dict positions, costs, prices, fast, slow, variances, counts, traded, volumes;
};

static int64_t floor_divide(int64_t value, int64_t by) {
    return value / by - (value % by < 0);
}

static int64_t floor_modulo(int64_t value, int64_t by) {
    int64_t rest = value % by;

    return rest < 0 ? rest + by : rest;
}

static double average(double before, double value, double weight) {
    return before + weight * (value - before);
}

static double clamp(double value, double least, double most) {
    double lower = value < most ? value : most;

    return lower > least ? lower : least;
}

static int64_t clamp_integer(int64_t value, int64_t least, int64_t most) {
    int64_t lower = value < most ? value : most;

    return lower > least ? lower : least;
}

static int64_t sign(int64_t value) {
    return (value > 0) - (value < 0);
}

static int64_t absolute(int64_t value) {
    return value < 0 ? -value : value;
}

static int64_t wanted(double score, int64_t position, int64_t limit) {
    if (score > ENTRY) {
        return limit;
    }
    if (score < -ENTRY) {
        return -limit;
    }
    return fabs(score) < EXIT ? 0 : position;
}

static void book_profit(struct strategy *node, double profit) {
    node->account.realised += profit;
    if (profit > 0.0) {
        node->account.wins++;
        node->account.streak = (node->account.streak > 0 ? node->account.streak : 0) + 1;
    } else if (profit < 0.0) {
        node->account.losses++;
        node->account.streak = (node->account.streak < 0 ? node->account.streak : 0) - 1;
    }
}

void *strategy_new(double capital, int64_t limit) {
    struct strategy *node = allocated(sizeof *node);
    struct dict *dicts[] = {&node->positions, &node->costs,     &node->prices, &node->fast,   &node->slow,
                            &node->variances, &node->counts, &node->traded, &node->volumes};

    node->capital = capital;
    node->limit = limit;
    for (size_t index = 0; index < sizeof dicts / sizeof *dicts; index++) {
        dict_reserve(dicts[index], 16);
    }
    return node;
}

void strategy(void **outputs, int8_t *ticked, void **states, int8_t phase, void **inputs, int8_t *input_ticked,
              int8_t *input_valid) {
    struct strategy *node = states[0];
    int64_t time = *(int64_t *)inputs[0], symbol = *(int64_t *)inputs[1], size = *(int64_t *)inputs[3];
    double price = *(double *)inputs[2];
    union word *found;

    (void)input_ticked;
    (void)input_valid;
    if (phase != 0) {
        return;
    }
    int64_t clock = floor_modulo(time, DAY), day = floor_divide(time, DAY);
    if (day != node->account.day) {
        if (node->account.day > 0) {
            node->account.carried += node->account.realised - node->account.fees;
        }
        node->account.day = day;
        node->account.realised = 0.0;
        node->account.fees = 0.0;
        node->account.orders = 0;
        node->account.streak = 0;
        node->account.halted = 0;
        node->risk.peak = 0.0;
        node->risk.drawdown = 0.0;
        dict_clear(&node->volumes);
    }
    /* 1970-01-01 was a Thursday. */
    int is_open = OPENING <= clock && clock < CLOSING && floor_modulo(day + 3, 7) < 5;
    int64_t hour = clock / (3600 * SECOND), minute = clock / (60 * SECOND) % 60;
    found = dict_find(&node->volumes, hour);
    int64_t volume = (found == NULL ? 0 : found->integer) + size;
    dict_put(&node->volumes, hour)->integer = volume;

    if (node->bar.trades > 0 && time - node->bar.start >= SPAN) {
        if (node->bar.open > 0.0) {
            node->risk.spread = average(node->risk.spread, (node->bar.high - node->bar.low) / node->bar.open, SLOW);
        }
        *(double *)outputs[3] = node->risk.spread;
        ticked[3] = 1;
        node->bar.trades = 0;
    }
    if (node->bar.trades == 0) {
        node->bar.start = time - floor_modulo(time, SPAN);
        node->bar.open = node->bar.high = node->bar.low = node->bar.close = price;
        node->bar.volume = 0;
    }
    node->bar.high = price > node->bar.high ? price : node->bar.high;
    node->bar.low = price < node->bar.low ? price : node->bar.low;
    node->bar.close = price;
    node->bar.volume += size;
    node->bar.trades++;

    if (dict_find(&node->prices, symbol) == NULL) {
        dict_put(&node->prices, symbol)->number = price;
        dict_put(&node->positions, symbol)->integer = 0;
        dict_put(&node->costs, symbol)->number = 0.0;
        dict_put(&node->fast, symbol)->number = 0.0;
        dict_put(&node->slow, symbol)->number = 0.0;
        dict_put(&node->variances, symbol)->number = 0.0;
        dict_put(&node->counts, symbol)->integer = 0;
        return;
    }
    double change = price / dict_at(&node->prices, symbol)->number - 1.0;
    dict_put(&node->prices, symbol)->number = price;
    dict_put(&node->counts, symbol)->integer += 1;
    found = dict_at(&node->fast, symbol);
    found->number = average(found->number, change, FAST);
    double fast = found->number;
    found = dict_at(&node->slow, symbol);
    found->number = average(found->number, change, SLOW);
    double slow = found->number;
    found = dict_at(&node->variances, symbol);
    found->number = average(found->number, change * change, SLOW);
    double variance = found->number, score = 0.0;
    if (dict_at(&node->counts, symbol)->integer > 8 && variance > 0.0) {
        score = clamp(4.0 * (fast - slow) / sqrt(variance), -4.0, 4.0);
    }
    *(double *)outputs[2] = score;
    ticked[2] = 1;

    int64_t position = dict_at(&node->positions, symbol)->integer;
    int64_t most = node->account.streak < -3 ? floor_divide(node->limit, 2) : node->limit;
    int64_t target = wanted(score, position, most);
    if (!is_open || node->account.halted || clock >= LAST_ENTRY) {
        target = 0;
    }
    found = dict_find(&node->traded, symbol);
    if (found != NULL && time - found->integer < PAUSE && target != 0) {
        target = position;
    }
    int64_t order = target - position;
    order = clamp_integer(sign(order) * (absolute(order) / LOT) * LOT, -4 * size, 4 * size);

    if (order != 0) {
        double fill = price * (1.0 + SLIPPAGE * (double)sign(order));
        double amount = fill * (double)absolute(order);
        int64_t closed = 0;

        node->account.fees += FEE * amount;
        node->account.orders++;
        found = dict_at(&node->costs, symbol);
        if (sign(order) != sign(position)) {
            closed = absolute(order) < absolute(position) ? absolute(order) : absolute(position);
        }
        if (closed > 0) {
            book_profit(node, (double)(sign(position) * closed) * (fill - found->number));
        }
        int64_t opened = absolute(order) - closed, remaining = absolute(position) - closed;
        if (opened > 0) {
            found->number =
                ((double)remaining * found->number + (double)opened * fill) / (double)(remaining + opened);
        }
        dict_put(&node->positions, symbol)->integer = position + order;
        dict_put(&node->traded, symbol)->integer = time;
        *(int64_t *)outputs[0] = order;
        ticked[0] = 1;
    }

    double open_profit = 0.0, gross = 0.0;
    for (int64_t index = 0; index < node->positions.count; index++) {
        int64_t held = node->positions.entries[index].key, count = node->positions.entries[index].value.integer;

        if (count != 0) {
            double last = dict_at(&node->prices, held)->number;

            open_profit += (double)count * (last - dict_at(&node->costs, held)->number);
            gross += (double)absolute(count) * last;
        }
    }
    double equity = node->capital + node->account.carried + node->account.realised - node->account.fees + open_profit;
    node->risk.gross = gross;
    if (node->risk.peak == 0.0 || equity > node->risk.peak) {
        node->risk.peak = equity;
        node->risk.peaked = time;
    }
    double lost = 1.0 - equity / node->risk.peak;
    node->risk.drawdown = lost > node->risk.drawdown ? lost : node->risk.drawdown;
    if (node->risk.drawdown > MOST_LOST && !node->account.halted && time - node->risk.peaked > PAUSE) {
        node->account.halted = 1;
    }

    int64_t busiest = hour;
    for (int64_t index = 0; index < node->volumes.count; index++) {
        if (node->volumes.entries[index].value.integer > dict_at(&node->volumes, busiest)->integer) {
            busiest = node->volumes.entries[index].key;
        }
    }
    *(double *)outputs[1] = equity;
    ticked[1] = 1;
    *(int64_t *)outputs[4] = busiest * 60 + minute;
    ticked[4] = 1;
}

/* kalman.py */

#define N 12

struct kalman {
    double noise, drift;
    double x[N], p[N * N], f[N * N], product[N * N], gain[N];
};

void *kalman_new(double noise, double drift) {
    struct kalman *node = allocated(sizeof *node);

    node->noise = noise;
    node->drift = drift;
    for (int i = 0; i < N; i++) {
        node->p[i * N + i] = 10.0;
        for (int j = i; j < i / 4 * 4 + 4; j++) {
            double weight = 1.0;

            for (int k = 0; k < j - i; k++) {
                weight = weight * 0.01 / (k + 1.0);
            }
            node->f[i * N + j] = weight;
        }
    }
    return node;
}

void kalman(void **outputs, int8_t *ticked, void **states, int8_t phase, void **inputs, int8_t *input_ticked,
            int8_t *input_valid) {
    struct kalman *node = states[0];
    double *x = node->x, *p = node->p, *f = node->f, *product = node->product, *gain = node->gain;
    int64_t at = *(int64_t *)inputs[0] * 4;
    double z = *(double *)inputs[1];

    (void)input_ticked;
    (void)input_valid;
    if (phase != 0) {
        return;
    }
    for (int i = 0; i < N; i++) {
        double total = 0.0;

        for (int j = 0; j < N; j++) {
            total += f[i * N + j] * x[j];
        }
        gain[i] = total;
    }
    for (int i = 0; i < N; i++) {
        x[i] = gain[i];
    }
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            double total = 0.0;

            for (int k = 0; k < N; k++) {
                total += f[i * N + k] * p[k * N + j];
            }
            product[i * N + j] = total;
        }
    }
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            double total = 0.0;

            for (int k = 0; k < N; k++) {
                total += product[i * N + k] * f[j * N + k];
            }
            p[i * N + j] = total;
        }
        p[i * N + i] += node->drift;
    }
    double innovation = z - x[at], scale = p[at * N + at] + node->noise;
    for (int i = 0; i < N; i++) {
        gain[i] = p[i * N + at] / scale;
    }
    for (int i = 0; i < N; i++) {
        x[i] += gain[i] * innovation;
    }
    for (int j = 0; j < N; j++) {
        product[j] = p[at * N + j];
    }
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            p[i * N + j] -= gain[i] * product[j];
        }
    }
    *(double *)outputs[0] = x[at];
    ticked[0] = 1;
}

/* imbalance.py */

typedef int64_t (*size_function)(const void *book, int64_t index);

struct imbalance {
    size_function bid_size, ask_size;
    int64_t levels;
};

void *imbalance_new(size_function bid_size, size_function ask_size, int64_t levels) {
    struct imbalance *node = allocated(sizeof *node);

    node->bid_size = bid_size;
    node->ask_size = ask_size;
    node->levels = levels;
    return node;
}

void imbalance(void **outputs, int8_t *ticked, void **states, int8_t phase, void **inputs, int8_t *input_ticked,
               int8_t *input_valid) {
    const struct imbalance *node = states[0];
    int64_t bid = 0, ask = 0;

    (void)input_ticked;
    (void)input_valid;
    if (phase != 0) {
        return;
    }
    for (int64_t index = 0; index < node->levels; index++) {
        bid += node->bid_size(inputs[0], index);
        ask += node->ask_size(inputs[0], index);
    }
    if (bid + ask == 0) {
        return;
    }
    *(double *)outputs[0] = (double)(bid - ask) / (double)(bid + ask);
    ticked[0] = 1;
}
