// What the machine can do, for benchmarks to compare with.
#pragma once

#include <algorithm>
#include <chrono>

#include "gemm.hpp"
#include "parameters.hpp"

namespace steelyard {

// GFLOP/s of independent fused multiply-adds in registers, the most this core can do.
inline double fma_peak(double seconds) {
    constexpr int chains = 12;
    Vec sums[chains];
    // Different starts, and loops unrolled to the end, or the compiler merges chains or leaves the registers.
#pragma GCC unroll 12
    for (int c = 0; c < chains; ++c) sums[c] = splat(0.1f * static_cast<float>(c));
    const Vec a = splat(0.999f), b = splat(1e-3f);
    double operations = 0.0, elapsed = 0.0;
    const auto began = std::chrono::steady_clock::now();
    do {
        for (int i = 0; i < 100000; ++i) {
#pragma GCC unroll 12
            for (int c = 0; c < chains; ++c) sums[c] = sums[c] * a + b;
        }
        operations += 2.0 * lanes * chains * 100000.0;
        elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    } while (elapsed < seconds);
    Vec keep = {};
#pragma GCC unroll 12
    for (int c = 0; c < chains; ++c) keep += sums[c];
    return sum(keep) > -1e30f ? operations / elapsed * 1e-9 : 0.0;
}

// GFLOP/s (of unpadded work) of C[m x n] = A[m x k] B[k x n].
inline double gemm_benchmark(int m, int n, int k, double seconds) {
    const int stride = padded(n), a_stride = padded(k);
    Buffer a(static_cast<std::size_t>(m * a_stride)), b(static_cast<std::size_t>(k * stride)),
        c(static_cast<std::size_t>(m * stride));
    std::fill_n(a.data(), a.size(), 0.5f);
    std::fill_n(b.data(), b.size(), 0.25f);
    Team team(1);
    double operations = 0.0, elapsed = 0.0;
    const auto began = std::chrono::steady_clock::now();
    do {
        for (int i = 0; i < 200; ++i) {
            multiply({m, stride / lanes, k, {a.data(), a_stride, 1}, b.data(), stride, c.data(), stride}, team);
            __asm__ volatile("" ::"r"(c.data()) : "memory");
        }
        operations += 200.0 * 2.0 * m * n * k;
        elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    } while (elapsed < seconds);
    return operations / elapsed * 1e-9;
}

}  // namespace steelyard
