// One vector of floats, as wide as the instruction set this file is compiled for, and the few
// operations the engine needs on it. Arithmetic comes from the compiler's vector extensions; what
// they cannot say (square root, partial loads, conversions) is spelled per instruction set here.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace steelyard {

#if defined(__AVX512F__)
inline constexpr int lanes = 16;
inline constexpr int registers = 32;
#elif defined(__AVX2__)
inline constexpr int lanes = 8;
inline constexpr int registers = 16;
#else
inline constexpr int lanes = 4;
inline constexpr int registers = 16;
#endif

using Vec = float __attribute__((vector_size(lanes * sizeof(float))));
using IntVec = std::int32_t __attribute__((vector_size(lanes * sizeof(float))));
using UintVec = std::uint32_t __attribute__((vector_size(lanes * sizeof(float))));

// Rows of every matrix are padded to whole vectors, at least one; the padding of weights and gradients is zero.
inline int padded(int n) { return n > 0 ? (n + lanes - 1) / lanes * lanes : lanes; }

inline Vec load(const float* p) {
    Vec v;
    std::memcpy(&v, p, sizeof v);
    return v;
}
inline void store(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }
inline Vec splat(float x) { return x - Vec{}; }

// The first n < lanes floats at p, zeros after them; reads nothing beyond them.
inline Vec load_partial(const float* p, int n) {
#if defined(__AVX512F__)
    return (Vec)_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1u), p);
#elif defined(__AVX2__)
    const __m256i index = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return (Vec)_mm256_maskload_ps(p, _mm256_cmpgt_epi32(_mm256_set1_epi32(n), index));
#else
    Vec v = {};
    std::memcpy(&v, p, static_cast<std::size_t>(n) * sizeof(float));
    return v;
#endif
}

inline Vec square_root(Vec v) {
#if defined(__AVX512F__)
    return (Vec)_mm512_sqrt_ps((__m512)v);
#elif defined(__AVX2__)
    return (Vec)_mm256_sqrt_ps((__m256)v);
#elif defined(__SSE2__)
    return (Vec)_mm_sqrt_ps((__m128)v);
#else
    for (int i = 0; i < lanes; ++i) v[i] = std::sqrt(v[i]);
    return v;
#endif
}

inline IntVec bits(Vec v) { return (IntVec)v; }
inline Vec from_bits(IntVec v) { return (Vec)v; }

// Comparisons are written so that a NaN in `a` survives: a diverging network must not look healthy.
inline Vec at_least(Vec a, Vec floor) { return a < floor ? floor : a; }
inline Vec at_most(Vec a, Vec ceiling) { return a > ceiling ? ceiling : a; }
inline Vec magnitude(Vec v) { return from_bits(bits(v) & 0x7fffffff); }

// numerator / (sqrt(v) + epsilon), to about the last bit. Where estimates of inverses exist, one Newton step
// each makes them as good as a division and a square root, which take several times as long.
inline Vec over_root(Vec numerator, Vec v, float epsilon) {
#if defined(__AVX512F__)
    const Vec positive = at_least(v, splat(1e-36f));  // so that the inverse is finite
    Vec inverse = (Vec)_mm512_rsqrt14_ps((__m512)positive);
    inverse = inverse * (1.5f - 0.5f * positive * inverse * inverse);
    const Vec denominator = positive * inverse + epsilon;
    const Vec estimate = (Vec)_mm512_rcp14_ps((__m512)denominator);
    return numerator * (estimate * (2.0f - denominator * estimate));
#else
    return numerator / (square_root(v) + epsilon);
#endif
}

inline float sum(Vec v) {
    float total = 0.0f;
    for (int i = 0; i < lanes; ++i) total += v[i];
    return total;
}

// Denormal numbers are taken for zero on this thread while the object lives: moments of weights
// that get no gradient decay into that range, where arithmetic is a hundred times slower.
class FlushDenormals {
  public:
#if defined(__SSE2__)
    FlushDenormals() : saved_(_mm_getcsr()) { _mm_setcsr(saved_ | 0x8040u); }
    ~FlushDenormals() { _mm_setcsr(saved_); }

  private:
    unsigned saved_;
#elif defined(__aarch64__)
    FlushDenormals() {
        __asm__ volatile("mrs %0, fpcr" : "=r"(saved_));
        __asm__ volatile("msr fpcr, %0" ::"r"(saved_ | (std::uint64_t{1} << 24)));
    }
    ~FlushDenormals() { __asm__ volatile("msr fpcr, %0" ::"r"(saved_)); }

  private:
    std::uint64_t saved_;
#else
    FlushDenormals() {}
#endif
  public:
    FlushDenormals(const FlushDenormals&) = delete;
    FlushDenormals& operator=(const FlushDenormals&) = delete;
};

}  // namespace steelyard
