// Metrics of a whole set from its logits and labels; nothing is averaged over batches.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <vector>

#include "loss.hpp"

namespace steelyard {

// Per split, in the order in which the history keeps them.
inline constexpr int metric_loss = 0, metric_accuracy = 1, metric_precision = 2, metric_recall = 3, metric_f1 = 4,
                     metric_roc_auc = 5, metric_average_precision = 6, metric_count = 7;
using Metrics = std::array<double, metric_count>;

inline Metrics unknown_metrics() {
    Metrics unknown;
    unknown.fill(std::numeric_limits<double>::quiet_NaN());
    return unknown;
}

// Integers in the order of the floats they came from; both zeros count as equal.
inline std::uint32_t sortable(float x) {
    x += 0.0f;
    std::uint32_t u;
    std::memcpy(&u, &x, sizeof u);
    return u & 0x80000000u ? ~u : u | 0x80000000u;
}

inline void sort_keys(std::vector<std::uint32_t>& keys) {
    if (keys.size() < 4096) {
        std::sort(keys.begin(), keys.end());
        return;
    }
    std::vector<std::uint32_t> other(keys.size());
    for (int shift = 0; shift < 33; shift += 11) {  // radix sort, three digits of 11 bits
        std::array<std::size_t, 2048> starts{};
        for (const auto key : keys) ++starts[key >> shift & 2047u];
        std::size_t start = 0;
        for (auto& count : starts) start += std::exchange(count, start);
        for (const auto key : keys) other[starts[key >> shift & 2047u]++] = key;
        keys.swap(other);
    }
}

// Without `ranking` the metrics of the order of the rows stay unknown, and nothing needs to be sorted.
inline Metrics measure(const std::vector<float>& logits, const std::vector<float>& labels, bool ranking = true) {
    Metrics m = unknown_metrics();
    const std::size_t rows = logits.size();
    if (rows == 0) return m;
    std::vector<std::uint32_t> positives, negatives;
    double hits = 0.0, alarms = 0.0;  // at probability 0.5
    for (std::size_t i = 0; i < rows; ++i) {
        const bool predicted = logits[i] > 0.0f;
        if (labels[i] > 0.5f) {
            positives.push_back(sortable(logits[i]));
            hits += predicted;
        } else {
            negatives.push_back(sortable(logits[i]));
            alarms += predicted;
        }
    }
    const auto p = static_cast<double>(positives.size()), n = static_cast<double>(negatives.size());
    m[metric_loss] = plain_loss(logits.data(), labels.data(), static_cast<int>(rows)) / static_cast<double>(rows);
    m[metric_accuracy] = (hits + n - alarms) / static_cast<double>(rows);
    m[metric_precision] = hits + alarms > 0.0 ? hits / (hits + alarms) : 0.0;
    if (p == 0.0) return m;
    m[metric_recall] = hits / p;
    m[metric_f1] = 2.0 * hits / (p + hits + alarms);
    if (!ranking) return m;
    sort_keys(positives);
    sort_keys(negatives);
    // From the highest score down, ties taken together.
    double above_p = 0.0, above_n = 0.0, pairs = 0.0, precision_sum = 0.0;
    auto i = positives.size(), j = negatives.size();
    while (i > 0 || j > 0) {
        const std::uint32_t key = std::max(i > 0 ? positives[i - 1] : 0u, j > 0 ? negatives[j - 1] : 0u);
        double tied_p = 0.0, tied_n = 0.0;
        for (; i > 0 && positives[i - 1] == key; --i) ++tied_p;
        for (; j > 0 && negatives[j - 1] == key; --j) ++tied_n;
        pairs += tied_n * (above_p + 0.5 * tied_p);
        above_p += tied_p;
        above_n += tied_n;
        precision_sum += tied_p * above_p / (above_p + above_n);
    }
    m[metric_average_precision] = precision_sum / p;
    if (n > 0.0) m[metric_roc_auc] = pairs / (p * n);
    return m;
}

}  // namespace steelyard
