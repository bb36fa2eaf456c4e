// Elementary functions on vectors, accurate to a few units in the last place of a float.
#pragma once

#include "simd.hpp"

namespace steelyard {

// exp(x) = 2^n exp(r) with |r| <= ln(2)/2 and Taylor's polynomial of degree 7 (its remainder is 5e-9).
inline Vec exponential(Vec x) {
    x = at_most(at_least(x, splat(-87.0f)), splat(88.0f));
    const Vec magic = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer in the low bits
    const Vec shifted = x * 1.44269504088896341f + magic;
    const Vec n = shifted - magic;
    const Vec r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    Vec p = splat(1.0f / 5040.0f);
    p = p * r + 1.0f / 720.0f;
    p = p * r + 1.0f / 120.0f;
    p = p * r + 1.0f / 24.0f;
    p = p * r + 1.0f / 6.0f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    const IntVec exponent = (bits(shifted) - bits(magic)) << 23;
    return from_bits(bits(p) + exponent);
}

// exp(x) - 1 without cancellation near zero.
inline Vec exponential_minus_one(Vec x) {
    Vec p = splat(1.0f / 5040.0f);
    p = p * x + 1.0f / 720.0f;
    p = p * x + 1.0f / 120.0f;
    p = p * x + 1.0f / 24.0f;
    p = p * x + 1.0f / 6.0f;
    p = p * x + 0.5f;
    p = p * x + 1.0f;
    return magnitude(x) < splat(0.25f) ? p * x : exponential(x) - 1.0f;
}

// log(1 + t) for 0 <= t <= 1, by the series of 2 artanh(t / (2 + t)).
inline Vec log_one_plus(Vec t) {
    const Vec s = t / (t + 2.0f);
    const Vec q = s * s;
    Vec p = splat(2.0f / 15.0f);
    p = p * q + 2.0f / 13.0f;
    p = p * q + 2.0f / 11.0f;
    p = p * q + 2.0f / 9.0f;
    p = p * q + 2.0f / 7.0f;
    p = p * q + 2.0f / 5.0f;
    p = p * q + 2.0f / 3.0f;
    p = p * q + 2.0f;
    return p * s;
}

inline Vec logistic(Vec x) {
    const Vec e = exponential(-magnitude(x));
    const Vec small = e / (e + 1.0f);
    return x < splat(0.0f) ? small : 1.0f - small;
}

// log(1 + exp(x))
inline Vec soft_plus(Vec x) { return at_least(x, splat(0.0f)) + log_one_plus(exponential(-magnitude(x))); }

inline Vec hyperbolic_tangent(Vec x) {
    const Vec q = x * x;
    Vec p = splat(62.0f / 2835.0f);
    p = p * q - 17.0f / 315.0f;
    p = p * q + 2.0f / 15.0f;
    p = p * q - 1.0f / 3.0f;
    p = p * q + 1.0f;
    const Vec e = exponential(-2.0f * magnitude(x));
    const Vec far = (1.0f - e) / (1.0f + e);
    return magnitude(x) < splat(0.25f) ? p * x : (x < splat(0.0f) ? -far : far);
}

// The standard normal distribution function, from the error function of Abramowitz & Stegun 7.1.26
// (absolute error below 1.5e-7).
inline Vec normal_cdf(Vec x) {
    const Vec y = magnitude(x) * 0.70710678118654752f;
    const Vec t = 1.0f / (y * 0.3275911f + 1.0f);
    Vec p = splat(1.061405429f);
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    const Vec tail = 0.5f * p * t * exponential(-y * y);
    return x < splat(0.0f) ? tail : 1.0f - tail;
}

inline Vec normal_density(Vec x) { return exponential(x * x * -0.5f) * 0.39894228040143268f; }

}  // namespace steelyard
