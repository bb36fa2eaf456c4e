// Losses of one batch: value and derivative with respect to each logit.
#pragma once

#include <algorithm>
#include <cmath>

#include "elementary.hpp"
#include "job.hpp"

namespace steelyard {

// Binary focal cross-entropy (Lin et al. 2017) of one row; y may be smoothed.
inline double focal(const LossSpec& spec, double z, double y, double& slope) {
    const double p = 1.0 / (1.0 + std::exp(-z));
    const double crossentropy = std::max(z, 0.0) + std::log1p(std::exp(-std::fabs(z))) - y * z;
    const double miss = std::max(y * (1.0 - p) + (1.0 - y) * p, 1e-7);  // 1 - probability of the true label
    const double miss_slope = (1.0 - 2.0 * y) * p * (1.0 - p);
    const double gamma = spec.gamma;
    const double weight = spec.alpha < 0.0f ? 1.0 : y * spec.alpha + (1.0 - y) * (1.0 - spec.alpha);
    const double factor = std::pow(miss, gamma);
    slope = weight * (factor * (p - y) + gamma * factor / miss * miss_slope * crossentropy);
    return weight * factor * crossentropy;
}

// Sum of the losses of `rows` rows, and slopes[i] = d(mean loss)/d(logit i). Buffers are padded; the
// slopes of the padding become zero. weights are those of class and row together.
inline double loss_and_slopes(const LossSpec& spec, const float* logits, const float* labels, const float* weights,
                              int rows, float* slopes) {
    const float per_row = 1.0f / static_cast<float>(rows);
    double total = 0.0;
    if (spec.kind == LossSpec::Kind::focal) {
        for (int i = 0; i < rows; ++i) {
            const double y = labels[i] * (1.0 - spec.smoothing) + 0.5 * spec.smoothing;
            double slope = 0.0;
            total += static_cast<double>(weights[i]) * focal(spec, logits[i], y, slope);
            slopes[i] = static_cast<float>(slope) * weights[i] * per_row;
        }
        std::fill(slopes + rows, slopes + padded(rows), 0.0f);
        return total;
    }
    Vec sums = {};
    for (int i = 0; i < rows; i += lanes) {
        const Vec z = load(logits + i) + spec.logit_offset;
        const Vec y = load(labels + i) * (1.0f - spec.smoothing) + 0.5f * spec.smoothing;
        const Vec w = load(weights + i);  // zero in the padding
        sums += w * (soft_plus(z) - y * z);
        store(slopes + i, w * (logistic(z) - y) * per_row);
    }
    return static_cast<double>(sum(sums));
}

// Sum of the plain cross-entropies: no weights, no smoothing.
inline double plain_loss(const float* logits, const float* labels, int rows) {
    double total = 0.0;
    int i = 0;
    for (; i + lanes <= rows; i += lanes) {
        const Vec z = load(logits + i);
        total += static_cast<double>(sum(soft_plus(z) - load(labels + i) * z));
    }
    for (; i < rows; ++i) {
        const Vec z = splat(logits[i]);
        total += static_cast<double>((soft_plus(z) - labels[i] * z)[0]);
    }
    return total;
}

}  // namespace steelyard
