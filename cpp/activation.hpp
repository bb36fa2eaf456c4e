// Activations and their slopes, over whole buffers (a multiple of `lanes` floats).
#pragma once

#include <limits>

#include "elementary.hpp"

namespace steelyard {

enum class Activation { linear, relu, leaky_relu, elu, selu, gelu, silu, mish, tanh, sigmoid, softplus };

namespace activation {

// Klambauer et al. 2017
inline constexpr float selu_scale = 1.05070098735548049342f, selu_alpha = 1.67326324235437728481f;

// Calls visit(value, slope): value(z) is the activation, slope(z, a) its derivative, a = value(z).
template <class Visit>
inline void choose(Activation kind, float negative_slope, const Visit& visit) {
    const Vec zero = {}, one = splat(1.0f);
    switch (kind) {
        case Activation::linear:
            return visit([](Vec z) { return z; }, [=](Vec, Vec) { return one; });
        case Activation::relu:
            return visit([=](Vec z) { return at_least(z, zero); }, [=](Vec, Vec a) { return a > zero ? one : zero; });
        case Activation::leaky_relu: {
            const Vec below = splat(negative_slope);
            return visit([=](Vec z) { return z < zero ? z * below : z; },
                         [=](Vec z, Vec) { return z > zero ? one : below; });
        }
        case Activation::elu:
            return visit([=](Vec z) { return z < zero ? exponential_minus_one(z) : z; },
                         [=](Vec, Vec a) { return a < zero ? a + one : one; });
        case Activation::selu:
            return visit([=](Vec z) { return (z < zero ? exponential_minus_one(z) * selu_alpha : z) * selu_scale; },
                         [=](Vec, Vec a) { return a < zero ? a + selu_scale * selu_alpha : splat(selu_scale); });
        case Activation::gelu:
            return visit([](Vec z) { return z * normal_cdf(z); },
                         [](Vec z, Vec) { return normal_cdf(z) + z * normal_density(z); });
        case Activation::silu:
            return visit([](Vec z) { return z * logistic(z); },
                         [=](Vec z, Vec) {
                             const Vec s = logistic(z);
                             return s * (one + z * (one - s));
                         });
        case Activation::mish: {
            // tanh(softplus(z)) = (e^2 + 2 e) / (e^2 + 2 e + 2) with e = exp(z); beyond 20 it is 1.
            const auto gate = [](Vec z) {
                const Vec e = exponential(at_most(z, splat(20.0f)));
                const Vec n = e * (e + 2.0f);
                return n / (n + 2.0f);
            };
            return visit([=](Vec z) { return z * gate(z); },
                         [=](Vec z, Vec) {
                             const Vec g = gate(z);
                             return g + z * (one - g * g) * logistic(z);
                         });
        }
        case Activation::tanh:
            return visit([](Vec z) { return hyperbolic_tangent(z); }, [=](Vec, Vec a) { return one - a * a; });
        case Activation::sigmoid:
            return visit([](Vec z) { return logistic(z); }, [=](Vec, Vec a) { return a * (one - a); });
        case Activation::softplus:
            return visit([](Vec z) { return soft_plus(z); }, [](Vec z, Vec) { return logistic(z); });
    }
}

inline void forward(Activation kind, float negative_slope, const float* z, float* a, std::size_t size) {
    choose(kind, negative_slope, [&](auto value, auto) {
        for (std::size_t i = 0; i < size; i += lanes) store(a + i, value(load(z + i)));
    });
}

// gradient *= slope
inline void backward(Activation kind, float negative_slope, const float* z, const float* a, float* gradient,
                     std::size_t size) {
    if (kind == Activation::linear) return;
    choose(kind, negative_slope, [&](auto, auto slope) {
        for (std::size_t i = 0; i < size; i += lanes)
            store(gradient + i, load(gradient + i) * slope(load(z + i), load(a + i)));
    });
}

// The steepest slope of a bounded activation; NaN for one that is not bounded on both sides.
inline float steepest_slope(Activation kind) {
    switch (kind) {
        case Activation::tanh:
            return 1.0f;
        case Activation::sigmoid:
            return 0.25f;
        default:
            return std::numeric_limits<float>::quiet_NaN();
    }
}

}  // namespace activation
}  // namespace steelyard
