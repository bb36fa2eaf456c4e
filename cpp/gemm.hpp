// Products of small matrices, C = start + A B, tiled so that C stays in registers.
//
// An element of C is always summed over k in ascending order with one fused multiply-add each, so
// its bits depend neither on the tile it falls into nor on the thread that computes it.
#pragma once

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "simd.hpp"
#include "team.hpp"

namespace steelyard {

// A(i, k) is data[i * row + k * column]: a transposed matrix is the same numbers read the other way.
struct Operand {
    const float* data;
    std::ptrdiff_t row, column;
};

enum class Start { zero, bias, accumulate };

struct Product {
    int rows, vectors, depth;  // C is rows x (vectors * lanes); the sum runs over depth
    Operand a;
    const float* b;
    std::ptrdiff_t b_stride;
    float* c;
    std::ptrdiff_t c_stride;
    Start start = Start::zero;
    const float* bias = nullptr;  // one row, padded like C, if start is bias
};

namespace gemm {

inline constexpr int widest = registers == 32 ? 5 : 3;  // vectors of C in a tile
inline constexpr int tallest = 8;                       // rows of C in a tile

// Rows of a tile of this width that fit into the registers beside its vectors of B and one of A.
inline constexpr int height(int width) { return std::min(tallest, (registers - 1 - width) / width); }

template <int rows, int width>
inline void tile(int depth, Operand a, const float* b, std::ptrdiff_t b_stride, float* c, std::ptrdiff_t c_stride,
                 Start start, const float* bias) {
    Vec sums[rows][width];
    if (start == Start::accumulate) {
#pragma GCC unroll 8
        for (int i = 0; i < rows; ++i)
#pragma GCC unroll 8
            for (int j = 0; j < width; ++j) sums[i][j] = load(c + i * c_stride + j * lanes);
    } else {
#pragma GCC unroll 8
        for (int j = 0; j < width; ++j) {
            const Vec first = start == Start::bias ? load(bias + j * lanes) : Vec{};
#pragma GCC unroll 8
            for (int i = 0; i < rows; ++i) sums[i][j] = first;
        }
    }
    const float* at = a.data;
    for (int k = 0; k < depth; ++k, at += a.column, b += b_stride) {
        Vec right[width];
#pragma GCC unroll 8
        for (int j = 0; j < width; ++j) right[j] = load(b + j * lanes);
#pragma GCC unroll 8
        for (int i = 0; i < rows; ++i) {
            const Vec left = splat(at[i * a.row]);
#pragma GCC unroll 8
            for (int j = 0; j < width; ++j) sums[i][j] += left * right[j];
        }
    }
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i)
#pragma GCC unroll 8
        for (int j = 0; j < width; ++j) store(c + i * c_stride + j * lanes, sums[i][j]);
}

using Tile = void (*)(int, Operand, const float*, std::ptrdiff_t, float*, std::ptrdiff_t, Start, const float*);

template <int width, int... heights>
constexpr std::array<Tile, sizeof...(heights)> column_of_tiles(std::integer_sequence<int, heights...>) {
    return {tile<heights + 1, width>...};
}
template <int... widths>
constexpr auto table_of_tiles(std::integer_sequence<int, widths...>) {
    return std::array{column_of_tiles<widths + 1>(std::make_integer_sequence<int, tallest>{})...};
}
inline constexpr auto tiles = table_of_tiles(std::make_integer_sequence<int, widest>{});

// Rows [first, last) of one panel of columns.
inline void panel(const Product& p, int first, int last, int column, int width, const float* b, std::ptrdiff_t b_stride) {
    const int full = height(width);
    const float* bias = p.bias == nullptr ? nullptr : p.bias + column * lanes;
    for (int i = first; i < last; i += full) {
        const int rows = std::min(full, last - i);
        const Operand a{p.a.data + i * p.a.row, p.a.row, p.a.column};
        tiles[static_cast<std::size_t>(width - 1)][static_cast<std::size_t>(rows - 1)](
            p.depth, a, b, b_stride, p.c + i * p.c_stride + column * lanes, p.c_stride, p.start, bias);
    }
}

}  // namespace gemm

inline void multiply(const Product& p, Team& team) {
    const int panels = (p.vectors + gemm::widest - 1) / gemm::widest;
    // A task is a panel times a block of rows: enough tasks for every thread, each worth waking one.
    const double work = 2.0 * p.rows * p.depth * p.vectors * lanes;
    const bool shared = team.size() > 1 && work > 1e6;
    const int rows_per_block = shared ? 96 : p.rows;
    const int blocks = std::max(1, (p.rows + rows_per_block - 1) / rows_per_block);
    const auto task = [&](int index) {
        const int which = index / blocks, block = index % blocks;
        const int column = which * p.vectors / panels, width = (which + 1) * p.vectors / panels - column;
        const int first = block * rows_per_block, last = std::min(p.rows, first + rows_per_block);
        const float* b = p.b + column * lanes;
        std::ptrdiff_t b_stride = p.b_stride;
        // A panel that is read many times is copied once, so that it lies in a row in the cache.
        thread_local std::vector<float> packed;
        if (panels > 1 && last - first >= 4 * gemm::height(width) && p.depth >= 32) {
            const std::ptrdiff_t packed_stride = width * lanes;
            packed.resize(static_cast<std::size_t>(p.depth * packed_stride));
            for (int k = 0; k < p.depth; ++k)
                for (int j = 0; j < width; ++j)
                    store(packed.data() + k * packed_stride + j * lanes, load(b + k * b_stride + j * lanes));
            b = packed.data();
            b_stride = packed_stride;
        }
        gemm::panel(p, first, last, column, width, b, b_stride);
    };
    const int tasks = panels * blocks;
    if (shared) {
        team.each(tasks, task);
    } else {
        for (int i = 0; i < tasks; ++i) task(i);
    }
}

// out(j, i) = in(i, j); rows of out are padded with zeros.
inline void transpose(const float* in, int rows, int columns, std::ptrdiff_t in_stride, float* out) {
    const int out_stride = padded(rows);
    for (int j0 = 0; j0 < columns; j0 += 8) {
        const int j1 = std::min(columns, j0 + 8);
        for (int i = 0; i < rows; ++i)
            for (int j = j0; j < j1; ++j) out[static_cast<std::ptrdiff_t>(j) * out_stride + i] = in[i * in_stride + j];
        for (int j = j0; j < j1; ++j)
            std::fill(out + static_cast<std::ptrdiff_t>(j) * out_stride + rows,
                      out + static_cast<std::ptrdiff_t>(j + 1) * out_stride, 0.0f);
    }
}

}  // namespace steelyard
