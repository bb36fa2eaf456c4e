// Batch normalisation of one layer (Ioffe & Szegedy 2015), with Keras' moving averages: both the
// variance of the batch and the one that is kept are the biased ones.
#pragma once

#include "simd.hpp"

namespace steelyard {

struct Normalisation {
    const float *gamma, *beta;             // null: 1 and 0
    float *moving_mean, *moving_variance;  // updated in training
    float momentum, epsilon;
    float* normalised;  // rows x stride, kept for the way back
    float* inverse;     // 1 / standard deviation per unit, likewise

    void forward(const float* in, float* out, int rows, int stride, bool training) const {
        const float share = 1.0f / static_cast<float>(rows);
        for (int j = 0; j < stride; j += lanes) {
            Vec mean = load(moving_mean + j), variance = load(moving_variance + j);
            if (training) {
                Vec total = {}, squares = {};
                for (int i = 0; i < rows; ++i) total += load(in + static_cast<std::ptrdiff_t>(i) * stride + j);
                const Vec batch_mean = total * share;
                for (int i = 0; i < rows; ++i) {
                    const Vec d = load(in + static_cast<std::ptrdiff_t>(i) * stride + j) - batch_mean;
                    squares += d * d;
                }
                const Vec batch_variance = squares * share;
                store(moving_mean + j, mean * momentum + batch_mean * (1.0f - momentum));
                store(moving_variance + j, variance * momentum + batch_variance * (1.0f - momentum));
                mean = batch_mean;
                variance = batch_variance;
            }
            const Vec scale = 1.0f / square_root(variance + epsilon);
            store(inverse + j, scale);
            const Vec g = gamma != nullptr ? load(gamma + j) : splat(1.0f);
            const Vec b = beta != nullptr ? load(beta + j) : Vec{};
            for (int i = 0; i < rows; ++i) {
                const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i) * stride + j;
                const Vec x = (load(in + at) - mean) * scale;
                store(normalised + at, x);
                store(out + at, x * g + b);
            }
        }
    }

    // flow: d(loss)/d(out), becomes d(loss)/d(in). Gradients are written where they are wanted.
    void backward(float* flow, float* gamma_gradient, float* beta_gradient, int rows, int stride, bool training) const {
        const float share = 1.0f / static_cast<float>(rows);
        for (int j = 0; j < stride; j += lanes) {
            Vec sums = {}, products = {};
            for (int i = 0; i < rows; ++i) {
                const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i) * stride + j;
                sums += load(flow + at);
                products += load(flow + at) * load(normalised + at);
            }
            if (gamma_gradient != nullptr) store(gamma_gradient + j, products);
            if (beta_gradient != nullptr) store(beta_gradient + j, sums);
            const Vec factor = (gamma != nullptr ? load(gamma + j) : splat(1.0f)) * load(inverse + j);
            for (int i = 0; i < rows; ++i) {
                const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(i) * stride + j;
                // Moving averages do not depend on the batch; its own mean and variance do.
                const Vec through_batch = training ? (sums + load(normalised + at) * products) * share : Vec{};
                store(flow + at, factor * (load(flow + at) - through_batch));
            }
        }
    }
};

}  // namespace steelyard
