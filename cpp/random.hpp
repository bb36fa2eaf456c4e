// Random numbers that are a function of what they are for, not of when they are drawn: Philox4x32-10
// (Salmon et al. 2011) keyed by the seed of the run. So a run is the same with any number of threads.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
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
                   static_cast<std::uint32_t>(product0 >> 32) ^ counter[3] ^ key1, static_cast<std::uint32_t>(product0)};
        key0 += philox::weyl0;
        key1 += philox::weyl1;
    }
    return counter;
}

// High and low halves of the 32 x 32 bit products of all lanes with one multiplier.
inline void multiply_wide(UintVec a, std::uint32_t multiplier, UintVec& high, UintVec& low) {
#if defined(__AVX512F__)
    const __m512i m = _mm512_set1_epi32(static_cast<int>(multiplier)), x = (__m512i)a;
    const __m512i even = _mm512_mul_epu32(x, m), odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), m);
    high = (UintVec)_mm512_mask_blend_epi32(0xAAAA, _mm512_srli_epi64(even, 32), odd);
    low = (UintVec)_mm512_mask_blend_epi32(0xAAAA, even, _mm512_slli_epi64(odd, 32));
#elif defined(__AVX2__)
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
}

// `lanes` consecutive blocks at once: lane j holds the block whose first counter word is first + j.
inline std::array<UintVec, 4> random_blocks(std::uint64_t seed, std::uint32_t first, const Block& rest) {
    UintVec c0, c1 = rest[1] - UintVec{}, c2 = rest[2] - UintVec{}, c3 = rest[3] - UintVec{};
    for (int i = 0; i < lanes; ++i) c0[i] = first + static_cast<std::uint32_t>(i);
    auto key0 = static_cast<std::uint32_t>(seed), key1 = static_cast<std::uint32_t>(seed >> 32);
#pragma GCC unroll 10
    for (int round = 0; round < philox::rounds; ++round) {
        UintVec high0, low0, high1, low1;
        multiply_wide(c0, philox::multiplier0, high0, low0);
        multiply_wide(c2, philox::multiplier1, high1, low1);
        c0 = high1 ^ c1 ^ key0;
        c1 = low1;
        c2 = high0 ^ c3 ^ key1;
        c3 = low0;
        key0 += philox::weyl0;
        key1 += philox::weyl1;
    }
    return {c0, c1, c2, c3};
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

// Puts the rows of an epoch into their order (Fisher & Yates).
inline void shuffle(std::uint64_t seed, std::uint32_t epoch, std::vector<std::uint32_t>& rows) {
    Block block{};
    for (std::size_t i = rows.size(); i > 1; --i) {
        const auto draw = static_cast<std::uint32_t>(rows.size() - i);
        if (draw % 2 == 0) block = random_block(seed, {draw / 2, epoch, 0, static_cast<std::uint32_t>(Purpose::order)});
        const std::uint64_t word = (std::uint64_t{block[draw % 2 * 2]} << 32) | block[draw % 2 * 2 + 1];
        const auto chosen = static_cast<std::size_t>((static_cast<unsigned __int128>(word) * i) >> 64);
        std::swap(rows[i - 1], rows[chosen]);
    }
}

// Dropout: element e = row * width16 + unit (width16: units rounded up to 16) of a layer's mask is
// decided by 16 bits. Elements 128 s + 16 h + j, h < 8, share the block with first counter word
// 16 s + j and take its h-th half word: so vectors of neighbours come out of vectors of blocks,
// whatever their width.
class DropoutMask {
   public:
    DropoutMask(std::uint64_t seed, std::uint32_t layer, std::uint32_t step, double rate)
        : seed_(seed),
          rest_{0, step, layer, static_cast<std::uint32_t>(Purpose::dropout)},
          threshold_(static_cast<std::uint32_t>(std::lround(rate * 65536.0))),
          scale_(static_cast<float>(1.0 / (1.0 - rate))) {}

    // Factors (0 or 1 / (1 - rate)) of rows [first_row, last_row) x units into out, rows `stride` apart.
    void fill(float* out, int first_row, int last_row, int units, int stride) const {
        const int groups_per_row = (units + 15) / 16;
        const int first = first_row * groups_per_row, last = last_row * groups_per_row;
        for (int part = 0; part < std::min(16, stride); part += lanes) {
            std::array<UintVec, 4> words;
            float* row = out;
            int unit = part;
            for (int group = first; group < last; ++group) {
                if (group % 8 == 0 || group == first)
                    words = random_blocks(seed_, static_cast<std::uint32_t>(group / 8 * 16 + part), rest_);
                if (unit < stride) {
                    const UintVec word = words[static_cast<std::size_t>(group % 8 / 2)];
                    const UintVec half = group % 2 ? word >> 16 : word & 0xffffu;
                    store(row + unit, half < threshold_ - UintVec{} ? splat(0.0f) : splat(scale_));
                }
                unit += 16;
                if (unit >= groups_per_row * 16) {
                    unit = part;
                    row += stride;
                }
            }
        }
    }
    float factor(int row, int unit, int units) const {
        const auto element = static_cast<std::uint32_t>(row) * static_cast<std::uint32_t>((units + 15) / 16 * 16) +
                             static_cast<std::uint32_t>(unit);
        const std::uint32_t half = element / 16 % 8;
        Block counter = rest_;
        counter[0] = element / 128 * 16 + element % 16;
        const std::uint32_t word = random_block(seed_, counter)[half / 2];
        return (half % 2 ? word >> 16 : word & 0xffffu) < threshold_ ? 0.0f : scale_;
    }

   private:
    std::uint64_t seed_;
    Block rest_;
    std::uint32_t threshold_;
    float scale_;
};

}  // namespace steelyard
