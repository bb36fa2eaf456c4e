// Random numbers that are a function of what they are for, not of when they are drawn: Philox4x32-10
// (Salmon et al. 2011) keyed by the seed of the run. So a run is the same with any number of threads.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "simd.hpp"

namespace steelyard {

enum class Purpose : std::uint32_t { weights = 1, order = 2, dropout = 3 };

namespace philox {
inline constexpr std::uint32_t multiplier0 = 0xD2511F53u, multiplier1 = 0xCD9E8D57u;
inline constexpr std::uint32_t weyl0 = 0x9E3779B9u, weyl1 = 0xBB67AE85u;
inline constexpr int rounds = 10;
}  // namespace philox

using Block = std::array<std::uint32_t, 4>;

inline Block random_block(std::uint64_t seed, Block counter) {
    auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < philox::rounds; ++round) {
        const std::uint64_t product0 = std::uint64_t{philox::multiplier0} * counter[0];
        const std::uint64_t product1 = std::uint64_t{philox::multiplier1} * counter[2];
        counter = {static_cast<std::uint32_t>(product1 >> 32) ^ counter[1] ^ key0, static_cast<std::uint32_t>(product1),
                   static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key1,
                   static_cast<std::uint32_t>(product0)};
        key0 += philox::weyl0;
        key1 += philox::weyl1;
    }
    return counter;
}

// `lanes` consecutive blocks at once: lane j holds the block whose first counter word is first + j.
inline std::array<UintVec, 4> random_blocks(std::uint64_t seed, std::uint32_t first, const Block& rest) {
    auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
#if defined(__AVX512F__)
    // Eight blocks per register, one word in the low half of each 64 bits: the product of two words then
    // holds its own two halves, and what is left in the upper half of a word does no harm.
    const __m512i m0 = _mm512_set1_epi64(philox::multiplier0), m1 = _mm512_set1_epi64(philox::multiplier1);
    const __m512i index = _mm512_set_epi64(7, 6, 5, 4, 3, 2, 1, 0);
    __m512i words[2][4];
    for (int half = 0; half < 2; ++half) {
        words[half][0] = _mm512_add_epi64(index, _mm512_set1_epi64(std::int64_t{first} + 8 * half));
        for (int w = 1; w < 4; ++w) words[half][w] = _mm512_set1_epi64(rest[static_cast<std::size_t>(w)]);
    }
#pragma GCC unroll 10
    for (int round = 0; round < philox::rounds; ++round) {
        const __m512i k0 = _mm512_set1_epi64(key0), k1 = _mm512_set1_epi64(key1);
#pragma GCC unroll 2
        for (int half = 0; half < 2; ++half) {
            __m512i* c = words[half];
            const __m512i product0 = _mm512_mul_epu32(c[0], m0), product1 = _mm512_mul_epu32(c[2], m1);
            c[0] = _mm512_ternarylogic_epi64(_mm512_srli_epi64(product1, 32), c[1], k0, 0x96);  // exclusive or of three
            c[1] = product1;
            c[2] = _mm512_ternarylogic_epi64(_mm512_srli_epi64(product0, 32), c[3], k1, 0x96);
            c[3] = product0;
        }
        key0 += philox::weyl0;
        key1 += philox::weyl1;
    }
    std::array<UintVec, 4> blocks;
    for (int w = 0; w < 4; ++w)
        blocks[static_cast<std::size_t>(w)] = (UintVec)_mm512_inserti64x4(
            _mm512_castsi256_si512(_mm512_cvtepi64_epi32(words[0][w])), _mm512_cvtepi64_epi32(words[1][w]), 1);
    return blocks;
#else
    UintVec c0, c1 = rest[1] - UintVec{}, c2 = rest[2] - UintVec{}, c3 = rest[3] - UintVec{};
    for (int i = 0; i < lanes; ++i) c0[i] = first + static_cast<std::uint32_t>(i);
    const auto multiply = [](UintVec a, std::uint32_t multiplier, UintVec& high, UintVec& low) {
#if defined(__AVX2__)
        const __m256i m = _mm256_set1_epi32(static_cast<int>(multiplier)), x = (__m256i)a;
        const __m256i even = _mm256_mul_epu32(x, m), odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), m);
        high = (UintVec)_mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
        low = (UintVec)_mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
#else
        for (int i = 0; i < lanes; ++i) {
            const std::uint64_t product = std::uint64_t{a[i]} * multiplier;
            high[i] = static_cast<std::uint32_t>(product >> 32);
            low[i] = static_cast<std::uint32_t>(product);
        }
#endif
    };
    for (int round = 0; round < philox::rounds; ++round) {
        UintVec high0, low0, high1, low1;
        multiply(c0, philox::multiplier0, high0, low0);
        multiply(c2, philox::multiplier1, high1, low1);
        c0 = high1 ^ c1 ^ key0;
        c1 = low1;
        c2 = high0 ^ c3 ^ key1;
        c3 = low0;
        key0 += philox::weyl0;
        key1 += philox::weyl1;
    }
    return {c0, c1, c2, c3};
#endif
}

// Draws for one tensor of initial weights.
class WeightStream {
  public:
    WeightStream(std::uint64_t seed, std::uint32_t tensor) : seed_(seed), tensor_(tensor) {}

    double uniform() {  // in (0, 1)
        if (used_ == 2) {
            block_ = random_block(seed_, {next_++, 0, tensor_, static_cast<std::uint32_t>(Purpose::weights)});
            used_ = 0;
        }
        const std::uint64_t word = (std::uint64_t{block_[2 * used_]} << 32) | block_[2 * used_ + 1];
        ++used_;
        return (static_cast<double>(word >> 12) + 0.5) * 0x1p-52;
    }
    double normal() {  // Box & Muller 1958
        const double radius = std::sqrt(-2.0 * std::log(uniform()));
        return radius * std::cos(6.283185307179586 * uniform());
    }
    double truncated_normal() {  // within two standard deviations
        for (;;) {
            const double z = normal();
            if (std::fabs(z) < 2.0) return z;
        }
    }

  private:
    std::uint64_t seed_;
    std::uint32_t tensor_, next_ = 0;
    int used_ = 2;
    Block block_{};
};

// Puts the rows of an epoch into their order (Fisher & Yates). Draw d takes half of block d / 2. Draws are
// made some dozens ahead, so that the rows they choose are on their way from memory when they are swapped.
inline void shuffle(std::uint64_t seed, std::uint32_t epoch, std::vector<std::uint32_t>& rows) {
    constexpr std::size_t ahead = 2 * lanes;
    const Block rest{0, epoch, 0, static_cast<std::uint32_t>(Purpose::order)};
    std::size_t chosen[ahead];
    const std::size_t draws = rows.empty() ? 0 : rows.size() - 1;
    for (std::size_t first = 0; first < draws; first += ahead) {
        const auto blocks = random_blocks(seed, static_cast<std::uint32_t>(first / 2), rest);
        const std::size_t count = std::min(ahead, draws - first);
        for (std::size_t d = 0; d < count; ++d) {
            const std::size_t lane = d / 2, half = d % 2 * 2;
            const std::uint64_t word = (std::uint64_t{blocks[half][lane]} << 32) | blocks[half + 1][lane];
            chosen[d] =
                static_cast<std::size_t>((static_cast<unsigned __int128>(word) * (rows.size() - first - d)) >> 64);
            __builtin_prefetch(&rows[chosen[d]], 1);
        }
        for (std::size_t d = 0; d < count; ++d) std::swap(rows[rows.size() - 1 - first - d], rows[chosen[d]]);
    }
}

// Dropout: element e = row * width8 + unit (width8: units rounded up to 8) of a layer's mask is decided
// by 16 bits. Elements 128 s + 16 h + j (h < 8, j < 16) take the h-th half word of the block whose first
// counter word is 16 s + j: so vectors of neighbours come out of vectors of blocks, whatever their width.
class DropoutMask {
  public:
    DropoutMask(std::uint64_t seed, std::uint32_t layer, std::uint32_t step, double rate)
        : seed_(seed),
          rest_{0, step, layer, static_cast<std::uint32_t>(Purpose::dropout)},
          threshold_(static_cast<std::uint32_t>(std::lround(rate * 65536.0))),
          scale_(static_cast<float>(1.0 / (1.0 - rate))) {}

    // Factors (0 or 1 / (1 - rate)) of rows [first_row, last_row) x units; row i starts at out + (i - first_row)
    // * stride. Only the first min(units, stride) of a row are wanted; padding beyond width8 stays as it is.
    void fill(float* out, int first_row, int last_row, int units, int stride) const {
        const int width = (units + 7) / 8 * 8;
        const auto first = static_cast<std::uint32_t>(first_row) * static_cast<std::uint32_t>(width);
        const auto last = static_cast<std::uint32_t>(last_row) * static_cast<std::uint32_t>(width);
        float* row = out;
        int unit = 0;
        for (std::uint32_t super = first / 128; super * 128 < last; ++super) {
            alignas(64) float factors[128];
            superblock(super, factors);
            const std::uint32_t begin = std::max(first, super * 128), end = std::min(last, super * 128 + 128);
            for (std::uint32_t e = begin; e < end; e += 8) {
                if (unit + 8 <= stride)
                    std::memcpy(row + unit, factors + e % 128, 8 * sizeof(float));
                else if (unit + 4 <= stride)
                    std::memcpy(row + unit, factors + e % 128, 4 * sizeof(float));
                unit += 8;
                if (unit == width) {
                    unit = 0;
                    row += stride;
                }
            }
        }
    }

    float factor(int row, int unit, int units) const {
        const auto element = static_cast<std::uint32_t>(row) * static_cast<std::uint32_t>((units + 7) / 8 * 8) +
                             static_cast<std::uint32_t>(unit);
        const std::uint32_t half = element / 16 % 8;
        Block counter = rest_;
        counter[0] = element / 128 * 16 + element % 16;
        const std::uint32_t word = random_block(seed_, counter)[half / 2];
        return (half % 2 ? word >> 16 : word & 0xffffu) < threshold_ ? 0.0f : scale_;
    }

  private:
    void superblock(std::uint32_t super, float* factors) const {
        for (int part = 0; part < 16; part += lanes) {
            const auto words = random_blocks(seed_, super * 16 + static_cast<std::uint32_t>(part), rest_);
            for (int h = 0; h < 8; ++h) {
                const UintVec word = words[static_cast<std::size_t>(h / 2)];
                const UintVec half = h % 2 ? word >> 16 : word & 0xffffu;
                store(factors + 16 * h + part, half < threshold_ - UintVec{} ? splat(0.0f) : splat(scale_));
            }
        }
    }

    std::uint64_t seed_;
    Block rest_;
    std::uint32_t threshold_;
    float scale_;
};

}  // namespace steelyard
